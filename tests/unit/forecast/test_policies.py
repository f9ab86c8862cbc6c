"""Each policy of a task in a forecast, against what was worked out by hand. Every minute from 09:00, runs of a known length."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.calendars import parse_calendar
from tests.unit.forecast.foreseeing import OWNER, START, at, foresee, starts_of, subject, task

QUIET = [{"from": "09:01", "to": "09:04"}]


def test_without_policies_every_instant_of_the_window_is_a_run_and_its_end_is_none_of_it() -> None:
    made = foresee(subject(task(1), lasts=90))

    assert starts_of(made) == [0, 1, 2, 3, 4]
    assert (made.fires, made.started, made.skipped) == (5, 5, {})
    assert (made.truncated, made.looked_until) == (False, at(5))


def test_skip_leaves_out_the_instants_at_which_a_run_goes_on() -> None:
    made = foresee(subject(task(1, overlap_policy="skip"), lasts=90))

    assert starts_of(made) == [0, 2, 4]
    assert made.skipped == {"overlap": 2}


def test_a_run_that_ends_at_an_instant_is_in_nobodys_way() -> None:
    made = foresee(subject(task(1, overlap_policy="skip"), lasts=60))

    assert starts_of(made) == [0, 1, 2, 3, 4]


def test_queue_one_lets_one_wait_for_its_turn_and_skips_the_others() -> None:
    # Runs go on from 0:00, 2:30, 5:00; the instants at 1:00, 3:00 and 5:00 wait for the next turn.
    made = foresee(subject(task(1, overlap_policy="queue_one"), lasts=150), minutes=6)

    assert starts_of(made) == [0, 1, 3, 5]
    assert made.skipped == {"overlap": 2}
    assert (made.started, made.waiting, made.longest_waiting) == (3, 1, 60)
    assert made.hours[0].longest_wait == 120


def test_queue_one_lets_one_wait_for_its_turn_behind_one_that_waits_for_a_place() -> None:
    blocker = subject(task(1, "2026-03-02T09:00", kind="once", concurrency_key="one"), lasts=1000)
    queued = subject(task(2, overlap_policy="queue_one", concurrency_key="one"))

    made = foresee(blocker, queued)

    assert starts_of(made, 1) == [0, 1]
    assert made.skipped == {"overlap": 3}


def test_queue_one_counts_a_run_whose_start_is_still_to_come_as_waiting() -> None:
    late = subject(task(1, overlap_policy="queue_one"), lasts=70)
    late = replace(late, timing=replace(late.timing, jitter=timedelta(minutes=1), spread=0.5))

    assert starts_of(foresee(late, minutes=4)) == [0.5, 1.5, 2.5, 3.5]
    assert starts_of(foresee(replace(late, lasts=timedelta(seconds=95)), minutes=4)) == [0.5, 1.5, 3.5]


def test_a_turn_that_has_come_does_not_let_a_run_begin_before_its_start() -> None:
    late = subject(task(1, overlap_policy="queue_one"), lasts=50)
    late = replace(late, timing=replace(late.timing, jitter=timedelta(minutes=1), spread=0.5))

    made = foresee(late, minutes=4)

    assert starts_of(made) == [0.5, 1.5, 2.5, 3.5]
    assert (made.started, made.hours[0].longest_wait) == (4, 0)


def test_queue_all_lets_all_wait_for_their_turns() -> None:
    made = foresee(subject(task(1, overlap_policy="queue_all"), lasts=120), minutes=6)

    assert (made.fires, made.started, made.skipped) == (6, 3, {})
    assert (made.waiting, made.longest_waiting) == (3, 180)
    assert made.hours[0].longest_wait == 120


def test_cancel_running_ends_the_earlier_run_which_frees_its_place() -> None:
    long_ones = task(1, overlap_policy="cancel_running", concurrency_key="one")

    made = foresee(subject(long_ones, lasts=1000), slots=1)

    assert (made.fires, made.started, made.canceled) == (5, 5, 4)
    assert made.hours[0].longest_wait == 0
    assert made.collisions == []


def test_a_run_that_was_canceled_does_not_end_once_more() -> None:
    made = foresee(subject(task(1, overlap_policy="cancel_running"), lasts=90), slots=1)

    assert (made.started, made.canceled, made.hours[0].longest_wait) == (5, 4, 0)


def test_cancel_running_also_ends_a_run_that_waits_for_a_slot() -> None:
    blocker = subject(task(1, "2026-03-02T09:00", kind="once", priority=9), lasts=150)

    made = foresee(blocker, subject(task(2, overlap_policy="cancel_running")), slots=1)

    assert (made.started, made.canceled, made.waiting) == (4, 2, 0)
    assert made.hours[0].longest_wait == 30


def test_cancel_running_also_ends_a_run_that_waits_for_the_end_of_quiet_hours() -> None:
    made = foresee(subject(task(1, quiet_hours=QUIET, overlap_policy="cancel_running")))

    assert (made.fires, made.started, made.canceled) == (3, 2, 1)


def test_cancel_running_also_ends_a_run_that_waits_for_a_place() -> None:
    blocker = subject(task(1, "2026-03-02T09:00", kind="once", priority=9, concurrency_key="one"), lasts=1000)
    replaced = subject(task(2, overlap_policy="cancel_running", concurrency_key="one"))

    made = foresee(blocker, replaced)

    assert (made.fires, made.started, made.canceled, made.waiting) == (6, 1, 4, 1)
    assert made.longest_waiting == 60


def test_the_first_instant_in_quiet_hours_waits_for_their_end_and_the_others_are_left_out() -> None:
    made = foresee(subject(task(1, quiet_hours=QUIET)), minutes=6)

    assert starts_of(made) == [0, 4, 4, 5]
    assert made.skipped == {"blackout": 2}


def test_a_run_that_was_deferred_before_the_window_is_not_known_to_it() -> None:
    deferred = task(1, quiet_hours=QUIET, deferred_to=at(4))

    assert starts_of(foresee(subject(deferred), minutes=6)) == [0, 4, 4, 5]
    assert deferred.deferred_to == at(4)


def test_quiet_hours_hold_no_run_when_the_one_that_would_have_waited_was_skipped() -> None:
    # The run of 9:00 goes on until 9:02:30: only the instant of 9:03 can wait for 9:04.
    made = foresee(subject(task(1, quiet_hours=QUIET, overlap_policy="skip"), lasts=150), minutes=4)

    assert starts_of(made) == [0]
    assert made.fires == 2
    assert made.skipped == {"overlap": 2}


def test_jitter_moves_the_start_and_not_the_instant() -> None:
    jittered = subject(task(1, "PT1H"))
    jittered = replace(jittered, timing=replace(jittered.timing, jitter=timedelta(minutes=10), spread=0.5))

    made = foresee(jittered, minutes=120)

    assert starts_of(made) == [5, 65]
    assert [hour.fires for hour in made.hours] == [1, 1]


def test_a_calendar_takes_its_days_out_and_says_why() -> None:
    daily = subject(task(1, "30 9 * * *", kind="cron"))
    holiday = parse_calendar({"dates": ["2026-03-03"]}, fetched={}, others=lambda _: pytest.fail("no others"))
    daily = replace(daily, timing=replace(daily.timing, calendar=holiday))

    made = foresee(daily, minutes=3 * 24 * 60)

    assert starts_of(made) == [30, 30 + 2 * 24 * 60]
    assert made.skipped == {"holiday": 1}


def test_count_ends_a_series() -> None:
    rule = task(1, "FREQ=MINUTELY;COUNT=3", kind="rrule", dtstart="2026-03-02T09:00:00")

    assert starts_of(foresee(subject(rule))) == [0, 1, 2]


def test_max_occurrences_counts_from_the_tasks_cursor_on() -> None:
    given_two = task(1, "PT1M", max_occurrences=5, occurrences=2, due_at=at(-1))

    made = foresee(subject(given_two))

    assert starts_of(made) == [0, 1]
    assert given_two.occurrences == 2


def test_runs_that_overlap_do_not_count_as_occurrences() -> None:
    made = foresee(subject(task(1, max_occurrences=2, overlap_policy="skip"), lasts=90))

    assert starts_of(made) == [0, 2]


def test_an_owners_day_has_so_many_runs_of_all_its_tasks() -> None:
    others = task(3, created_by_id=task(9).pk)

    made = foresee(subject(task(1)), subject(task(2)), subject(others), minutes=3, runs_per_day={OWNER: 3})

    assert [len(starts_of(made, number)) for number in range(3)] == [2, 1, 3]
    assert made.skipped == {"budget": 3}


def test_a_new_day_has_its_own_budget() -> None:
    made = foresee(subject(task(1, "PT1H")), minutes=24 * 60, runs_per_day={OWNER: 2})

    assert starts_of(made) == [0, 60, 15 * 60, 16 * 60]


def test_a_run_under_the_same_dedupe_key_is_left_out_within_its_window() -> None:
    first, second = (task(number, dedupe_key="same", dedupe_window_seconds=120) for number in (1, 2))

    made = foresee(subject(first), subject(second))

    assert (starts_of(made, 0), starts_of(made, 1)) == ([0, 2, 4], [])
    assert made.skipped == {"deduplicated": 7}


EVERY = st.sampled_from(["PT7S", "PT1M", "PT13M", "PT1H", "P1D"]).map(lambda expr: ("interval", expr))
CRON = st.sampled_from(["*/7 * * * *", "0 3 * * *", "30 2 29 * *", "15 */5 * * 1-5"]).map(lambda expr: ("cron", expr))
RULES = st.sampled_from(["FREQ=MINUTELY;INTERVAL=11", "FREQ=DAILY;BYHOUR=2,14;BYMINUTE=30"]).map(
    lambda expr: ("rrule", expr)
)


@settings(max_examples=25, deadline=None)
@given(
    schedules=st.lists(st.one_of(EVERY, CRON, RULES), min_size=1, max_size=5),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    begins=st.integers(0, 40 * 24 * 60),
    jitter=st.sampled_from([0, 30, 4000]),
    lasts=st.sampled_from([1, 100, 5000]),
)
def test_what_allow_fires_is_what_the_schedules_stream_gives(
    schedules: list[tuple[str, str]], zone: str, begins: int, jitter: int, lasts: float
) -> None:
    tasks = [
        task(number, expr, kind=kind, timezone=zone, jitter_seconds=jitter)
        for number, (kind, expr) in enumerate(schedules)
    ]
    start = START + timedelta(minutes=begins)
    subjects = [subject(each, lasts=lasts) for each in tasks]

    made = foresee(*subjects, minutes=300, start=start, slots=3)

    end = start + timedelta(minutes=300)
    for number, each in enumerate(subjects):
        expected = []
        for occurrence in each.timing.after(start - timedelta(microseconds=1)):
            if occurrence.at >= end:
                break
            if occurrence.start < end:
                expected.append((occurrence.start - made.base) // timedelta(seconds=1))
        assert list(made.starts.get(number, ())) == expected
