"""What becomes of the instants that have come, policy by policy."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.quiet_hours import QuietHours
from schedules.timing import Timing
from schedules.zones import zone
from tasks_app.models import Task
from tasks_app.planning import decide as decide_module
from tasks_app.planning.decide import Plan, decide
from tasks_app.planning.standing import NOTHING, Standing
from tasks_app.states import MisfirePolicy, OverlapPolicy

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def hourly(**fields: Any) -> Task:
    """Due since nine o'clock, every hour."""
    values = {
        "schedule_kind": "cron",
        "schedule_expr": "0 * * * *",
        "timezone": "UTC",
        "dtstart": "2026-01-01T00:00:00",
    }
    return Task(**values | {"due_at": NINE} | fields)


def plan_of(
    task: Task, *, after: timedelta = timedelta(), standing: Standing = NOTHING, budget: int = 10_000, **timing: Any
) -> Plan:
    """What is decided when the task is looked at so long after nine."""
    spent = count()
    made = Timing(schedule=task.schedule, zone=zone("UTC"), **timing)
    return decide(task, made, now=NINE + after, standing=standing, afford=lambda: next(spent) < budget)


def fired(plan: Plan) -> list[int]:
    return [each.at.hour for each in plan.fires]


def skipped(plan: Plan) -> list[tuple[int, str]]:
    return [(each.at.hour, each.reason.value) for each in plan.skips]


def test_an_instant_that_has_come_is_a_run_and_the_next_one_is_looked_at_next() -> None:
    plan = plan_of(hourly())

    assert (fired(plan), skipped(plan)) == ([9], [])
    assert plan.due_at == plan.next_run_at == NINE + HOUR


def test_latest_runs_the_newest_of_the_missed_instants() -> None:
    plan = plan_of(hourly(), after=3 * HOUR)

    assert (fired(plan), skipped(plan)) == ([12], [(9, "coalesced"), (10, "coalesced"), (11, "coalesced")])


def test_latest_runs_nothing_that_is_older_than_the_window() -> None:
    plan = plan_of(hourly(catch_up_window_seconds=1800), after=3 * HOUR + 45 * MINUTE)

    assert (fired(plan), {reason for _, reason in skipped(plan)}) == ([], {"misfired"})


def test_what_is_older_than_the_window_is_misfired_and_what_is_not_is_coalesced() -> None:
    plan = plan_of(hourly(catch_up_window_seconds=7200), after=3 * HOUR)

    assert (fired(plan), skipped(plan)) == ([12], [(9, "misfired"), (10, "coalesced"), (11, "coalesced")])


def test_skip_runs_what_is_on_time_and_nothing_that_was_missed() -> None:
    task = hourly(misfire_policy=MisfirePolicy.SKIP)

    on_time, late = plan_of(task, after=2 * HOUR + MINUTE), plan_of(task, after=2 * HOUR + 2 * MINUTE)

    assert (fired(on_time), skipped(on_time)) == ([11], [(9, "misfired"), (10, "misfired")])
    assert (fired(late), skipped(late)) == ([], [(9, "misfired"), (10, "misfired"), (11, "misfired")])


def test_all_runs_every_missed_instant_oldest_first() -> None:
    plan = plan_of(hourly(misfire_policy=MisfirePolicy.ALL), after=3 * HOUR)

    assert (fired(plan), skipped(plan)) == ([9, 10, 11, 12], [])


def test_all_runs_the_newest_of_more_than_its_limit() -> None:
    plan = plan_of(hourly(misfire_policy=MisfirePolicy.ALL, catch_up_limit=2), after=3 * HOUR)

    assert (fired(plan), skipped(plan)) == ([11, 12], [(9, "coalesced"), (10, "coalesced")])


