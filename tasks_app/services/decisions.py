"""What a person can say to a run that waits for it: what became of a call whose outcome nobody knows."""

from typing import Any, Final

from django.db import transaction

from pipelines.values import MAX_BYTES, UnfitValue, spend
from tasks_app import release, waits
from tasks_app.exceptions import Fault, IllegalMove, InvalidRequest
from tasks_app.models import Run, Step
from tasks_app.release import Answer
from tasks_app.services import audit
from tasks_app.services.actor import Actor
from tasks_app.states import StepState, WaitingFor

OUTCOMES: Final = ("succeeded", "failed", "retry")


@transaction.atomic
def resolve(  # noqa: PLR0913  what is said, by keyword
    run: Run, *, actor: Actor, outcome: str, step: str | None = None, output: Any = None, comment: str = ""
) -> Run:
    """Say what became of the step that is `unknown`: the run goes on with `output`, fails, or makes the call again.

    Raises `IllegalMove` when no step of the run, or not this one, is unknown; `InvalidRequest` for an output that cannot be
    stored, or that is given although the step did not succeed.
    """
    _check_output(outcome, output)
    locked = Run.objects.select_for_update().get(pk=run.pk)
    found = waits.awaited(locked, WaitingFor.DECISION)
    if found is None:
        raise IllegalMove("No step of the run waits for a decision.")
    if step not in (None, found.step):
        raise IllegalMove(f"Step {step!r} waits for no decision: it is {found.step!r} that does.")
    decided = _decided(found, outcome, output, f"{actor.label} says: {comment or outcome}")
    release.release([Answer(run.pk, WaitingFor.DECISION, decided, "resolved")])
    audit.note("run.resolved", run, actor=actor, step=found.step, outcome=outcome, comment=comment)
    run.refresh_from_db()
    return run


def _decided(step: Step, outcome: str, output: Any, message: str) -> Step:
    if outcome == "succeeded":
        return step._replace(state=StepState.SUCCEEDED, output=output, error=None)
    if outcome == "retry":
        error = {"error_class": "retryable", "code": "to_be_repeated", "message": message}
        return step._replace(state=StepState.FAILED, error=error)
    error = {"error_class": "permanent", "code": "declared_failed", "message": message}
    return step._replace(state=StepState.REFUSED, error=error)


def _check_output(outcome: str, output: Any) -> None:
    if output is None:
        return
    if outcome != "succeeded":
        raise InvalidRequest(Fault("/output", "Only a step that succeeded has an output: leave it out."))
    try:
        spend(output, MAX_BYTES)
    except UnfitValue as unfit:
        raise InvalidRequest(Fault(f"/output{unfit.pointer}", f"{unfit.reason}.")) from None
