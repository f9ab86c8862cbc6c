"""What a person can say to a run that waits for it: yes or no, or what became of a call whose outcome nobody knows."""

import re
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from pipelines.tools import approval
from pipelines.values import MAX_BYTES, UnfitValue, spend
from tasks_app import release, waits
from tasks_app.exceptions import Fault, IllegalMove, InvalidRequest, NotPermitted
from tasks_app.models import Agent, Run, Step, StepLog
from tasks_app.models.clock import database_now
from tasks_app.release import Answer
from tasks_app.services import audit
from tasks_app.services.actor import Actor
from tasks_app.states import StepState, WaitingFor

_AUDITED: Final = {True: "run.approved", False: "run.rejected"}
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # not a line's end, nor a tab
OUTCOMES: Final = ("succeeded", "failed", "retry")


@transaction.atomic
def resolve(  # noqa: PLR0913  what is said, by keyword
    run: Run, *, actor: Actor, outcome: str, step: str | None = None, output: Any = None, comment: str = ""
) -> Run:
    """Say what became of the step that is `unknown`: the run goes on with `output`, fails, or makes the call again.

    Raises `IllegalMove` when no step of the run, or not this one, is unknown; `InvalidRequest` for an output that cannot be
    stored, or that is given although the step did not succeed.
    """
    _check_comment(comment)
    _check_output(outcome, output)
    locked = Run.objects.select_for_update().get(pk=run.pk)
    found = waits.awaited(locked, WaitingFor.DECISION, step=step)
    if found is None:
        raise IllegalMove("No step of the run waits for a decision.")
    if step not in (None, found.step):
        raise IllegalMove(f"Step {step!r} waits for no decision: it is {found.step!r} that does.")
    decided = _decided(found, outcome, output, f"{actor.label} says: {comment or outcome}")
    release.release([Answer(run.pk, WaitingFor.DECISION, decided, "resolved")])
    audit.note("run.resolved", run, actor=actor, step=found.step, outcome=outcome, comment=comment)
    run.refresh_from_db()
    return run


@transaction.atomic
def approve(run: Run, *, actor: Actor, step: str | None = None, comment: str = "") -> Run:
    """Say yes to a run that waits for approval, at the step named if one is. Said twice, it changes nothing.

    Raises `IllegalMove` when it does not wait for that, or was told no; `NotPermitted` when its step names other approvers.
    """
    return _judge(run, actor=actor, step=step, comment=comment, approved=True)


@transaction.atomic
def reject(run: Run, *, actor: Actor, step: str | None = None, comment: str = "") -> Run:
    """Say no: the step fails for good, unless it says `on_reject: continue`. Raises as `approve` does."""
    return _judge(run, actor=actor, step=step, comment=comment, approved=False)


@transaction.atomic
def judge(  # noqa: PLR0913  what is said, by keyword
    pk: UUID, *, agent: Agent, actor: Actor, approved: bool, step: str | None = None, comment: str = ""
) -> None:
    """Approve or reject for an agent the run that is its own, or asks for approval from it by name.

    One that it has judged last is there, too: saying it again changes nothing. Raises `Run.DoesNotExist`, and as `approve` does.
    """
    _judge(_to_judge(pk, agent), actor=actor, step=step, comment=comment, approved=approved)


def _to_judge(pk: UUID, agent: Agent) -> Run:
    """Locked, so that it asks nobody else until something is said."""
    run = Run.objects.select_for_update(of=("self",)).get(pk=pk, task__deleted_at=None)
    if not (agent.is_admin or run.agent_id == agent.pk or _asks(run, Actor.of_agent(agent).label)):
        raise Run.DoesNotExist
    return run


def _asks(run: Run, label: str) -> bool:
    """Whether an approval that the run waits for is for this one to give, or its last one was given by it."""
    steps = StepLog.objects.readable_of_runs([run.pk])[run.pk] or {}
    asked = [each.result for each in steps.values() if each.result.tool == approval.ADDRESS]
    waiting = [each for each in asked if each.state == StepState.PENDING]
    if waiting and run.waiting_for == WaitingFor.APPROVAL:
        return any(label in waits.given(each).get("approvers", ()) for each in waiting)
    told = [each.output for each in asked if each.output is not None]
    return bool(told) and told[-1]["by"] == label


def _judge(run: Run, *, actor: Actor, step: str | None, comment: str, approved: bool) -> Run:
    _check_comment(comment)
    locked = Run.objects.select_for_update().get(pk=run.pk)
    found = waits.awaited(locked, WaitingFor.APPROVAL, step=step)
    if found is None or step not in (None, found.step):
        if not _said_before(locked, step, approved=approved):
            raise IllegalMove("The run does not wait for approval here; see its steps.")
        return locked
    approvers = waits.given(found).get("approvers")
    if approvers and actor.label.removeprefix("link:") not in approvers:
        raise NotPermitted(f"Step {found.step!r} is for others to approve: {', '.join(approvers)}.")
    judged = waits.judged(found, approved=approved, by=actor.label, at=database_now(), comment=comment)
    release.release([Answer(run.pk, WaitingFor.APPROVAL, judged, "approved" if approved else "rejected")])
    audit.note(_AUDITED[approved], run, actor=actor, step=found.step, comment=comment)
    run.refresh_from_db()
    return run


def _said_before(run: Run, step: str | None, *, approved: bool) -> bool:
    """Whether the last approval, or that of `step`, came to the same."""
    asked = [each.result for each in StepLog.objects.of_run(run.pk) if each.result.tool == approval.ADDRESS]
    told = [each.output for each in asked if each.output is not None and step in (None, each.step)]
    return bool(told) and told[-1]["approved"] is approved


def _decided(step: Step, outcome: str, output: Any, message: str) -> Step:
    if outcome == "succeeded":
        return step._replace(state=StepState.SUCCEEDED, output=output, error=None)
    if outcome == "retry":
        error = {"error_class": "retryable", "code": "to_be_repeated", "message": message}
        return step._replace(state=StepState.FAILED, error=error)
    error = {"error_class": "permanent", "code": "declared_failed", "message": message}
    return step._replace(state=StepState.REFUSED, error=error)


def _check_comment(comment: str) -> None:
    """It comes by forms, too, where no parser has refused what Postgres cannot keep or a terminal would obey."""
    if _CONTROL.search(comment):
        raise InvalidRequest(Fault("/comment", "It holds a control character: leave it out."))


def _check_output(outcome: str, output: Any) -> None:
    if output is None:
        return
    if outcome != "succeeded":
        raise InvalidRequest(Fault("/output", "Only a step that succeeded has an output: leave it out."))
    try:
        spend(output, MAX_BYTES)
    except UnfitValue as unfit:
        raise InvalidRequest(Fault(f"/output{unfit.pointer}", f"{unfit.reason}.")) from None