@pytest.mark.parametrize(("policy", "limit", "fires"), [("latest", 100, 1), ("all", 30, 30), ("all", 1000, 1000)])
def test_more_instants_than_fit_one_round_are_decided_as_if_they_did(policy: str, limit: int, fires: int) -> None:
    task = hourly(schedule_kind="interval", schedule_expr="PT1S", misfire_policy=policy, catch_up_limit=limit)
    now = timedelta(seconds=2500)
    made: list[Plan] = []

    while task.due_at is not None and task.due_at <= NINE + now:
        made.append(plan_of(task, after=now))
        task.due_at = made[-1].due_at

    seconds = [each.at for plan in made for each in plan.fires]
    assert seconds == [NINE + now - timedelta(seconds=back) for back in range(fires - 1, -1, -1)]
    assert len(made) == 3
    assert sum(len(plan.skips) for plan in made) == 2501 - fires


def test_the_newest_of_a_long_row_is_found_behind_instants_that_are_withheld() -> None:
    task = hourly(schedule_expr="* * * * *", catch_up_window_seconds=10 * 86_400)
    quiet = QuietHours.parse([{"from": "10:00", "to": "09:00"}])

    plan = plan_of(task, after=40 * HOUR, quiet_hours=quiet)

    assert len(plan.skips) == 1000
    assert plan.fires == []
    assert plan.due_at == NINE + 1000 * MINUTE


def test_a_paused_task_keeps_its_instants_in_the_ledger() -> None:
    plan = plan_of(hourly(status="paused"), after=HOUR)

    assert (fired(plan), skipped(plan)) == ([], [(9, "paused"), (10, "paused")])


def test_skip_lets_no_instant_overlap_a_run_that_goes_on() -> None:
    task = hourly(overlap_policy=OverlapPolicy.SKIP, misfire_policy=MisfirePolicy.ALL)

    assert skipped(plan_of(task, standing=Standing(unfinished=1))) == [(9, "overlap")]
    together = plan_of(task, after=HOUR)
    assert (fired(together), skipped(together)) == ([9], [(10, "overlap")])


def test_queue_one_lets_one_wait() -> None:
    task = hourly(overlap_policy=OverlapPolicy.QUEUE_ONE, misfire_policy=MisfirePolicy.ALL)

    plan = plan_of(task, after=2 * HOUR)

    assert [(each.at.hour, each.takes_turn) for each in plan.fires] == [(9, False), (10, True)]
    assert skipped(plan) == [(11, "overlap")]
    assert skipped(plan_of(task, standing=Standing(unfinished=2, waiting=1))) == [(9, "overlap")]


def test_queue_all_lets_all_wait() -> None:
    task = hourly(overlap_policy=OverlapPolicy.QUEUE_ALL, misfire_policy=MisfirePolicy.ALL)

    plan = plan_of(task, after=2 * HOUR, standing=Standing(unfinished=3, waiting=2))

    assert [(each.at.hour, each.takes_turn) for each in plan.fires] == [(9, True), (10, True), (11, True)]


def test_cancel_running_ends_what_goes_on_for_the_newest_instant() -> None:
    task = hourly(overlap_policy=OverlapPolicy.CANCEL_RUNNING, misfire_policy=MisfirePolicy.ALL)

    plan = plan_of(task, after=2 * HOUR, standing=Standing(unfinished=1))

    assert (plan.ends_runs, fired(plan), skipped(plan)) == (True, [11], [(9, "overlap"), (10, "overlap")])
    assert not plan_of(task).ends_runs


def test_a_run_under_the_same_key_not_long_ago_leaves_nothing_to_do() -> None:
    task = hourly(dedupe_key="report", misfire_policy=MisfirePolicy.ALL)

    assert skipped(plan_of(task, standing=Standing(repeated=True))) == [(9, "deduplicated")]
    together = plan_of(task, after=HOUR)
    assert (fired(together), skipped(together)) == ([9], [(10, "deduplicated")])


def test_a_used_up_budget_goes_into_the_ledger() -> None:
    plan = plan_of(hourly(misfire_policy=MisfirePolicy.ALL), after=2 * HOUR, budget=1)

    assert (fired(plan), skipped(plan)) == ([9], [(10, "budget"), (11, "budget")])


