"""Which of the runs that ended badly are to be given another chance, and giving it to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tasks_app.models import Run
from tasks_app.services import runs
from tasks_app.services.actor import Actor
from tasks_app.states import RunState

AT_ONCE: Final = 500  # in one transaction
MOST: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Runs of these states, oldest end first: of one task, of one agent, ended since (UTC), at most `limit`."""

    states: Sequence[RunState] = (RunState.DEAD,)
    task: UUID | None = None
    agent: UUID | None = None
    since: datetime | None = None
    limit: int = 1000


def chosen(choice: Choice) -> list[Run]:
    """Each state's own along the index of runs that ended badly; a task's along the task's."""
    found: list[Run] = []
    for state in choice.states:
        of_state = Run.objects.filter(state=state, task__deleted_at=None).select_related("task")
        if choice.task:
            of_state = of_state.filter(task=choice.task)
        if choice.agent:
            of_state = of_state.filter(agent=choice.agent)
        if choice.since:
            of_state = of_state.filter(finished_at__gte=choice.since)
        found += of_state.order_by("finished_at", "pk")[: choice.limit]
    return sorted(found, key=_ended)[: choice.limit]


def redrive(ids: Sequence[UUID], *, actor: Actor, reason: str, from_start: bool = False) -> list[UUID]:
    """Give another chance to those of the runs that may have one, `AT_ONCE` in a transaction; answers which."""
    redriven: list[UUID] = []
    for first in range(0, len(ids), AT_ONCE):
        redriven += runs.redrive(ids[first : first + AT_ONCE], actor=actor, reason=reason, from_start=from_start)
    return redriven


def _ended(run: Run) -> tuple[datetime, UUID]:
    assert run.finished_at is not None
    return run.finished_at, run.pk
