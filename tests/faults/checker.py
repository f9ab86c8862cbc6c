"""Judges a history by the invariants of the fault matrix; knows nothing of the fault nor of the platform's code.

    I1  no run is lost: every one that was planned or promised reaches exactly one terminal state
    I2  no double hold: leases of a run never overlap, and nothing is written under a lease that is not the newest
    I3  effects at least once, under one idempotency key per run and step; each step recorded once, and then never done again
    I4  the stream: pos dense, and seq of each aggregate 1..n without hole or inversion
    I5  the occurrences are those of the oracle, none twice
    I7  the API answers 2xx, 4xx, or 503 with Retry-After

I6, how soon it recovers, is measured by `resumed_after` and asserted by each test.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from itertools import pairwise

from tests.faults.api import NO_ANSWER
from tests.faults.histories import TERMINAL, Event, History, Run
from tests.faults.load import instants_of

_ENDS = {"run.succeeded", "run.failed", "run.canceled", "run.timed_out"}
_STEPS = {"run.step_succeeded", "run.step_failed", "run.step_skipped"}
_GIVES_UP_LEASE = _ENDS | {"run.queued", "run.retried", "run.waiting"}


def violations(history: History) -> list[str]:
    """What is wrong, each as a sentence that begins with its invariant; empty when nothing is."""
    return [
        *_runs_end_once(history),
        *_leases_do_not_overlap(history),
        *_nothing_stale_is_written(history),
        *_one_key_a_step(history),
        *_steps_are_recorded_once(history),
        *_stream_is_whole(history),
        *_occurrences_are_the_oracles(history),
        *_api_answers_well(history),
    ]


def resumed_after(history: History, runs: Collection[str], *, since: datetime) -> float:
    """Seconds from `since` until the last of these runs was claimed again. Fails when one never was."""
    assert runs, "the fault met no run: there is nothing to measure"
    claims = {
        run: [each.started_at for each in history.attempts_of[run] if each.started_at > since and each.number > 1]
        for run in runs
    }
    never = [run for run, moments in claims.items() if not moments]
    assert not never, f"never claimed again: {never[:5]}"
    return max((min(moments) - since).total_seconds() for moments in claims.values())


def start_delays(history: History, runs: Collection[str] | None = None) -> list[float]:
    """Seconds from a run's planning, or its instant when that is later, to its first claim; ascending."""
    wanted = [run for run in history.runs if run.attempt and (runs is None or run.id in runs)]
    due = {run.id: max(run.created_at, run.scheduled_for or run.created_at) for run in wanted}
    return sorted((history.attempts_of[run][0].started_at - moment).total_seconds() for run, moment in due.items())


def fire_delays(history: History) -> list[float]:
    """Seconds from an instant of a schedule to the planning of its run; ascending."""
    return sorted(
        (run.created_at - run.scheduled_for).total_seconds() for run in history.scheduled_runs if run.scheduled_for
    )


def percentile(ascending: list[float], percent: float) -> float:
    assert ascending, "there is nothing to measure"
    return ascending[min(int(len(ascending) * percent / 100), len(ascending) - 1)]


def late_effects(history: History) -> int:
    """Calls under an older lease that arrived after one under a newer: a server that heeds the fence would refuse them.

    No platform can rule them out, since a process may be stopped between its last look at its lease and the call. They
    carry the same key, which I3 judges.
    """
    return sum(later.fence < earlier.fence for calls in history.calls_of.values() for earlier, later in pairwise(calls))


def _runs_end_once(history: History) -> Iterator[str]:
    known = {run.id for run in history.runs}
    for run_id in history.promised:
        if run_id not in known:
            yield f"I1 run {run_id} was promised by the API and is gone"
    for run in history.runs:
        ends = [event.type for event in history.events_of[f"run:{run.id}"] if event.type in _ENDS]
        if run.state not in TERMINAL:
            yield f"I1 run {run.id} has not ended: it is {run.state}"
        elif len(ends) != 1:
            yield f"I1 run {run.id} is {run.state} and ended {len(ends)} times: {ends}"
        elif ends[0] != ("run.failed" if run.state == "dead" else f"run.{run.state}"):
            yield f"I1 run {run.id} is {run.state}, but its event is {ends[0]}"


def _leases_do_not_overlap(history: History) -> Iterator[str]:
    for run in history.runs:
        attempts = history.attempts_of[run.id]
        if [each.number for each in attempts] != list(range(1, len(attempts) + 1)):
            yield f"I2 run {run.id} has the attempts {[each.number for each in attempts]}"
        if run.state in TERMINAL and len(attempts) != run.attempt:
            yield f"I2 run {run.id} was claimed {run.attempt} times and has {len(attempts)} attempts"
        for earlier, later in pairwise(attempts):
            if later.started_at < earlier.finished_at:
                yield f"I2 run {run.id}: attempt {later.number} began before attempt {earlier.number} had ended"


