"""Actor: on whose behalf something is asked."""

from dataclasses import dataclass, field
from uuid import UUID

from tasks_app.models import Agent


@dataclass(frozen=True)
class Actor:
    """`label` is what the audit keeps: `agent:<id>`, `user:<name>` or `system`.

    scopes: what an agent's login is good for; None where nothing but the agent's own scopes bounds it.
    """

    label: str
    agent: UUID | None = None
    request_id: str = ""
    scopes: tuple[str, ...] | None = field(default=None, compare=False)

    @classmethod
    def of_agent(cls, agent: Agent, *, request_id: str = "") -> "Actor":
        return cls(f"agent:{agent.pk}", agent.pk, request_id, tuple(agent.scopes))

    @classmethod
    def of_user(cls, username: str, *, request_id: str = "") -> "Actor":
        return cls(f"user:{username}", None, request_id)

    def hold_back(self, owner: Agent) -> None:
        """Leave an owner who asks for itself only what its login is good for; it is not to be saved then."""
        if self.agent == owner.pk and self.scopes is not None:
            owner.scopes = [scope for scope in self.scopes if owner.is_admin or scope in owner.scopes]


SYSTEM = Actor("system")
