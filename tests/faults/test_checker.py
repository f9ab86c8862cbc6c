"""The checker finds what it is there to find: each history here is whole but for one thing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults.api import Answer
from tests.faults.checker import fire_delays, late_effects, resumed_after, start_delays, violations
from tests.faults.effects import Call
from tests.faults.histories import Attempt, Event, History, Run, Skipped, Step
from tests.faults.load import Scheduled

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
KEY = "the key of one"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def event(pos: int, kind: str, **data: Any) -> Event:
    return Event(pos=pos, type=kind, aggregate="run:r", seq=pos, at=at(pos), data=data)


def call(number: int, *, attempt: int, fence: int, key: str = KEY, step: str = "one") -> Call:
    return Call(number=number, path="/effect", run="r", step=step, key=key, attempt=attempt, fence=fence, at=at(number))


RUN = Run(
    id="r",
    task="t",
    state="succeeded",
    attempt=2,
    fence=2,
    losses=1,
    scheduled_for=None,
    created_at=NOON,
    finished_at=at(60),
    events=6,
)
LOST = Attempt(run="r", number=1, outcome="lost", worker="h:1:a", started_at=at(1), finished_at=at(40))
ENDED = Attempt(run="r", number=2, outcome="succeeded", worker="h:2:b", started_at=at(40), finished_at=at(60))
STEP = Step(
    run="r",
    step="one",
    attempt=2,
    state="succeeded",
    tool="http.request",
    key=KEY,
    output={"status": 200, "json": {"call": 2, "attempt": 2, "fence": 2}},
)
EVENTS = (
    event(1, "run.queued"),
    event(2, "run.started", attempt=1),
    event(3, "run.retried", attempt=1),
    event(4, "run.started", attempt=2),
    event(5, "run.step_succeeded", attempt=2, step="one"),
    event(6, "run.succeeded", attempt=2),
)
# A run whose first worker was lost between its effect and the record of it.
WHOLE = History(
    runs=[RUN],
    attempts=[LOST, ENDED],
    steps=[STEP],
    events=EVENTS,
    calls=[call(1, attempt=1, fence=1), call(2, attempt=2, fence=2)],
    promised=["r"],
    pipelines={"t": ["one"]},
)


def found(**changes: Any) -> list[str]:
    return violations(replace(WHOLE, **changes))


def test_a_run_that_was_lost_once_and_done_again_is_well() -> None:
    assert violations(WHOLE) == []


def test_a_promised_run_that_is_gone_is_found() -> None:
    assert found(promised=["r", "other"]) == ["I1 run other was promised by the API and is gone"]


@pytest.mark.parametrize("state", ["queued", "running", "waiting"])
def test_a_run_that_has_not_ended_is_found(state: str) -> None:
    assert f"I1 run r has not ended: it is {state}" in found(runs=[replace(RUN, state=state)])


def test_a_run_that_ended_twice_is_found() -> None:
    twice = (*EVENTS, event(7, "run.failed", attempt=2))

    assert found(events=twice, runs=[replace(RUN, events=7)]) == [
        "I1 run r is succeeded and ended 2 times: ['run.succeeded', 'run.failed']"
    ]


def test_a_run_whose_event_tells_another_end_is_found() -> None:
    assert "I1 run r is canceled, but its event is run.succeeded" in found(runs=[replace(RUN, state="canceled")])


def test_a_dead_run_ends_with_its_failure() -> None:
    failed = (*EVENTS[:5], event(6, "run.failed", attempt=2, state="dead"))

    assert found(events=failed, runs=[replace(RUN, state="dead")]) == []


def test_leases_that_overlap_are_found() -> None:
    early = replace(ENDED, started_at=at(39.999))

    assert found(attempts=[LOST, early]) == ["I2 run r: attempt 2 began before attempt 1 had ended"]


def test_an_attempt_that_is_missing_or_doubled_is_found() -> None:
    assert "I2 run r has the attempts [2]" in found(attempts=[ENDED])
    assert "I2 run r has the attempts [1, 2, 2]" in found(attempts=[LOST, ENDED, ENDED])


def test_a_claim_of_a_run_that_is_held_is_found() -> None:
    doubled = (*EVENTS[:2], event(3, "run.started", attempt=2), *EVENTS[3:])

    assert "I2 run r: attempt 2 was claimed while attempt 1 held the run" in found(events=doubled)


def test_a_step_that_was_written_without_a_lease_is_found() -> None:
    late = (*EVENTS[:3], event(4, "run.step_succeeded", attempt=1, step="one"), *EVENTS[4:])

    assert "I2 run r: run.step_succeeded of attempt 1 was written when it had no lease" in found(events=late)


def test_a_result_that_a_zombie_wrote_into_anothers_attempt_is_found() -> None:
    stale = replace(STEP, output={"status": 200, "json": {"call": 1, "attempt": 1, "fence": 1}})

    assert found(steps=[stale]) == [
        "I2 run r: step one is recorded for attempt 2, but what is recorded came of attempt 1"
    ]


def test_an_effect_under_two_keys_is_found() -> None:
    calls = [call(1, attempt=1, fence=1, key="another"), call(2, attempt=2, fence=2)]

    assert found(calls=calls) == [f"I3 step one of run r was done under 2 keys: {sorted(['another', KEY])}"]


def test_two_steps_under_one_key_are_found() -> None:
    calls = [*WHOLE.calls, call(3, attempt=2, fence=2, step="two")]

    assert found(calls=calls) == ["I3 step two of run r has the key of ('r', 'one')"]


def test_a_recorded_effect_that_was_never_done_is_found() -> None:
    assert found(calls=[]) == ["I3 step one of run r is recorded as done under a key that never arrived"]


def test_a_recorded_step_that_was_done_again_is_found() -> None:
    calls = [*WHOLE.calls, call(3, attempt=3, fence=3)]

    assert found(calls=calls) == ["I3 step one of run r was recorded by attempt 2 and done again by [3]"]


def test_a_step_that_was_recorded_twice_is_found() -> None:
    again = (*EVENTS[:5], event(6, "run.step_succeeded", attempt=2, step="one"), replace(EVENTS[5], pos=7, seq=7))

    assert found(events=again, runs=[replace(RUN, events=7)]) == ["I3 step one of run r was recorded 2 times"]


def test_a_run_that_succeeded_without_a_step_is_found() -> None:
    assert found(pipelines={"t": ["one", "two"]}) == ["I3 run r succeeded with the steps ['one'] of ['one', 'two']"]


def test_a_hole_in_the_stream_is_found() -> None:
    wrong = found(events=[*EVENTS[:2], *EVENTS[3:]])

    assert "I4 the stream's entry 3 has pos 4" in wrong
    assert "I4 run:r has the events [1, 2, 4, 5, 6]" in wrong
    assert "I4 of run r 6 events were written, 5 came" in wrong


def test_events_out_of_order_are_found() -> None:
    assert "I4 run:r has the events [1, 3, 2, 4, 5, 6]" in found(events=[EVENTS[0], EVENTS[2], EVENTS[1], *EVENTS[3:]])


def test_an_end_of_the_stream_that_is_missing_is_found() -> None:
    assert "I4 of run r 6 events were written, 5 came" in found(events=EVENTS[:5])


EVERY_SECOND = Scheduled("t", NOON, 1)


def occurrences(*, runs: list[float], skipped: list[float]) -> list[str]:
    """What I5 says of these instants when the cursor stands at the third second."""
    instants = [replace(RUN, id=f"r{nth}", scheduled_for=at(nth)) for nth in runs]
    ledger = [Skipped(task="t", instant=at(nth), reason="coalesced") for nth in skipped]
    whole = History(runs=instants, skipped=ledger, scheduled=[EVERY_SECOND], cursors={"t": at(3)})
    return [each for each in violations(whole) if each.startswith("I5")]


def test_each_instant_before_the_cursor_has_its_run_or_its_reason() -> None:
    assert occurrences(runs=[0, 2], skipped=[1]) == []


def test_instants_that_are_missing_doubled_or_not_the_schedules_are_found() -> None:
    assert occurrences(runs=[0, 2], skipped=[]) == [f"I5 task t misses 1 instants, such as {at(1)}"]
    assert occurrences(runs=[0, 1, 2], skipped=[1]) == [f"I5 task t has twice 1 instants, such as {at(1)}"]
    [wrong] = occurrences(runs=[0, 0.5, 1, 2], skipped=[])
    assert wrong.startswith("I5 task t has, though it is none of its own, 1 instants")


def answer(status: int, *, retry_after: str | None = None) -> Answer:
    return Answer(what="GET /x", status=status, body="", retry_after=retry_after, seconds=0.1, at=NOON)


def test_the_api_may_refuse_and_be_away_but_not_break() -> None:
    well = [answer(200), answer(404), answer(0), answer(503, retry_after="5")]

    assert found(answers=well) == []
    assert [each[:25] for each in found(answers=[*well, answer(500), answer(503)])] == [
        "I7 GET /x answered 500 (R",
        "I7 GET /x answered 503 (R",
    ]


def test_recovery_is_measured_to_the_last_run_that_was_claimed_again() -> None:
    assert resumed_after(WHOLE, {"r"}, since=at(5)) == 35

    with pytest.raises(AssertionError, match="never claimed again"):
        resumed_after(WHOLE, {"r"}, since=at(41))


def test_the_delay_of_a_start_is_up_to_the_first_claim() -> None:
    assert start_delays(WHOLE) == [1]


def test_the_delay_of_a_fire_counts_for_schedules_only() -> None:
    runs = [replace(RUN, scheduled_for=at(-3)), replace(RUN, id="s", task="of an event", scheduled_for=at(-9))]

    assert fire_delays(replace(WHOLE, runs=runs, scheduled=[EVERY_SECOND])) == [3]


def test_an_effect_under_an_older_lease_after_a_newer_one_is_counted() -> None:
    assert late_effects(WHOLE) == 0
    assert late_effects(replace(WHOLE, calls=WHOLE.calls[::-1])) == 1
