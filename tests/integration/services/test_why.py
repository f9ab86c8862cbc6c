"""What became of an instant is told from what was written down, and what will from what the ticks will find."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tasks_app.exceptions import InvalidRequest
from tasks_app.models import Calendar, Run, SkippedOccurrence, Task
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tasks_app.services.why import why
from tests.making import claim_one, make_agent, make_run, make_task
from tests.unit.schedules.moments import local

pytestmark = pytest.mark.django_db
LAST = timezone.now().replace(microsecond=0) - timedelta(minutes=20)
PAYLOAD = {"pipeline": [{"id": "one", "uses": "noop"}]}
NIGHTLY = {
    "schedule_kind": "rrule",
    "schedule_expr": "FREQ=DAILY;BYHOUR=3;BYMINUTE=30",
    "timezone": "Europe/Chisinau",
    "dtstart": "2026-01-01T00:00:00",
}


def created(**fields: Any) -> Task:
    return tasks.create_task(make_agent(), actor=SYSTEM, title="A task", payload=PAYLOAD, **fields)


def hourly(**fields: Any) -> Task:
    """A task that has been there for two days and was planned up to now."""
    now = timezone.now()
    values = {
        "schedule_kind": "interval",
        "schedule_expr": "PT1H",
        "dtstart": f"{LAST - timedelta(days=200):%Y-%m-%dT%H:%M:%S}",
        "next_run_at": hours_ago(-1),
        "created_at": now - timedelta(days=2),
        "planned_until": now,
    }
    return make_task(**(values | fields))


def hours_ago(number: int) -> datetime:
    """An instant of `hourly()`; the last that has come is the one of 0 hours ago."""
    return LAST - timedelta(hours=number)


def test_an_instant_that_ran_tells_its_run() -> None:
    task = hourly()
    run = make_run(task, trigger="schedule", scheduled_for=hours_ago(1))
    claim_one()

    answer = why(task, hours_ago(1)).answer

    assert (answer.outcome, answer.run, answer.skipped, answer.reason) == ("fired", run, None, None)
    assert answer.sentence.startswith(f"It became run {run.pk}, which is running; it began at ")
    assert answer.sentence.endswith(" s after its time.")


def test_an_instant_whose_run_has_not_begun_tells_so() -> None:
    task = hourly()
    run = make_run(task, trigger="schedule", scheduled_for=hours_ago(1))

    assert why(task, hours_ago(1)).answer.sentence == f"It became run {run.pk}, which waits for a worker."


def test_an_instant_that_made_no_run_tells_its_reason() -> None:
    task = hourly()
    row = SkippedOccurrence.objects.create(
        task=task, scheduled_for=hours_ago(1), reason="holiday", detail="Labour Day."
    )

    answer = why(task, hours_ago(1)).answer

    assert (answer.outcome, answer.reason, answer.skipped, answer.run) == ("skipped", "holiday", row, None)
    assert answer.sentence == "It made no run: it fell on a day off by the task's calendar (Labour Day)."


def test_an_instant_that_was_skipped_and_made_up_for_tells_both() -> None:
    task = hourly()
    SkippedOccurrence.objects.create(task=task, scheduled_for=hours_ago(1), reason="misfired")
    run = make_run(task, trigger="backfill", scheduled_for=hours_ago(1))

    answer = why(task, hours_ago(1)).answer

    assert (answer.outcome, answer.reason, answer.run) == ("fired", "misfired", run)
    assert "At its time it made no run: it was missed" in answer.sentence
    assert f"A backfill made run {run.pk}" in answer.sentence


def test_what_is_written_down_counts_even_where_the_schedule_is_another_now() -> None:
    task = hourly()
    odd = hours_ago(1) + timedelta(minutes=7)
    make_run(task, trigger="schedule", scheduled_for=odd)

    assert why(task, odd).answer.outcome == "fired"


def test_an_instant_to_come_tells_when_it_begins() -> None:
    task = created(**NIGHTLY)

    found = why(task, local("2027-03-28T04:30"))

    answer = found.answer
    assert (answer.outcome, answer.at, answer.starts_at) == ("will_fire", answer.at, answer.at)
    assert answer.local.isoformat() == "2027-03-28T04:30:00+03:00"
    assert [note.code for note in answer.notes] == ["gap_moved"]
    assert answer.sentence == (
        "It will become a run. 03:30 does not exist on 2027-03-28: the clocks go from 03:00 to 04:00; moved to 04:30."
    )
    assert found.clock is None


def test_a_local_time_that_does_not_exist_is_answered_for_the_instant_it_becomes() -> None:
    found = why(created(**NIGHTLY), local("2027-03-28T03:30"))

    assert found.clock == (
        "03:30 does not exist on 2027-03-28 in Europe/Chisinau: the clocks go from 03:00 to 04:00. "
        "By the task's policy it becomes 04:30."
    )
    assert (found.answer.outcome, found.answer.local.isoformat()) == ("will_fire", "2027-03-28T04:30:00+03:00")


def test_a_local_time_that_is_skipped_is_answered_for_the_instant_of_its_ledger_row() -> None:
    found = why(created(**NIGHTLY, dst_policy="skip"), local("2027-03-28T03:30"))

    assert (found.answer.outcome, found.answer.reason) == ("will_not_fire", "dst_gap")
    assert found.clock == "03:30 does not exist on 2027-03-28 in Europe/Chisinau: the clocks go from 03:00 to 04:00."


@pytest.mark.parametrize(
    ("policy", "first", "others"),
    [
        ("", ("first", "will_fire"), ["not_an_instant"]),
        ("second", ("second", "will_fire"), ["not_an_instant"]),
        ("both", ("first", "will_fire"), ["will_fire"]),
    ],
)
def test_a_local_time_that_happens_twice_is_answered_for_both(
    policy: str, first: tuple[str, str], others: list[str]
) -> None:
    found = why(created(**NIGHTLY, dst_policy=policy), local("2027-10-31T03:30"))

    assert found.clock is not None
    assert found.clock.endswith(f"This is the {first[0]} of the two.")
    assert found.answer.outcome == first[1]
    assert [other.outcome for other in found.others] == others


def test_jitter_overlap_and_quiet_hours_are_told_of_what_will_come() -> None:
    task = created(**NIGHTLY, overlap_policy="skip", quiet_hours=[{"from": "03:00", "to": "06:00"}])

    answer = why(task, local("2027-05-01T03:30")).answer

    assert answer.starts_at == datetime(2027, 5, 1, 3, tzinfo=UTC)
    assert answer.sentence == (
        "It will become a run, which begins at 2027-05-01 03:00:00 UTC. "
        "If an earlier run still goes on then, the overlap policy decides."
    )


def test_of_two_in_quiet_hours_the_second_will_not_fire() -> None:
    quiet = [{"from": "03:00", "to": "06:00"}]
    task = created(**NIGHTLY | {"schedule_expr": "FREQ=DAILY;BYHOUR=3,4;BYMINUTE=30"}, quiet_hours=quiet)

    answer = why(task, local("2027-05-01T04:30")).answer

    assert (answer.outcome, answer.reason) == ("will_not_fire", "blackout")
    assert [note.code for note in answer.notes] == ["blackout"]


def test_a_day_off_to_come_will_not_fire() -> None:
    calendar = Calendar.objects.create(name="off", created_by=make_agent(), definition={"dates": ["2027-05-01"]})
    task = created(**NIGHTLY, calendar=calendar)

    answer = why(task, local("2027-05-01T03:30")).answer

    assert (answer.outcome, answer.reason) == ("will_not_fire", "holiday")
    assert "day off" in answer.sentence


@pytest.mark.parametrize("verb", ["pause", "cancel"])
def test_a_task_that_is_stopped_will_not_fire(verb: str) -> None:
    task = getattr(tasks, verb)(created(**NIGHTLY), actor=SYSTEM)

    answer = why(task, local("2027-05-01T03:30")).answer

    assert (answer.outcome, answer.reason) == ("will_not_fire", {"pause": "paused", "cancel": "canceled"}[verb])


def test_what_comes_after_the_last_run_that_is_granted_will_not_fire() -> None:
    task = created(schedule_kind="interval", schedule_expr="PT1H", max_occurrences=2)
    assert task.due_at is not None

    outcomes = [why(task, task.due_at + timedelta(hours=number)).answer for number in range(3)]

    assert [(each.outcome, each.reason) for each in outcomes] == [
        ("will_fire", None),
        ("will_fire", None),
        ("will_not_fire", "max_occurrences"),
    ]


def test_what_the_planning_has_gone_past_will_not_fire() -> None:
    task = hourly(next_run_at=hours_ago(-5))

    assert why(task, hours_ago(-2)).answer.reason == "passed_over"
    Task.objects.update(next_run_at=None, due_at=None)
    task.refresh_from_db()
    assert why(task, hours_ago(-2)).answer.reason == "passed_over"


def test_a_far_instant_of_a_limited_task_is_not_counted_up_to() -> None:
    task = created(schedule_kind="interval", schedule_expr="PT1S", max_occurrences=1_000_000)

    assert why(task, timezone.now().replace(microsecond=0) + timedelta(days=9)).answer.outcome == "will_fire"


def test_an_instant_that_has_come_and_was_not_looked_at_is_due() -> None:
    task = hourly(next_run_at=hours_ago(0), planned_until=hours_ago(1))

    answer = why(task, hours_ago(0)).answer

    assert (answer.outcome, answer.sentence) == ("due", "It has come: the next tick decides on it.")


@pytest.mark.parametrize(
    ("fields", "reason", "words"),
    [
        ({"created_at": timezone.now()}, "before_creation", "did not exist yet"),
        ({"created_at": timezone.now() - timedelta(days=90)}, "no_record", "neither a run nor a row"),
        ({"version": 2, "updated_at": timezone.now()}, "changed", "its schedule may have been another"),
        ({"status": "canceled", "next_run_at": None}, "canceled", "the task is canceled"),
        ({"status": "completed", "next_run_at": None}, "completed", "the task is completed"),
    ],
)
def test_a_past_instant_of_which_nothing_is_known_says_what_may_be_the_cause(
    fields: dict[str, Any], reason: str, words: str
) -> None:
    answer = why(hourly(**fields), hours_ago(1)).answer

    assert (answer.outcome, answer.reason) == ("unknown", reason)
    assert words in answer.sentence


def test_what_is_older_than_everything_kept_is_forgotten() -> None:
    answer = why(hourly(created_at=timezone.now() - timedelta(days=90)), hours_ago(24 * 60)).answer

    assert (answer.outcome, answer.reason) == ("unknown", "pruned")
    assert "forgotten after 30 days" in answer.sentence


def test_what_is_no_instant_tells_the_nearest() -> None:
    answer = why(created(**NIGHTLY), local("2027-05-01T12:00")).answer

    assert answer.outcome == "not_an_instant"
    assert answer.before is not None
    assert answer.after is not None
    assert answer.before.local.isoformat() == "2027-05-01T03:30:00+03:00"
    assert answer.after.local.isoformat() == "2027-05-02T03:30:00+03:00"


def test_what_is_no_instant_now_may_have_been_one() -> None:
    new, changed = hourly(created_at=timezone.now()), hourly(version=2, updated_at=timezone.now())
    odd = hours_ago(1) + timedelta(minutes=7)

    assert "was created later" in why(new, odd).answer.sentence
    assert "was changed later" in why(changed, odd).answer.sentence
    assert why(hourly(), odd).answer.sentence == "The task's schedule has no such instant."


def test_what_lies_outside_of_the_bounds_is_no_instant_of_the_task() -> None:
    start, end = datetime(2027, 5, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC)
    task = created(**NIGHTLY, starts_at=start, ends_at=end)

    early = why(task, local("2027-04-30T03:30")).answer
    late = why(task, local("2027-07-01T03:30")).answer

    assert (early.outcome, early.reason, early.before) == ("not_an_instant", "starts_at", None)
    assert early.after is not None
    assert (late.outcome, late.reason, late.after) == ("not_an_instant", "ends_at", None)
    assert late.before is not None
    assert late.before.local.isoformat() == "2027-05-31T03:30:00+03:00"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"schedule_kind": "manual"}, "A manual task has no instants"),
        ({"schedule_kind": "cron", "schedule_expr": "no"}, "cannot be evaluated"),
    ],
)
def test_a_task_without_times_has_no_instant(fields: dict[str, str], words: str) -> None:
    task = make_task(**fields)

    assert words in why(task, local("2027-05-01T12:00")).answer.sentence
    make_run(task, scheduled_for=hours_ago(1))
    assert why(task, hours_ago(1)).answer.outcome == "fired"


def test_a_moment_that_no_schedule_reckons_with_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="years"):
        why(make_task(), local("9999-12-31T23:00"))


def test_an_answer_costs_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    task = created(**NIGHTLY, quiet_hours=[{"from": "03:00", "to": "06:00"}], dedupe_key="same")

    with django_assert_max_num_queries(5):
        why(task, local("2027-05-01T03:30"))
    assert not Run.objects.exists()
