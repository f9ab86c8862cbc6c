"""What is shown before a task is made, and of one that is, is what becomes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from schedules.timing import spread_of
from tasks_app.exceptions import InvalidRequest
from tasks_app.models import Agent, Calendar, Run, SkippedOccurrence, Task
from tasks_app.planning.advance import advance
from tasks_app.services import preview, tasks
from tasks_app.services.actor import SYSTEM
from tests.making import make_agent, make_task

pytestmark = pytest.mark.django_db
PAYLOAD = {"pipeline": [{"id": "one", "uses": "noop"}]}
GOLDEN = {
    "schedule_kind": "rrule",
    "schedule_expr": "FREQ=DAILY;BYHOUR=3;BYMINUTE=30",
    "timezone": "Europe/Chisinau",
    "dtstart": "2026-01-01T00:00:00",
}

HOURLY = {"schedule_kind": "interval", "schedule_expr": "PT1H"}


def created(owner: Agent | None = None, **fields: Any) -> Task:
    return tasks.create_task(owner or make_agent(), actor=SYSTEM, title="A task", payload=PAYLOAD, **fields)


def test_a_draft_shows_the_next_instants_with_what_the_clocks_do_to_them() -> None:
    shown = preview.preview(GOLDEN, count=2, after=datetime(2027, 3, 27, 12, tzinfo=UTC))

    moved, usual = shown.items
    assert moved.local.isoformat() == "2027-03-28T04:30:00+03:00"
    assert [note.code for note in moved.notes] == ["gap_moved"]
    assert "03:30 does not exist on 2027-03-28" in moved.notes[0].text
    assert (usual.local.isoformat(), usual.notes) == ("2027-03-29T03:30:00+03:00", ())
    assert (moved.fires, moved.reason, moved.starts_at) == (True, None, moved.at)
    assert (shown.timezone, shown.ends, shown.cut, shown.left_out) == ("Europe/Chisinau", False, False, 0)
    assert not Task.objects.exists()


def test_a_draft_has_the_faults_that_creating_it_would_have() -> None:
    wrong = GOLDEN | {"schedule_expr": "FREQ=SOMETIMES", "jitter_seconds": 100_000}

    with pytest.raises(InvalidRequest) as of_draft:
        preview.preview(wrong)
    with pytest.raises(InvalidRequest) as of_task:
        created(**wrong)

    assert {fault.pointer for fault in of_draft.value.faults} == {"/schedule_expr", "/jitter_seconds"}
    assert set(of_draft.value.faults) == set(of_task.value.faults)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"schedule_kind": "once", "schedule_expr": "2020-01-01T00:00"}, "/schedule_expr"),
        ({"calendar": "nowhere"}, "/calendar"),
        ({"timezone": "Mars/Olympus"}, "/timezone"),
        ({"schedule_kind": "condition", "schedule_expr": "((("}, "/schedule_expr"),
        ({"starts_at": datetime(9999, 12, 31, 23, 59, tzinfo=UTC)}, "/starts_at"),
        ({"starts_at": datetime(1, 1, 1, tzinfo=UTC)}, "/starts_at"),
        ({"schedule_kind": "once", "schedule_expr": "9999-12-31T23:00Z"}, "/schedule_expr"),
        ({"quiet_hours": {}}, "/quiet_hours"),
    ],
)
def test_a_draft_that_could_never_run_is_refused(fields: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        preview.preview(GOLDEN | fields, seen_by=make_agent())

    assert [fault.pointer for fault in refusal.value.faults] == [pointer]


def test_a_calendar_by_name_needs_somebody_who_sees_it() -> None:
    with pytest.raises(InvalidRequest, match="owner"):
        preview.preview(GOLDEN | {"calendar": "office"})


def test_the_anchor_of_a_draft_is_today_as_it_will_be() -> None:
    fields = {"schedule_kind": "interval", "schedule_expr": "PT7H", "timezone": "Asia/Tokyo"}

    shown = preview.preview(fields, count=3)

    task = created(**fields)
    assert [each.at for each in shown.items] == [each.at for each in preview.occurrences(task, count=3).items]


def test_what_is_late_already_and_wanted_all_the_same_is_shown() -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    once = {"schedule_kind": "once", "schedule_expr": f"{past:%Y-%m-%dT%H:%M:%SZ}", "misfire_policy": "all"}

    shown = preview.preview(once)

    assert [each.at for each in shown.items] == [past.replace(microsecond=0)]
    assert shown.ends


def test_a_draft_says_that_jitter_is_settled_later_and_a_task_says_how_much() -> None:
    fields = GOLDEN | {"jitter_seconds": 600}

    [draft] = preview.preview(fields, count=1).items
    task = created(**fields)
    [saved] = preview.occurrences(task, count=1).items

    assert draft.starts_at == draft.at
    assert draft.notes[-1].text.startswith("Begins up to 600 s later")
    assert saved.starts_at == saved.at + spread_of(task.pk.bytes) * timedelta(seconds=600)
    assert [note.code for note in saved.notes] == ["jitter"]


def test_days_off_between_are_listed_and_many_of_them_are_only_counted() -> None:
    agent = make_agent()
    calendar = Calendar.objects.create(name="office", created_by=agent, definition={"weekends": True})
    fields = {"schedule_kind": "interval", "schedule_expr": "PT10M", "dtstart": "2026-01-01T00:00:00"}
    friday = datetime(2027, 1, 1, 23, 55, tzinfo=UTC)

    shown = preview.preview(fields | {"calendar": "office"}, seen_by=agent, count=1, after=friday)

    *withheld, monday = shown.items
    assert (len(withheld), shown.left_out) == (200, 2 * 144 - 200)
    assert {(each.fires, each.reason) for each in withheld} == {(False, "holiday")}
    assert monday.at == datetime(2027, 1, 4, tzinfo=UTC)
    assert preview.preview(fields | {"calendar": calendar}, count=1, after=friday) == shown


def test_a_search_without_an_end_is_given_up_and_says_so() -> None:
    agent = make_agent()
    never = {"union": [{"weekends": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]}]}
    calendar = Calendar.objects.create(name="never", created_by=agent, definition=never)
    task = make_task(
        schedule_kind="interval",
        schedule_expr="PT1S",
        calendar=calendar,
        next_run_at=datetime.now(UTC) + timedelta(seconds=5),
    )

    shown = preview.occurrences(task, count=1)

    assert (shown.cut, shown.ends, len(shown.items)) == (True, False, 200)


def test_a_task_shows_as_many_as_it_has_left() -> None:
    task = created(**GOLDEN, max_occurrences=3)
    Task.objects.update(occurrences=1)
    task.refresh_from_db()

    shown = preview.occurrences(task)

    assert (len(shown.items), shown.ends) == (2, True)


def test_what_comes_before_a_later_part_uses_up_what_is_left() -> None:
    task = created(**HOURLY, max_occurrences=5)
    assert task.due_at is not None

    shown = preview.occurrences(task, after=task.due_at + timedelta(hours=2))

    assert [each.at for each in shown.items] == [task.due_at + timedelta(hours=number) for number in (3, 4)]
    assert shown.ends


def test_a_paused_task_shows_what_passes() -> None:
    task = tasks.pause(created(**GOLDEN), actor=SYSTEM)

    shown = preview.occurrences(task, count=2)

    assert [(each.fires, each.reason) for each in shown.items] == [(False, "paused")] * 2
    assert shown.sentence.startswith("The task is paused")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "canceled"}, "The task is canceled"),
        ({"status": "completed"}, "The task is completed"),
        ({"schedule_kind": "manual"}, "A manual task has no instants"),
        ({"schedule_kind": "event"}, "An event task has no instants"),
        ({"schedule_kind": "condition"}, "A condition has no instants"),
        ({"schedule_kind": "cron", "schedule_expr": "no"}, "Its schedule cannot be evaluated: "),
    ],
)
def test_a_task_that_has_no_next_instant_says_why(fields: dict[str, str], words: str) -> None:
    shown = preview.occurrences(make_task(**({"schedule_kind": "interval", "schedule_expr": "PT1H"} | fields)))

    assert (shown.items, shown.ends) == ((), True)
    assert shown.sentence.startswith(words)


def test_a_manual_draft_is_no_fault() -> None:
    assert preview.preview({"schedule_kind": "manual"}).sentence.startswith("A manual task")


def test_a_moment_that_no_schedule_reckons_with_is_refused() -> None:
    task = created(**GOLDEN)

    with pytest.raises(InvalidRequest, match="years 1900 to 9899"):
        preview.occurrences(task, after=datetime(9999, 12, 31, tzinfo=UTC))


def test_a_change_is_shown_before_it_is_made() -> None:
    task = created(**GOLDEN, jitter_seconds=60)
    Task.objects.update(status="completed", next_run_at=None, due_at=None)
    task.refresh_from_db()
    changes = {"schedule_expr": "FREQ=DAILY;BYHOUR=5;BYMINUTE=0", "quiet_hours": [{"from": "04:00", "to": "06:00"}]}

    shown = preview.preview(changes, task=task, count=3)

    changed = tasks.update_task(task, actor=SYSTEM, changes=changes)
    assert shown.items == preview.occurrences(changed, count=3).items
    assert task.schedule_expr == GOLDEN["schedule_expr"]


def test_what_is_shown_is_what_the_ticks_make() -> None:
    agent = make_agent()
    Calendar.objects.create(name="office", created_by=agent, definition={"weekends": True})
    task = created(
        agent,
        **GOLDEN | {"schedule_expr": "FREQ=DAILY;BYHOUR=2,3,14,23;BYMINUTE=30", "dst_policy": "skip"},
        calendar="office",
        calendar_policy="next_business_day",
        jitter_seconds=900,
        quiet_hours=[{"from": "23:00", "to": "04:00"}],
        max_occurrences=25,
    )
    shown = preview.occurrences(task, count=100)

    while (task := Task.objects.select_related("calendar").get(pk=task.pk)).due_at:
        _tick(task, at=task.due_at + timedelta(seconds=1))

    fired = [(each.at, each.starts_at) for each in shown.items if each.fires]
    withheld = [(each.at, each.reason) for each in shown.items if not each.fires]
    assert len(fired) == 25
    assert fired == list(Run.objects.order_by("scheduled_for").values_list("scheduled_for", "run_at"))
    rows = SkippedOccurrence.objects.filter(scheduled_for__lte=fired[-1][0]).order_by("scheduled_for")
    assert withheld == list(rows.values_list("scheduled_for", "reason"))
    assert task.status == "completed"


def _tick(task: Task, *, at: datetime) -> None:
    """Tick at a moment to come; what was deferred until then has begun, and ended."""
    Run.objects.filter(run_at__lte=at).update(state="canceled", waiting_for="", finished_at=at)
    with transaction.atomic():
        advance([task], now=at)


def test_a_preview_costs_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    task = created(**GOLDEN, quiet_hours=[{"from": "23:00", "to": "04:00"}], dedupe_key="same")

    with django_assert_max_num_queries(3):
        preview.occurrences(task, count=200)
    with django_assert_max_num_queries(1):
        preview.preview(GOLDEN, count=200)
