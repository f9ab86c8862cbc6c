"""How many runs of a day (UTC) an agent has left. Only agents that have such a limit cost a row lock."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from tasks_app.models import Agent, Task


class Budgets:
    """The budgets of the tasks' owners, whose rows stay locked until the transaction ends."""

    def __init__(self, tasks: Sequence[Task], *, now: datetime) -> None:
        owners = {task.created_by_id for task in tasks}
        limited = Agent.objects.filter(pk__in=owners, runs_per_day__isnull=False).order_by("pk")
        self._today = now.date()
        self._agents: dict[UUID, Agent] = {agent.pk: agent for agent in limited.select_for_update()}
        self._spent: set[UUID] = set()
        for agent in self._agents.values():
            if agent.runs_counted_on != self._today:
                agent.runs_counted_on, agent.runs_counted = self._today, 0

    def purse(self, owner: UUID) -> Callable[[], bool]:
        """Takes one run from the owner's budget each time it is called; false when none was left."""
        agent = self._agents.get(owner)
        return _without_limit if agent is None else lambda: self._take(agent)

    def keep(self) -> None:
        """Write down what was taken."""
        for pk in sorted(self._spent):
            self._agents[pk].save(update_fields=["runs_counted_on", "runs_counted"])

    def _take(self, agent: Agent) -> bool:
        assert agent.runs_per_day is not None
        if agent.runs_counted >= agent.runs_per_day:
            return False
        agent.runs_counted += 1
        self._spent.add(agent.pk)
        return True


def _without_limit() -> bool:
    return True
