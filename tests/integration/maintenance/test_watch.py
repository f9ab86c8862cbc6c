"""Conditions are looked at, and one that becomes true gives its run."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pipelines import Tool
from tasks_app import catalogue
from tasks_app.conf import conf
from tasks_app.exceptions import IllegalMove, InvalidRequest
from tasks_app.maintenance import tick, watch
from tasks_app.models import Agent, Run, SkippedOccurrence, Task
from tasks_app.models.clock import as_text, database_now
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tests.making import events_of, make_agent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

MINUTE = timedelta(minutes=1)
NOOP = {"pipeline": [{"uses": "noop"}]}


class Thermometer:
    """A tool whose answers a test sets; an exception is raised."""

    def __init__(self) -> None:
        self.says: Any = 20
        self.calls = 0

    def __call__(self, _given: Any, _call: Any) -> Any:
        self.calls += 1
        if isinstance(self.says, BaseException):
            raise self.says
        return {"degrees": self.says}


@pytest.fixture
def thermometer(monkeypatch: pytest.MonkeyPatch) -> Thermometer:
    made = Thermometer()
    known = catalogue.catalogue().with_tools(Tool("thermometer", made))
    monkeypatch.setattr(catalogue, "_builtin", lambda _allow: known)
    return made


def condition(owner: Agent | None = None, **fields: Any) -> Task:
    wanted = {
        "title": "Heat",
        "schedule_kind": "condition",
        "schedule_expr": "probe.degrees > params.limit",
        "probe": {"uses": "thermometer"},
        "payload": NOOP | {"params": {"limit": 25}},
    }
    return tasks.create_task(owner or make_agent(), actor=SYSTEM, **(wanted | fields))


def again(task: Task) -> dict[str, int]:
    """Let its next look have come, and look."""
    Task.objects.filter(pk=task.pk, due_at__isnull=False).update(due_at=database_now())
    return watch.run_once()


def ledger(task: Task) -> list[str]:
    return list(SkippedOccurrence.objects.filter(task=task).values_list("reason", flat=True))


def test_a_new_condition_is_looked_at_once_and_then_after_its_time(thermometer: Thermometer) -> None:
    task = condition(poll_seconds=30)
    created = task.due_at
    assert created is not None
    assert (task.status, task.next_run_at) == ("active", None)

    assert watch.run_once() == {"looks": 1, "settled": 1, "runs": 0, "more": False}
    assert watch.run_once() == {"looks": 0, "settled": 0, "runs": 0, "more": False}

    task.refresh_from_db()
    assert (task.condition_met, task.condition_error, task.status) == (False, None, "active")
    assert task.due_at == created + timedelta(seconds=30)


def test_becoming_true_gives_one_run_with_what_the_probe_answered(thermometer: Thermometer) -> None:
    task = condition(priority=9)
    watch.run_once()
    thermometer.says = 28

    assert again(task)["runs"] == 1
    assert again(task)["runs"] == 0

    run = Run.objects.get()
    assert (run.task, run.trigger, run.state, run.priority) == (task, "condition", "queued", 9)
    assert run.input == {"probe": {"degrees": 28}}
    task.refresh_from_db()
    assert (task.condition_met, task.occurrences, task.condition_fired_at) == (True, 1, run.scheduled_for)


def test_each_time_that_it_becomes_true_again_gives_another_run(thermometer: Thermometer) -> None:
    task = condition()

    for thermometer.says in (20, 28, 29, 20, 28):
        again(task)

    assert Run.objects.count() == 2


def test_true_at_the_first_look_counts_as_having_become_true(thermometer: Thermometer) -> None:
    thermometer.says = 28
    condition()

    assert watch.run_once()["runs"] == 1


def test_a_probe_that_fails_changes_nothing_and_is_shown_and_told_once(
    thermometer: Thermometer, caplog: pytest.LogCaptureFixture
) -> None:
    task = condition()
    thermometer.says = 28
    again(task)
    caplog.set_level(logging.INFO, logger=watch.__name__)

    thermometer.says = OSError("no signal \0")
    again(task)
    again(task)

    task.refresh_from_db()
    assert task.condition_met is True
    assert task.condition_error["code"] == "tool_unreachable"
    assert task.condition_error["message"] == "thermometer raised OSError: no signal \ufffd"
    assert task.due_at is not None
    assert task.condition_error["at"] == as_text(task.due_at - MINUTE)
    thermometer.says = 28
    again(task)
    task.refresh_from_db()
    assert (task.condition_met, task.condition_error, Run.objects.count()) == (True, None, 1)
    assert [record.getMessage().split(": ")[0].split(" of ")[-1] for record in caplog.records] == [
        "'Heat' cannot be told",
        "'Heat' can be told again",
    ]


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
def test_a_tool_that_would_end_the_process_breaks_its_own_look_alone(
    thermometer: Thermometer, error: BaseException
) -> None:
    thermometer.says = error
    task = condition()

    assert watch.run_once()["settled"] == 1

    task.refresh_from_db()
    assert task.condition_error["code"] == "internal_error"


def test_a_condition_that_no_longer_makes_sense_is_shown_as_such(thermometer: Thermometer) -> None:
    task, other = condition(), condition()
    Task.objects.filter(pk=task.pk).update(probe={"uses": "gone"})
    Task.objects.filter(pk=other.pk).update(timezone="Mars/Olympus_Mons")

    assert watch.run_once()["settled"] == 2

    task.refresh_from_db()
    other.refresh_from_db()
    assert task.condition_error["code"] == "invalid_condition"
    assert other.condition_error["code"] == "internal_error"


def test_an_edge_too_soon_after_its_last_run_goes_into_the_ledger(thermometer: Thermometer) -> None:
    task = condition(cooldown_seconds=600)

    for thermometer.says in (28, 20, 28):
        again(task)
    assert (Run.objects.count(), ledger(task)) == (1, ["cooldown"])
    assert events_of(task)[-1] == "occurrence.skipped"

    Task.objects.update(condition_fired_at=database_now() - timedelta(seconds=601))
    for thermometer.says in (20, 28):
        again(task)
    assert Run.objects.count() == 2


def test_a_paused_condition_is_not_looked_at_and_resuming_looks_afresh(thermometer: Thermometer) -> None:
    task = condition()
    thermometer.says = 28
    again(task)

    paused = tasks.pause(task, actor=SYSTEM)
    assert (paused.condition_met, paused.due_at) == (None, None)
    assert watch.run_once()["looks"] == 0

    tasks.resume(task, actor=SYSTEM)
    assert watch.run_once() == {"looks": 1, "settled": 1, "runs": 1, "more": False}
    assert ledger(task) == []


def test_a_change_to_a_paused_condition_is_not_looked_at_either(thermometer: Thermometer) -> None:
    task = tasks.pause(condition(), actor=SYSTEM)

    tasks.update_task(task, actor=SYSTEM, changes={"poll_seconds": 5})

    assert watch.run_once()["looks"] == 0
    tasks.resume(task, actor=SYSTEM)
    assert watch.run_once()["looks"] == 1


def test_a_change_or_a_pause_before_a_look_that_has_come_ends_nothing(thermometer: Thermometer) -> None:
    task = condition()

    tasks.update_task(task, actor=SYSTEM, changes={"poll_seconds": 5})
    tasks.pause(task, actor=SYSTEM)
    tasks.update_task(task, actor=SYSTEM, changes={"poll_seconds": 6})
    tasks.resume(task, actor=SYSTEM)

    assert events_of(task) == ["task.created", "task.updated", "task.paused", "task.updated", "task.resumed"]


@pytest.mark.parametrize(
    ("changes", "runs"),
    [
        ({"schedule_expr": "probe.degrees > 26"}, 1),
        ({"probe": {"uses": "thermometer", "timeout_seconds": 5}}, 1),
        ({"poll_seconds": 5}, 0),
        ({"title": "Hot"}, 0),
    ],
)
def test_another_condition_is_looked_at_afresh(thermometer: Thermometer, changes: dict[str, Any], runs: int) -> None:
    task = condition()
    thermometer.says = 28
    again(task)

    tasks.update_task(task, actor=SYSTEM, changes=changes)

    assert again(task)["runs"] == runs


def test_the_last_of_max_occurrences_completes_the_task(thermometer: Thermometer) -> None:
    task = condition(max_occurrences=1)
    thermometer.says = 28

    again(task)

    task.refresh_from_db()
    assert (task.status, task.due_at, Run.objects.count()) == ("completed", None, 1)
    assert watch.run_once()["looks"] == 0


def test_the_first_look_waits_for_starts_at(thermometer: Thermometer) -> None:
    task = condition(starts_at=database_now() + MINUTE)

    assert task.due_at == task.starts_at
    assert watch.run_once()["looks"] == 0


def test_a_look_after_ends_at_completes_the_task_instead(thermometer: Thermometer) -> None:
    task = condition(ends_at=database_now() + MINUTE)
    Task.objects.update(ends_at=database_now() - MINUTE)

    assert watch.run_once()["looks"] == 0

    task.refresh_from_db()
    assert (task.status, thermometer.calls) == ("completed", 0)


def test_a_task_that_listens_is_completed_by_the_tick_at_ends_at() -> None:
    task = tasks.create_task(
        make_agent(),
        actor=SYSTEM,
        title="Until then",
        schedule_kind="event",
        schedule_expr="a.*",
        payload=NOOP,
        ends_at=database_now() + MINUTE,
    )
    assert task.due_at == task.ends_at
    assert tick.run_once()["tasks"] == 0

    past = database_now() - MINUTE
    Task.objects.update(ends_at=past, due_at=past)
    assert tick.run_once()["tasks"] == 1
    task.refresh_from_db()
    assert (task.status, events_of(task)[-1]) == ("completed", "task.completed")


def test_the_tick_leaves_conditions_alone(thermometer: Thermometer) -> None:
    condition()

    assert tick.run_once()["tasks"] == 0


def test_the_expression_knows_what_became_of_the_task(thermometer: Thermometer) -> None:
    task = condition(schedule_expr="task.occurrences == 0 and task.title == 'Heat' and task.last_status == null")

    assert again(task)["runs"] == 1
    again(task)

    task.refresh_from_db()
    assert task.condition_met is False


def test_looks_that_were_missed_are_not_made_up_for(thermometer: Thermometer) -> None:
    task = condition(poll_seconds=60)
    hours_ago = database_now() - timedelta(hours=3)
    Task.objects.update(due_at=hours_ago)
    thermometer.says = 28

    assert watch.run_once()["looks"] == 1

    run = Run.objects.get()
    assert run.scheduled_for is not None
    assert timedelta() <= database_now() - run.scheduled_for < MINUTE + timedelta(seconds=5)
    assert (run.scheduled_for - hours_ago) % MINUTE == timedelta()
    task.refresh_from_db()
    assert task.due_at == run.scheduled_for + MINUTE


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch, thermometer: Thermometer) -> Iterator[threading.Event]:
    """A tool `hanging` that answers only when the event is set."""
    release = threading.Event()
    known = catalogue.catalogue().with_tools(Tool("hanging", lambda _given, _call: release.wait(20)))
    monkeypatch.setattr(catalogue, "_builtin", lambda _allow: known)
    monkeypatch.setattr(watch, "PATIENCE", 0.2)
    yield release
    release.set()


def test_a_probe_that_hangs_holds_up_no_other(hanging: threading.Event, thermometer: Thermometer) -> None:
    stuck = condition(probe={"uses": "hanging"}, schedule_expr="probe")
    quick = condition()
    thermometer.says = 28

    assert watch.run_once() == {"looks": 2, "settled": 1, "runs": 1, "more": False}
    thermometer.says = 20
    assert again(quick) == {"looks": 1, "settled": 1, "runs": 0, "more": False}

    hanging.set()
    until_settled(lambda: Run.objects.filter(task=stuck).exists())


def test_no_more_looks_are_under_way_than_there_are_threads(
    hanging: threading.Event, settings: Any, thermometer: Thermometer
) -> None:
    settings.ORDINAUT = replace(conf(), watch_threads=2)
    for _ in range(3):
        condition(probe={"uses": "hanging"}, schedule_expr="probe")

    assert watch.run_once() == {"looks": 2, "settled": 0, "runs": 0, "more": True}
    assert watch.run_once() == {"looks": 0, "settled": 0, "runs": 0, "more": False}

    hanging.set()
    until_settled(lambda: Run.objects.count() == 3)


def until_settled(condition: Callable[[], bool]) -> None:
    for _ in range(50):
        watch.run_once()
        if condition():
            return
    pytest.fail("the look was never settled")


def test_what_was_seen_of_a_task_that_was_changed_meanwhile_counts_no_more(
    hanging: threading.Event, thermometer: Thermometer
) -> None:
    task = condition(probe={"uses": "hanging"}, schedule_expr="probe")
    watch.run_once()

    tasks.pause(task, actor=SYSTEM)
    hanging.set()
    until_settled(lambda: not watch._watch._under_way)

    assert not Run.objects.exists()
    with pytest.raises(IllegalMove):
        tasks.pause(tasks.cancel(task, actor=SYSTEM), actor=SYSTEM)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"schedule_expr": ""}, "/schedule_expr"),
        ({"schedule_expr": "(("}, "/schedule_expr"),
        ({"probe": None}, "/schedule_expr"),
        ({"probe": {"uses": "no.such"}}, "/probe/uses"),
        ({"poll_seconds": 4}, "/poll_seconds"),
        ({"poll_seconds": 86_401}, "/poll_seconds"),
        ({"cooldown_seconds": 31_622_401}, "/cooldown_seconds"),
        ({"calendar_policy": "previous_business_day"}, "/calendar_policy"),
        ({"payload": {}}, "/payload/pipeline"),
    ],
)
def test_what_is_wrong_with_a_condition_is_named(
    thermometer: Thermometer, fields: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        condition(**fields)

    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_the_condition_of_a_simulated_task_calls_no_probe(thermometer: Thermometer) -> None:
    task = condition(mode="simulate", schedule_expr="probe")
    Task.objects.update(due_at=database_now())

    watch.run_once()

    assert thermometer.calls == 0
    assert not Run.objects.filter(task=task, simulated=False).exists()
