"""What does a run that holds no worker wait for?"""

from typing import Final

from tasks_app.models import Run, Step, StepLog
from tasks_app.states import RunState, StepState, WaitingFor

_OPEN: Final[dict[str, StepState]] = {WaitingFor.DECISION: StepState.UNKNOWN}


def awaited(run: Run, waiting_for: WaitingFor) -> Step | None:
    """The step that the run waits at for this, None if it does not. Its row must be locked: it cannot go on meanwhile."""
    if run.state != RunState.WAITING or run.waiting_for != waiting_for:
        return None
    steps = [recorded.result for recorded in StepLog.objects.of_run(run.pk)]
    return next((step for step in reversed(steps) if step.state == _OPEN[waiting_for]), None)
