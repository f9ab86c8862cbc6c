"""Runs that wait for the end of another, their child: none that ends is missed, and each is heard of once.

    step begins    the child is made, and is `awaited_by` the run, in one transaction
    the child ends by whatever statement ends it, which knows nothing of parents
    afterwards     let_go: beat's duty `hear` finds the ended ones that are awaited, and their runs go on with what they came to

So a crash loses nothing. A run that has not parked yet when its child ends is let go by the duty within a second of parking;
one that is told to begin its step again looks for itself.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction

from tasks_app import release
from tasks_app.models import Deed, RecordedStep, Run, Step, StepLog, TaskDefinition
from tasks_app.release import Answer
from tasks_app.states import FINISHED, DeedKind, RunState, StepState, WaitingFor
from tasks_app.waits import given, refused

MOST_OUTPUT: Final = 64_000  # bytes as JSON: what is larger stays with the child

_Pair = tuple[UUID, str]  # a run, and the id of its child


class ParentCanceled(Exception):
    """The run that wants to wait has been canceled, or has ended otherwise."""


def await_end(child: Run, *, parent: UUID) -> None:
    """Let the run `parent` hear of the child's end. In the transaction that makes the child. Raises `ParentCanceled`.

    Who cancels the parent holds its row: either sees the child afterwards, or is waited for and seen here.
    """
    lock_unfinished(parent)
    release.await_ends([child.pk], by=parent)


@transaction.atomic
def look(child: UUID, *, parent: UUID) -> Run | None:
    """The child, if it has ended; else the parent will hear of it. Raises `ParentCanceled`, and `Run.DoesNotExist`."""
    lock_unfinished(parent)
    run = Run.objects.select_for_update(no_key=True).get(pk=child)
    over = run.state in FINISHED
    release.await_ends([child], by=None if over else parent)
    return run if over else None


@transaction.atomic
def let_go(*, limit: int) -> int:
    """Queue the runs whose child has ended; answers of how many ends was heard."""
    ended = list(Run.objects.to_be_told_of()[:limit])
    if not ended:
        return 0
    waiting = Run.objects.filter(pk__in={child.awaited_by for child in ended}).order_by("pk")
    locked = {run.pk: run for run in waiting.select_for_update(skip_locked=True, of=("self",))}
    logged = StepLog.objects.readable_of_runs(list(locked))
    step_of = _steps_that_made(list(locked))
    answers, heard = [], []
    for child in ended:
        parent = locked.get(child.awaited_by) if child.awaited_by else None  # missing: somebody moves it right now
        if parent is None:
            continue
        name, steps = step_of.get((parent.pk, str(child.pk)), ""), logged[parent.pk]
        if answer := _answer(parent, name, steps, child):
            answers.append(answer)
        if answer or _is_over(parent, name, steps):
            heard.append(child.pk)
    release.release(answers)
    release.await_ends(heard, by=None)
    return len(heard)


def outcome_of(child: Run) -> dict[str, Any]:
    """What a step sees of a child that has ended: `run_id`, `status`, `error`, and its last step's `output` if that is small."""
    outcome: dict[str, Any] = {"run_id": str(child.pk), "status": str(child.state)}
    if child.error:
        outcome["error"] = {name: child.error.get(name) for name in ("error_class", "code", "message")}
    last = _last_step(child)
    if last is not None and len(orjson.dumps(last.output)) <= MOST_OUTPUT:
        outcome["output"] = last.output
    return outcome


def why_failed(outcome: Mapping[str, Any]) -> str:
    """In a sentence, why a child did not succeed."""
    error = outcome.get("error") or {}
    return f"Run {outcome['run_id']} has ended as {outcome['status']}: {error.get('code', 'no error')}."


def lock_unfinished(parent: UUID) -> None:
    """Keep the run from being canceled until the transaction ends. Raises `ParentCanceled` when it has ended already."""
    run = Run.objects.select_for_update(no_key=True).only("state").get(pk=parent)
    if run.state in FINISHED:
        raise ParentCanceled(f"Run {parent} is {run.state}.")


def _steps_that_made(parents: list[UUID]) -> dict[_Pair, str]:
    made = Deed.objects.filter(run__in=parents, kind=DeedKind.RUN).values_list("run_id", "step", "answer")
    return {(run, answer["run_id"]): step for run, step, answer in made if answer}


def _answer(parent: Run, name: str, steps: Mapping[str, RecordedStep] | None, child: Run) -> Answer | None:
    if parent.state != RunState.WAITING or parent.waiting_for != WaitingFor.CHILD_RUN:
        return None
    if steps is None:  # a worker fails it for that
        return Answer(parent.pk, WaitingFor.CHILD_RUN, None, "child_run")
    recorded = steps.get(name)
    if recorded is None or recorded.result.state != StepState.PENDING:
        return None
    return Answer(parent.pk, WaitingFor.CHILD_RUN, _came_to(recorded.result, child), "child_run")


def _came_to(step: Step, child: Run) -> Step:
    outcome = outcome_of(child)
    if child.state == RunState.SUCCEEDED or given(step).get("on_child_error") == "continue":
        return step._replace(state=StepState.SUCCEEDED, output=outcome, error=None)
    return refused(step._replace(output=outcome), "child_failed", why_failed(outcome))


def _is_over(parent: Run, name: str, steps: Mapping[str, RecordedStep] | None) -> bool:
    """Whether the run has gone past this wait: by its time, say."""
    recorded = (steps or {}).get(name)
    return parent.state in FINISHED or (recorded is not None and recorded.result.state != StepState.PENDING)


def _last_step(child: Run) -> Step | None:
    """The last step of the child's pipeline, if it has an output."""
    steps = StepLog.objects.readable_of_runs([child.pk])[child.pk] or {}
    definition = TaskDefinition.objects.filter(task=child.task_id, version=child.task_version).first()
    if definition is None:
        return None
    pipeline = definition.payload["pipeline"]
    recorded = steps.get(pipeline[-1].get("id", f"step_{len(pipeline)}"))
    return recorded.result if recorded and recorded.result.output is not None else None
