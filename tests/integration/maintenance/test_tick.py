"""A tick turns the instants that have come into runs, and accounts for those that do not become one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tasks_app.events import wakeup
from tasks_app.maintenance import tick
from tasks_app.models import Run, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tasks_app.planning import advance
from tasks_app.planning.decide import Plan, decide
from tasks_app.planning.timing import timing_of
from tests.making import events_of, make_run, make_task, the_event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

MINUTE = timedelta(minutes=1)


def every_minute(**fields: Any) -> Task:
    """An interval task that is due since the start of the current minute."""
    this_minute = database_now().replace(second=0, microsecond=0)
    return make_task(**{"schedule_kind": "interval", "schedule_expr": "PT1M", "next_run_at": this_minute} | fields)


def instants(task: Task) -> list[datetime | None]:
    return list(Run.objects.filter(task=task).order_by("scheduled_for").values_list("scheduled_for", flat=True))


def reasons(task: Task) -> list[str]:
    return list(SkippedOccurrence.objects.filter(task=task).order_by("scheduled_for").values_list("reason", flat=True))


def test_an_instant_that_has_come_becomes_a_run_and_the_cursor_moves_on() -> None:
    task = every_minute(priority=8)
    instant = task.next_run_at
    not_yet = every_minute(next_run_at=database_now() + timedelta(hours=1))

    assert tick.run_once() == {"tasks": 1, "runs": 1, "skipped": 0, "more": False}

    run = Run.objects.get()
    assert (run.task, run.scheduled_for, run.run_at) == (task, instant, instant)
    assert (run.state, run.priority, run.trigger, run.task_version) == ("queued", 8, "schedule", 1)
    task.refresh_from_db()
    assert instant is not None
    assert task.next_run_at == instant + MINUTE
    assert events_of(run) == ["run.queued"]
    assert instants(not_yet) == []


def test_a_second_tick_finds_nothing_more() -> None:
    every_minute()
    tick.run_once()

    assert tick.run_once() == {"tasks": 0, "runs": 0, "skipped": 0, "more": False}


def test_after_an_outage_the_newest_instant_runs_and_the_older_ones_are_coalesced() -> None:
    task = every_minute()
    newest = task.next_run_at
    assert newest is not None
    Task.objects.update(due_at=newest - 3 * MINUTE)

    tick.run_once()

    assert instants(task) == [newest]
    assert reasons(task) == ["coalesced"] * 3
    assert events_of(task) == ["occurrence.skipped"]


def test_instants_older_than_the_catch_up_window_are_misfired() -> None:
    task = every_minute(schedule_kind="cron", schedule_expr="0 12 * * *")
    Task.objects.update(due_at=datetime(2026, 1, 1, 12, tzinfo=UTC))

    tick.run_once()

    assert set(reasons(task)) == {"misfired"}
    assert len(instants(task)) == 1


def test_a_long_outage_is_worked_off_in_rounds_and_every_instant_is_accounted_for() -> None:
    task = every_minute()
    newest = task.next_run_at
    assert newest is not None
    Task.objects.update(due_at=newest - 2500 * MINUTE)

    rounds = 1
    while tick.run_once()["more"]:
        rounds += 1

    assert rounds == 3
    assert instants(task) == [newest]
    assert SkippedOccurrence.objects.filter(task=task).count() == 2500


def test_instants_of_a_paused_task_go_into_the_ledger() -> None:
    task = every_minute(status="paused")

    tick.run_once()

    assert instants(task) == []
    assert reasons(task) == ["paused"]
    task.refresh_from_db()
    assert task.next_run_at is not None


def test_a_schedule_that_has_no_further_instant_completes_its_task() -> None:
    moment = database_now() - timedelta(seconds=1)
    task = every_minute(schedule_kind="once", schedule_expr=moment.isoformat(), next_run_at=moment)

    tick.run_once()

    task.refresh_from_db()
    assert (task.status, task.next_run_at) == ("completed", None)
    assert events_of(task) == ["task.completed"]
    assert instants(task) == [moment]


def test_an_instant_that_has_its_run_already_gets_no_second_one() -> None:
    task = every_minute()
    make_run(task, scheduled_for=task.next_run_at)

    assert tick.run_once()["runs"] == 0
    assert len(instants(task)) == 1


def test_a_task_whose_schedule_makes_no_sense_any_more_is_paused_and_stops_nobody() -> None:
    broken = every_minute(timezone="Mars/Olympus_Mons")
    sound = every_minute()

    tick.run_once()

    broken.refresh_from_db()
    assert (broken.status, broken.next_run_at) == ("paused", None)
    assert events_of(broken) == ["task.paused"]
    assert len(instants(sound)) == 1


def test_a_schedule_that_breaks_in_an_unforeseen_way_stops_nobody_either(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = every_minute(schedule_expr="PT7M"), every_minute()
    decide = advance.decide

    def fragile(task: Task, *more: Any, **others: Any) -> Plan:
        if task == broken:
            raise RecursionError("no end")
        return decide(task, *more, **others)

    monkeypatch.setattr(advance, "decide", fragile)
    tick.run_once()

    broken.refresh_from_db()
    assert (broken.status, broken.next_run_at) == ("paused", None)
    assert the_event(aggregate_id=broken.pk).data == {"reason": "no end"}
    assert len(instants(sound)) == 1


@pytest.mark.parametrize(
    ("zone", "autumn"),
    [
        ("Europe/Berlin", datetime(2025, 10, 25, 23, tzinfo=UTC)),
        ("America/New_York", datetime(2025, 11, 2, 4, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2025, 4, 5, 12, tzinfo=UTC)),
    ],
)
def test_both_instants_of_an_hour_that_the_clocks_repeat_are_accounted_for(zone: str, autumn: datetime) -> None:
    task = every_minute(schedule_expr="PT30M", timezone=zone, dtstart="2025-01-01T00:00:00", next_run_at=autumn)
    now = autumn + timedelta(hours=6)

    planned = decide(task, timing_of(task), now=now)

    skipped = [skip.at for skip in planned.skips]
    fired = [fire.at for fire in planned.fires]
    assert fired == [now]
    assert skipped + fired == [autumn + n * timedelta(minutes=30) for n in range(13)]
    assert planned.next_run_at == now + timedelta(minutes=30)


def test_an_instant_that_is_in_the_ledger_already_stops_nobody() -> None:
    task = every_minute(status="paused")
    SkippedOccurrence.objects.create(task=task, scheduled_for=task.next_run_at, reason="coalesced")

    assert tick.run_once()["tasks"] == 1

    assert reasons(task) == ["coalesced"]


def test_a_worker_is_woken_for_runs_and_for_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(wakeup, "send", lambda: woken.append(Run.objects.count()))

    tick.run_once()
    every_minute(status="paused")
    tick.run_once()
    assert woken == []

    every_minute()
    tick.run_once()
    assert woken == [1]


def test_a_full_batch_asks_for_another_round() -> None:
    for _ in range(3):
        every_minute()

    assert tick.run_once(batch=2)["more"] is True
    assert tick.run_once(batch=2)["more"] is False
    assert Run.objects.count() == 3


def test_a_tick_after_an_outage_ends_its_transaction_before_it_grows_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advance, "INSTANTS_A_TRANSACTION", 5)
    tasks = [every_minute() for _ in range(3)]
    newest = tasks[0].next_run_at
    assert newest is not None
    Task.objects.update(due_at=newest - 2 * MINUTE)

    first = tick.run_once()

    assert (first["runs"], first["skipped"], first["more"]) == (2, 4, True)
    assert tick.run_once()["runs"] == 1