def _nothing_stale_is_written(history: History) -> Iterator[str]:
    for run in history.runs:
        yield from _written_under_newest_lease(run, history.events_of[f"run:{run.id}"])
    for step in history.steps:
        told = step.output.get("json") if isinstance(step.output, dict) else None
        if isinstance(told, dict) and "fence" in told and told["attempt"] != step.attempt:
            yield (
                f"I2 run {step.run}: step {step.step} is recorded for attempt {step.attempt}, "
                f"but what is recorded came of attempt {told['attempt']}"
            )


def _written_under_newest_lease(run: Run, events: list[Event]) -> Iterator[str]:
    """An event of an attempt stands between that attempt's claim and whatever took the lease away."""
    claimed, held = 0, False
    for event in events:
        attempt = event.data.get("attempt", claimed)
        if event.type == "run.started":
            if held or attempt != claimed + 1:
                yield f"I2 run {run.id}: attempt {attempt} was claimed while attempt {claimed} held the run"
            claimed, held = attempt, True
        elif event.type in _STEPS and not (held and attempt == claimed):
            yield f"I2 run {run.id}: {event.type} of attempt {attempt} was written when it had no lease"
        elif event.type in _GIVES_UP_LEASE:
            held = False


def _one_key_a_step(history: History) -> Iterator[str]:
    step_of: dict[str, tuple[str, str]] = {}
    for (run, step), calls in history.calls_of.items():
        keys = {call.key for call in calls}
        if len(keys) != 1 or "" in keys:
            yield f"I3 step {step} of run {run} was done under {len(keys)} keys: {sorted(keys)}"
        for key in keys:
            if step_of.setdefault(key, (run, step)) != (run, step):
                yield f"I3 step {step} of run {run} has the key of {step_of[key]}"
    for recorded in history.steps:
        if recorded.tool == "http.request" and recorded.state == "succeeded":
            yield from _was_done_as_recorded(history, recorded.run, recorded.step, recorded.key, recorded.attempt)


def _was_done_as_recorded(history: History, run: str, step: str, key: str, attempt: int) -> Iterator[str]:
    calls = history.calls_of[run, step]
    if key not in {call.key for call in calls}:
        yield f"I3 step {step} of run {run} is recorded as done under a key that never arrived"
    again = [call.attempt for call in calls if call.attempt > attempt]
    if again:
        yield f"I3 step {step} of run {run} was recorded by attempt {attempt} and done again by {again}"


def _steps_are_recorded_once(history: History) -> Iterator[str]:
    for run in history.runs:
        told = [
            event.data["step"]
            for event in history.events_of[f"run:{run.id}"]
            if event.type in {"run.step_succeeded", "run.step_skipped"}
        ]
        for step, times in Counter(told).items():
            if times > 1:
                yield f"I3 step {step} of run {run.id} was recorded {times} times"
        wanted = history.pipelines.get(run.task)
        if run.state == "succeeded" and wanted is not None and set(told) != set(wanted):
            yield f"I3 run {run.id} succeeded with the steps {told} of {wanted}"


def _stream_is_whole(history: History) -> Iterator[str]:
    for nth, event in enumerate(history.events, start=1):
        if event.pos != nth:
            yield f"I4 the stream's entry {nth} has pos {event.pos}"
            break
    for aggregate, events in history.events_of.items():
        numbers = [event.seq for event in events]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"I4 {aggregate} has the events {numbers}"
    for run in history.runs:
        if len(history.events_of[f"run:{run.id}"]) != run.events:
            yield f"I4 of run {run.id} {run.events} events were written, {len(history.events_of[f'run:{run.id}'])} came"


def _occurrences_are_the_oracles(history: History) -> Iterator[str]:
    for scheduled in history.scheduled:
        cursor = history.cursors[scheduled.task] or datetime.max.replace(tzinfo=UTC)
        expected = set(instants_of(scheduled, before=cursor))
        runs = [run.scheduled_for for run in history.runs if run.task == scheduled.task and run.scheduled_for]
        found = Counter([*runs, *(each.instant for each in history.skipped if each.task == scheduled.task)])
        doubled = [instant for instant, times in found.items() if times > 1]
        for what, instants in (
            ("has twice", doubled),
            ("misses", expected - found.keys()),
            ("has, though it is none of its own,", found.keys() - expected),
        ):
            if instants:
                yield f"I5 task {scheduled.task} {what} {len(instants)} instants, such as {min(instants)}"


def _api_answers_well(history: History) -> Iterator[str]:
    for answer in history.answers:
        if answer.status == NO_ANSWER or 200 <= answer.status < 500:
            continue
        if answer.status != 503 or not answer.retry_after:
            yield f"I7 {answer.what} answered {answer.status} (Retry-After {answer.retry_after}): {answer.body!s:.200}"
