"""Actor: on whose behalf something is asked."""

from dataclasses import dataclass
from uuid import UUID

from tasks_app.models import Agent


@dataclass(frozen=True)
class Actor:
    """`label` is what the audit keeps: `agent:<id>`, `user:<name>` or `system`."""

    label: str
    agent: UUID | None = None
    request_id: str = ""

    @classmethod
    def of_agent(cls, agent: Agent, *, request_id: str = "") -> "Actor":
        return cls(f"agent:{agent.pk}", agent.pk, request_id)

    @classmethod
    def of_user(cls, username: str, *, request_id: str = "") -> "Actor":
        return cls(f"user:{username}", None, request_id)


SYSTEM = Actor("system")
