"""What a step of a run may do to the platform: as its run's agent, once, and not without end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from tasks_app import admission
from tasks_app.conf import conf
from tasks_app.exceptions import CausationTooDeep, NotPermitted, TooManyMade
from tasks_app.models import Agent, Deed, Run, Task
from tasks_app.models.clock import database_now
from tasks_app.models.ids import oldest_id
from tasks_app.services import audit
from tasks_app.services.actor import Actor
from tasks_app.states import DeedKind

DEEPEST: Final = 8  # runs in a row, each made by a step of the one before
MOST_OF_A_RUN: Final = 100  # tasks and runs
_MADE: Final = (DeedKind.TASK, DeedKind.RUN)


@dataclass(frozen=True, kw_only=True)
class Source:
    """The step that does it. depth: how many events and runs, each made by the one before, led to its run."""

    run: UUID
    step: str
    agent: UUID
    request_id: str
    depth: int

    @property
    def actor(self) -> Actor:
        return Actor(f"agent:{self.agent}", self.agent, self.request_id)


@transaction.atomic
def do_once(source: Source, kind: DeedKind, *, scope: str, do: Callable[[Agent], Any]) -> Any:
    """What `do` answers, a JSON value, for the run's agent. A step that has done it is answered the same, and does nothing.

    Raises `NotPermitted` when the agent is disabled or has not the scope, `CausationTooDeep` when more than eight runs would
    have made each other, `TooManyMade`, and what `do` raises.
    """
    agent = Agent.objects.get(pk=source.agent)
    if not agent.active or not (agent.is_admin or scope in agent.scopes):
        raise NotPermitted(f"The agent {agent} may not do this: it needs the scope {scope}.")
    # Whoever else tries the same step waits here until this transaction has ended, one way or the other.
    deed, new = Deed.objects.get_or_create(run_id=source.run, step=source.step, defaults={"kind": kind})
    if not new:
        return deed.answer
    if kind in _MADE:
        _refuse_endless(source, kind)
    deed.answer = do(agent)
    deed.save()
    return deed.answer


def note_refusal(source: Source, action: str, why: Exception, **details: Any) -> None:
    """Write down that a step was not let."""
    run = Run.objects.get(pk=source.run)
    audit.note(action, run, actor=source.actor, step=source.step, depth=source.depth, reason=str(why), **details)


def _refuse_endless(source: Source, kind: DeedKind) -> None:
    if source.depth >= DEEPEST:
        raise CausationTooDeep(
            f"{DEEPEST} runs in a row were made by each other up to this one: tasks must not make each other without end."
        )
    admission.lock(f"deeds of {source.agent}")  # so that nobody else of the agent's counts at the same time
    if Deed.objects.filter(run=source.run, kind__in=_MADE).count() > MOST_OF_A_RUN:
        raise TooManyMade(f"This run has made {MOST_OF_A_RUN} tasks and runs: let several runs make what is needed.")
    if kind == DeedKind.TASK:
        _refuse_too_many_tasks(source.agent)


def _refuse_too_many_tasks(agent: UUID) -> None:
    most = conf().made_tasks_per_day
    today = datetime.combine(database_now().date(), time(), UTC)
    if Task.objects.filter(created_by=agent, causation__gt=0, pk__gte=oldest_id(today)).count() >= most:
        raise TooManyMade(f"The runs of this agent have made {most} tasks today (UTC): go on tomorrow, or use fewer.")