def test_a_series_ends_with_its_last_occurrence_and_what_follows_is_none_of_it() -> None:
    task = hourly(max_occurrences=3, occurrences=1, misfire_policy=MisfirePolicy.ALL)

    plan = plan_of(task, after=3 * HOUR)

    assert (fired(plan), skipped(plan), plan.due_at) == ([9, 10], [], None)


def test_an_occurrence_that_a_later_one_replaces_does_not_count_for_the_end() -> None:
    task = hourly(max_occurrences=2, overlap_policy=OverlapPolicy.CANCEL_RUNNING, misfire_policy=MisfirePolicy.ALL)

    plan = plan_of(task, after=3 * HOUR)

    assert (fired(plan), plan.due_at) == ([12], NINE + 4 * HOUR)


def test_a_schedule_that_has_ended_has_no_next_instant() -> None:
    plan = plan_of(hourly(schedule_kind="once", schedule_expr=NINE.isoformat()))

    assert (fired(plan), plan.due_at, plan.next_run_at) == ([9], None, None)


def test_the_next_run_is_the_next_instant_that_is_not_withheld() -> None:
    quiet = QuietHours.parse([{"from": "10:00", "to": "13:30"}])

    plan = plan_of(hourly(due_at=NINE + HOUR), after=HOUR, quiet_hours=quiet)

    assert [(each.at.hour, each.start.hour) for each in plan.fires] == [(10, 13)]
    # The run that waits for the end of the quiet hours is told of by the next look's standing.
    waiting = Standing(unfinished=1, deferred_to=NINE + 4.5 * HOUR)
    after = plan_of(hourly(due_at=NINE + 2 * HOUR), after=2 * HOUR, quiet_hours=quiet, standing=waiting)
    assert skipped(after) == [(11, "blackout")]


def test_a_next_run_is_not_one_that_the_waiting_run_stands_for() -> None:
    quiet = QuietHours.parse([{"from": "10:00", "to": "13:30"}])
    waiting = Standing(unfinished=1, deferred_to=NINE + 4.5 * HOUR)

    plan = plan_of(hourly(due_at=NINE + 2 * HOUR), after=2 * HOUR, quiet_hours=quiet, standing=waiting)

    assert (plan.due_at, plan.next_run_at) == (NINE + 3 * HOUR, NINE + 5 * HOUR)


@given(
    policy=st.sampled_from(MisfirePolicy.values),
    overlap=st.sampled_from(OverlapPolicy.values),
    unfinished=st.integers(0, 2),
    missed=st.integers(0, 30),
    budget=st.integers(0, 5),
)
def test_every_instant_that_has_come_ends_as_a_run_or_as_a_row_and_never_as_both(
    policy: str, overlap: str, unfinished: int, missed: int, budget: int
) -> None:
    task = hourly(misfire_policy=policy, overlap_policy=overlap, catch_up_window_seconds=10 * 3600)

    plan = plan_of(task, after=missed * HOUR, standing=Standing(unfinished=unfinished), budget=budget)

    accounted = sorted([each.at for each in plan.fires] + [each.at for each in plan.skips])
    assert accounted == [NINE + hour * HOUR for hour in range(missed + 1)]
    assert plan.due_at == NINE + (missed + 1) * HOUR


@given(
    late=st.sampled_from([0, 30, 60, 61, 3600, 7200]),
    policy=st.sampled_from(MisfirePolicy.values),
    window=st.sampled_from([10, 60, 86_400]),
    budget=st.integers(0, 1),
    fields=st.sampled_from(
        [{}, {"status": "paused"}, {"overlap_policy": "skip"}, {"dedupe_key": "k"}, {"max_occurrences": 1}]
    ),
)
def test_the_short_way_of_a_decision_leads_where_the_long_one_does(
    late: int, policy: str, window: int, budget: int, fields: dict[str, Any]
) -> None:
    task = hourly(misfire_policy=policy, catch_up_window_seconds=window, **fields)

    short = plan_of(task, after=timedelta(seconds=late), budget=budget)
    with mock.patch.object(decide_module, "_on_time", return_value=None):
        long = plan_of(task, after=timedelta(seconds=late), budget=budget)

    assert short == long
