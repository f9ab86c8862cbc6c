"""What can be asked about agents: make one, let it prove who it is."""

import secrets
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from tasks_app.events import outbox
from tasks_app.events.types import EventType
from tasks_app.exceptions import Fault, InvalidRequest, NotAuthenticated
from tasks_app.models import Agent
from tasks_app.services import audit, faults
from tasks_app.services.actor import SYSTEM, Actor

SCOPES: Final = (
    "tasks:create",
    "tasks:read",
    "tasks:update",
    "tasks:delete",
    "runs:read",
    "runs:write",
    "events:publish",
    "events:read",
    "tools:read",
    "tools:write",
    "admin",
)

_NOBODY: Final = make_password(None)


@transaction.atomic
def create_agent(
    *, name: str, scopes: Iterable[str], runs_per_day: int | None = None, actor: Actor = SYSTEM
) -> tuple[Agent, str]:
    """Make an agent. Answers it and its secret, which is kept only as a hash and cannot be read again.

    runs_per_day: how many runs its tasks may have on one day (UTC), None for any number.

    Raises `InvalidRequest` for an empty or taken name or an unknown scope.
    """
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown:
        raise InvalidRequest(Fault("/scopes", f"Unknown scope {unknown[0]!r}: use any of {', '.join(SCOPES)}."))
    secret = secrets.token_urlsafe(32)
    agent = Agent(name=name, scopes=wanted, runs_per_day=runs_per_day, secret_hash=make_password(secret))
    try:
        agent.full_clean()
    except ValidationError as error:
        raise InvalidRequest(*faults.of_model(error)) from error
    agent.save(force_insert=True)
    outbox.record(EventType.AGENT_CREATED, agent, agent=actor.agent, request_id=actor.request_id, scopes=wanted)
    audit.note("agent.created", agent, actor=actor, name=name, scopes=wanted)
    return agent, secret


@transaction.atomic
def set_active(agent: Agent, active: bool, *, actor: Actor) -> Agent:
    """Enable or disable an agent; a disabled one's tokens stop working at once."""
    if Agent.objects.filter(pk=agent.pk).exclude(active=active).update(active=active):
        outbox.record(EventType.AGENT_UPDATED, agent, agent=actor.agent, request_id=actor.request_id, active=active)
        audit.note("agent.enabled" if active else "agent.disabled", agent, actor=actor)
    agent.refresh_from_db()
    return agent


@transaction.atomic
def set_runs_per_day(agent: Agent, runs_per_day: int | None, *, actor: Actor) -> Agent:
    """Change how many runs its tasks may have on one day (UTC); None lifts the limit. What it had today counts."""
    if runs_per_day is not None and runs_per_day < 1:
        raise InvalidRequest(Fault("/runs_per_day", "Give 1 or more, or null for no limit."))
    agent = Agent.objects.select_for_update().get(pk=agent.pk)
    if agent.runs_per_day != runs_per_day:
        agent.runs_per_day = runs_per_day
        agent.save(update_fields=["runs_per_day"])
        said: dict[str, Any] = {"runs_per_day": runs_per_day}
        outbox.record(EventType.AGENT_UPDATED, agent, agent=actor.agent, request_id=actor.request_id, **said)
        audit.note("agent.updated", agent, actor=actor, **said)
    return agent


def authenticate(agent_id: UUID, secret: str) -> Agent:
    """The agent whose secret this is. Raises `NotAuthenticated`; unknown agents cost as much time as known ones."""
    agent = Agent.objects.filter(pk=agent_id).first()
    proven = check_password(secret, agent.secret_hash if agent else _NOBODY)
    if agent is None or not proven or not agent.active:
        raise NotAuthenticated("Unknown agent, wrong secret or disabled agent.")
    return agent
