"""The moves of runs that somebody lets go on: what they waited for is there, or they get another chance."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from tasks_app import release_sql
from tasks_app.admission import Openings, admit_after_commit
from tasks_app.events import wakeup
from tasks_app.fair_order import fair_order
from tasks_app.models import Run
from tasks_app.models.step_log import Step
from tasks_app.queue_sql import execute
from tasks_app.states import StepState, WaitingFor


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run has waited for: `step` says what its step came to, `trigger` what brought it.

    There is no step where the run's log cannot be read: it is let go for a worker to fail it.
    """

    run: UUID
    waiting_for: WaitingFor
    step: Step | None
    trigger: str


def release(answers: Sequence[Answer]) -> list[UUID]:
    """Let the runs among these, each another, that still wait for such an answer go on with it. Answers which did.

    One under a concurrency key gets in line for a place again. A worker is woken after the commit.
    """
    if not answers:
        return []
    places = _places([answer.run for answer in answers])
    rows = [
        {
            "run": answer.run,
            "waiting_for": answer.waiting_for,
            "step": answer.step and answer.step.stored(),
            "facts": _facts(answer.step),
            "trigger": answer.trigger,
            "fair": places[answer.run],
        }
        for answer in answers
        if answer.run in places
    ]
    released = execute(release_sql.RELEASE, {"answers": orjson.dumps(rows).decode()})
    _go_on(place for _, *place in released)
    return [run for run, *_ in released]


def redrive(runs: Sequence[UUID], *, from_start: bool, trigger: str, reason: str) -> list[UUID]:
    """Queue those of the runs that are failed, timed out or dead once more, with no failure and no lost worker counted.

    They go on at the step that failed; `from_start`, they do every step again, under the same idempotency keys. One of a lane
    waits for its turn first, one under a concurrency key for a place. `trigger` and `reason` are for the event. Answers which.
    """
    rows = [{"run": run, "fair": place} for run, place in _places(runs).items()]
    parameters = {"runs": orjson.dumps(rows).decode(), "from_start": from_start, "trigger": trigger, "reason": reason}
    redriven = execute(release_sql.REDRIVE, parameters)
    _go_on(place for _, *place in redriven)
    return [run for run, *_ in redriven]


def await_ends(runs: Sequence[UUID], *, by: UUID | None) -> None:
    """Let the run `by`, or nobody any more, wait for the end of these."""
    execute(release_sql.AWAIT, {"runs": list(runs), "by": by})


def await_no_more(parents: Sequence[UUID]) -> None:
    """These runs wait for no other's end any more."""
    execute(release_sql.AWAIT_NO_MORE, {"parents": list(parents)})


def _places(runs: Sequence[UUID]) -> dict[UUID, datetime]:
    """A new place in the fair order for each of the runs that are there."""
    found = list(Run.objects.filter(pk__in=runs).order_by("pk").values_list("pk", "priority", "agent"))
    places = fair_order.places([(priority, agent, None) for _, priority, agent in found])
    return {run: place for (run, *_), place in zip(found, places, strict=True)}


def _facts(step: Step | None) -> list[tuple[str, Mapping[str, Any]]]:
    if step is None or step.state != StepState.SUCCEEDED:  # of a refusal the worker tells that goes on with it
        return []
    return [("run.step_succeeded", {"step": step.step, "tool": step.tool, "duration_ms": step.duration_ms})]


def _go_on(places: Iterable[Sequence[Any]]) -> None:
    """Let in what waits by lane, agent, key and the agent's limit, and wake a worker for what is queued already."""
    openings, free = Openings(), False
    for lane, agent, key, limited in places:
        openings.add(lane, agent, key, limited)
        free |= not (lane or key or limited)
    admit_after_commit(openings)
    if free:
        wakeup.send_after_commit()
