"""What can be asked about agents: make one, limit it, let it prove who it is."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from tasks_app import admission
from tasks_app.admission import Openings
from tasks_app.catalogue import catalogue
from tasks_app.events import outbox
from tasks_app.events.types import EventType
from tasks_app.exceptions import Fault, InvalidRequest, NotAuthenticated
from tasks_app.models import Agent, Census
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
    *,
    name: str,
    scopes: Iterable[str],
    actor: Actor = SYSTEM,
    **limits: int | None,
) -> tuple[Agent, str]:
    """Make an agent. Answers it and its secret, which is kept only as a hash and cannot be read again.

    limits: `runs_per_day`, how many runs its tasks may have on one day (UTC); `max_running`, how many of them may be queued or
    running at one time; `calls_per_minute`, `tokens_per_minute`, `microdollars_per_minute`, what their calls may use up. None
    for any number.

    Scopes are those of the platform, and those that its tools need. Raises `InvalidRequest` for an empty or taken name or an
    unknown scope.
    """
    wanted = sorted(set(scopes))
    known = dict.fromkeys((*SCOPES, *sorted(set().union(*(tool.scopes for tool in catalogue())))))
    unknown = [scope for scope in wanted if scope not in known]
    if unknown:
        raise InvalidRequest(Fault("/scopes", f"Unknown scope {unknown[0]!r}: use any of {', '.join(known)}."))
    secret = secrets.token_urlsafe(32)
    agent = Agent(name=name, scopes=wanted, **limits)
    agent.secret_hash = make_password(secret)
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
def set_limits(agent: Agent, limits: Mapping[str, int | None], *, actor: Actor) -> Agent:
    """Change `runs_per_day`, what it had today counts, `max_running`, or what calls may use up in a minute; None lifts a limit.

    What waits goes on as far as the new limit lets it, after the commit. What goes on already is not stopped. Where there was
    no limit, the agent's runs are counted first, by a standing duty, and none of those that wait goes on before. Raises
    `InvalidRequest` for a limit below 1.
    """
    if wrong := [
        Fault(f"/{name}", "Give 1 or more, or null for no limit.") for name in limits if _below_one(limits[name])
    ]:
        raise InvalidRequest(*wrong)
    # Not FOR UPDATE: who plans a run refers to the agent, and may hold runs that are counted in here.
    agent = Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)
    changed: dict[str, Any] = {name: limit for name, limit in limits.items() if getattr(agent, name) != limit}
    if not changed:
        return agent
    if "max_running" in changed:
        if None in (agent.max_running, changed["max_running"]):
            Census.objects.filter(agent=agent).delete()
        if agent.max_running is None:
            Census.objects.create(agent=agent)
        admission.admit_after_commit(Openings(agents={agent.pk}))
    for name, limit in changed.items():
        setattr(agent, name, limit)
    agent.save(update_fields=list(changed))
    outbox.record(EventType.AGENT_UPDATED, agent, agent=actor.agent, request_id=actor.request_id, **changed)
    audit.note("agent.updated", agent, actor=actor, **changed)
    return agent


def _below_one(limit: int | None) -> bool:
    return limit is not None and limit < 1


def authenticate(agent_id: UUID, secret: str) -> Agent:
    """The agent whose secret this is. Raises `NotAuthenticated`; unknown agents cost as much time as known ones."""
    agent = Agent.objects.filter(pk=agent_id).first()
    proven = check_password(secret, agent.secret_hash if agent else _NOBODY)
    if agent is None or not proven or not agent.active:
        raise NotAuthenticated("Unknown agent, wrong secret or disabled agent.")
    return agent
