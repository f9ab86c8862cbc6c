"""Moves: how a leased run goes on, and the JSON that tells Postgres so."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from tasks_app.models.run import Lease
from tasks_app.models.step_log import Step
from tasks_app.states import FINISHED, AttemptOutcome, RunState, StepState

_PART_BYTES: Final = 16 * 2**20
_STEP_EVENTS: Final[dict[str, str]] = {
    StepState.BEGUN: "run.step_begun",
    StepState.SUCCEEDED: "run.step_succeeded",
    StepState.FAILED: "run.step_failed",
    StepState.RETRYING: "run.step_failed",
    StepState.SKIPPED: "run.step_skipped",
}
# Of a run that goes on at other steps. Of one that waits with its step the run's own event tells.
_BESIDE: Final = _STEP_EVENTS | {StepState.WAITING: "run.step_waiting", StepState.PENDING: "run.step_waiting"}
_WAITS: Final = frozenset({StepState.WAITING, StepState.PENDING, StepState.RETRYING, StepState.UNKNOWN})
_UNTOLD: Final = frozenset({RunState.SUCCEEDED, RunState.RUNNING})


class Remembered(NamedTuple):
    """What a call under an agent's key came to, and for how many seconds that stands for every further one."""

    agent: UUID
    tool: str
    key: str
    output: Any
    seconds: int


class Move(NamedTuple):
    """How a leased run goes on, with the steps that are recorded in the same statement."""

    lease: Lease
    state: RunState
    outcome: AttemptOutcome | None
    event: str
    steps: Sequence[Step] = ()
    error: Mapping[str, Any] | None = None
    waiting_for: str = ""
    delay: float = 0.0
    failures: int = 0
    remember: Sequence[Remembered] = ()


def as_json(moves: Sequence[Move]) -> Iterator[str]:
    """The moves as MOVE reads them: one list, but for results so large that Postgres might not take them together.

    A list is written when it is asked for, and has `_PART_BYTES` at most, or a single move: however large the results of
    many runs are, one list of them is held at a time.
    """
    part: list[bytes] = []
    size = 0
    # In the order of their keys, like every statement over many runs: two that cross would wait for each other.
    for move in sorted(moves, key=_run_of):
        row = orjson.dumps(_row(move))
        if part and size + len(row) > _PART_BYTES:
            yield _listed(part)
            part, size = [], 0
        part.append(row)
        size += len(row)
    if part:
        yield _listed(part)


def to_remember(moves: Sequence[Move]) -> bytes:
    """What is to be remembered, as REMEMBER reads it; nothing twice, and in the order of its keys."""
    last = {(each.agent, each.tool, each.key): each for move in moves for each in move.remember}
    return orjson.dumps([last[key]._asdict() for key in sorted(last)])


def _run_of(move: Move) -> int:
    """In the order in which the database sorts them; a number, since two UUIDs are compared ten times as slowly."""
    return move.lease.run_id.int


def _listed(rows: Sequence[bytes]) -> str:
    return f"[{b','.join(rows).decode()}]"


def _row(move: Move) -> dict[str, Any]:
    """As MOVE reads it. What is not named there is nothing."""
    beside = move.state == RunState.RUNNING and any(step.wait is not None for step in move.steps)
    events = _BESIDE if beside else _STEP_EVENTS
    facts: list[list[Any]] = [
        [
            events[state],
            {"step": step, "tool": tool, "duration_ms": duration, "error": error}
            if error
            else {"step": step, "tool": tool, "duration_ms": duration},
        ]
        for step, state, tool, _, _, error, duration, *_ in move.steps
        if state in events
    ]
    if move.event:
        facts.append([move.event, _own_fact(move)])
    assert facts or not move.steps, "whatever is recorded is told"
    row: dict[str, Any] = {
        "run": move.lease.run_id,
        "fence": move.lease.fence,
        "state": move.state,
        "size": len(facts),
        "facts": facts,
    }
    if move.steps:
        row["steps"] = [step.stored() for step in move.steps]
    if move.state not in _UNTOLD:
        row |= {"waiting_for": move.waiting_for, "delay": move.delay, "failures": move.failures, "error": move.error}
        row["outcome"] = None if move.state in FINISHED else move.outcome  # the last attempt is in the run itself
    return row


def _own_fact(move: Move) -> dict[str, Any]:
    fact: dict[str, Any] = {"state": move.state}
    if move.event == "run.waiting":
        waiting = [step.step for step in move.steps if step.state in _WAITS]
        fact |= {"waiting_for": move.waiting_for, "step": waiting[-1]} if waiting else {}
    if move.delay:
        fact["delay_seconds"] = move.delay
    if move.error:
        fact["error"] = move.error
    return fact
