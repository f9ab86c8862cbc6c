"""Rights: what each agent may do now, as it was a second ago at most."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from uuid import UUID

from pipelines import ErrorClass, StepError
from tasks_app.destinations.clerk import NoAnswer
from tasks_app.models import Agent

FRESH: Final = 1.0  # seconds
_MOST: Final = 10_000  # agents that a process remembers


@dataclass(frozen=True, slots=True)
class Rights:
    """Whether the agent may do anything, what, and whether what its calls use up is limited. `read_at` is monotonic seconds."""

    agent: str
    active: bool
    scopes: frozenset[str]
    read_at: float
    budgeted: bool = False

    @classmethod
    def of(cls, agent: Agent) -> "Rights":
        return cls(agent.name, agent.active, frozenset(agent.scopes), time.monotonic(), agent.is_budgeted)

    def refusal(self, tool: str, scopes: frozenset[str]) -> StepError | None:
        """Why the agent may not call this tool, which needs these scopes; None if it may."""
        if not self.active:
            message = (
                f"the agent {self.agent} is disabled, so {tool} is not called for it; an administrator can enable it"
            )
            return StepError(ErrorClass.PERMANENT, "agent_disabled", message)
        if "admin" in self.scopes or scopes <= self.scopes:
            return None
        message = (
            f"{tool} needs the scope {', '.join(sorted(scopes - self.scopes))}, which the agent {self.agent} does not have; "
            "an administrator gives it one that has"
        )
        return StepError(ErrorClass.PERMANENT, "scope_missing", message)


class Agents:
    """What one process knows of agents. `ask` does a question on a connection, or raises `NoAnswer`."""

    def __init__(self, ask: Callable[[Callable[[], Rights]], Rights]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._known: dict[UUID, Rights] = {}

    def of(self, agent: UUID) -> Rights:
        """The agent's rights. While Postgres does not answer, those that were known last; raises `NoAnswer` if none were."""
        known = self._known.get(agent)
        if known is not None and time.monotonic() - known.read_at < FRESH:
            return known
        try:
            read = self._ask(partial(_read, agent))
        except NoAnswer:
            if known is None:
                raise
            return known  # the runs' leases end soon without Postgres
        with self._lock:
            self._known.pop(agent, None)
            self._known[agent] = read
            while len(self._known) > _MOST:
                del self._known[next(iter(self._known))]
        return read


def _read(pk: UUID) -> Rights:
    asked_at = time.monotonic()
    return replace(Rights.of(Agent.objects.get(pk=pk)), read_at=asked_at)
