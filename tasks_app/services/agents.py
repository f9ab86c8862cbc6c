"""What can be asked about agents: make one, say what it may do, disable it, let it prove who it is."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Now

from tasks_app import admission
from tasks_app.admission import Openings
from tasks_app.catalogue import catalogue
from tasks_app.events import outbox
from tasks_app.events.types import EventType
from tasks_app.exceptions import Fault, InvalidRequest, NotAuthenticated
from tasks_app.models import Agent, Census, TokenFamily
from tasks_app.models.clock import database_now
from tasks_app.services import audit, faults, webhooks
from tasks_app.services.actor import SYSTEM, Actor
from tasks_app.services.guard import Guard, unguarded

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

# runs_per_day: runs that its tasks may have on one day (UTC); max_running: of these, how many may be queued or running at one
# time; min_cadence_seconds: between two instants of a schedule; requests_per_minute: to the API;
# the others: what the calls of its runs may use up. None for no limit.
LIMITS: Final = (
    "runs_per_day",
    "max_running",
    "min_cadence_seconds",
    "requests_per_minute",
    "calls_per_minute",
    "tokens_per_minute",
    "microdollars_per_minute",
)

_LARGEST: Final = {"min_cadence_seconds": 86_400}
_NOBODY: Final = make_password(None)
_NAMES_LOCK: Final = 0x6167656E74


@transaction.atomic
def create_agent(
    *, name: str, scopes: Iterable[str], actor: Actor = SYSTEM, webhook_url: str = "", **limits: int | None
) -> tuple[Agent, str]:
    """Make an agent. Answers it and its secret, which is kept only as a hash and cannot be read again.

    limits: any of `LIMITS`. webhook_url: see `webhooks.move`. Raises `InvalidRequest` for an empty or taken name, an unknown scope or a limit below 1.
    """
    wanted = _known(scopes)
    secret = new_secret()
    agent = Agent(name=name, scopes=wanted, secret_hash=make_password(secret), **limits)
    _take_turns_at_names()
    try:
        agent.full_clean()
    except ValidationError as error:
        raise InvalidRequest(*faults.of_model(error)) from error
    agent.save(force_insert=True)
    outbox.record(EventType.AGENT_CREATED, agent, agent=actor.agent, request_id=actor.request_id, scopes=wanted)
    audit.note("agent.created", agent, actor=actor, name=name, scopes=wanted)
    if webhook_url:
        webhooks.move(agent, webhook_url, actor=actor)
    return agent, secret


@transaction.atomic
def change_agent(agent: Agent, changes: Mapping[str, Any], *, actor: Actor, guard: Guard = unguarded) -> Agent:
    """Change any of `scopes`, `active`, `webhook_url` and `LIMITS`: all of it or nothing.

    Raises `InvalidRequest` naming each fault, and what the guard raises.
    """
    if "webhook_url" in changes:
        webhooks.looked_at()  # the lock that whoever makes a webhook takes first, too
    guard(Agent.objects.select_for_update(no_key=True).get(pk=agent.pk))
    limits = {name: changes[name] for name in LIMITS if name in changes}
    if limits:
        set_limits(agent, limits, actor=actor)
    if "scopes" in changes:
        set_scopes(agent, changes["scopes"], actor=actor)
    if "webhook_url" in changes:
        webhooks.move(agent, changes["webhook_url"], actor=actor)
    if "active" in changes:
        set_active(agent, changes["active"], actor=actor)
    agent.refresh_from_db()
    return agent


@transaction.atomic
def set_active(agent: Agent, active: bool, *, actor: Actor) -> Agent:
    """Enable or disable an agent; a disabled one's tokens stop working at once, and for good."""
    if Agent.objects.filter(pk=agent.pk).exclude(active=active).update(active=active):
        if not active:
            TokenFamily.objects.filter(agent=agent).revoke()
        outbox.record(EventType.AGENT_UPDATED, agent, agent=actor.agent, request_id=actor.request_id, active=active)
        audit.note("agent.enabled" if active else "agent.disabled", agent, actor=actor)
    agent.refresh_from_db()
    return agent


@transaction.atomic
def set_scopes(agent: Agent, scopes: Iterable[str], *, actor: Actor) -> Agent:
    """Give the agent these scopes and no other; what its tokens may do changes at once.

    Raises `InvalidRequest` for an unknown scope, and for none at all: disable an agent that may do nothing.
    """
    wanted = _known(scopes)
    if not wanted:
        raise InvalidRequest(Fault("/scopes", "Name at least one scope, or disable the agent."))
    agent = Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)
    if wanted != agent.scopes:
        before, agent.scopes = agent.scopes, wanted
        agent.save(update_fields=["scopes"])
        outbox.record(EventType.AGENT_UPDATED, agent, agent=actor.agent, request_id=actor.request_id, scopes=wanted)
        audit.note("agent.updated", agent, actor=actor, scopes=wanted, scopes_before=before)
    return agent


@transaction.atomic
def set_limits(agent: Agent, limits: Mapping[str, int | None], *, actor: Actor) -> Agent:
    """Change any of `LIMITS`; None lifts one. What the agent had today counts for `runs_per_day`.

    What waits goes on as far as the new limit lets it, after the commit. What goes on already is not stopped. Where there was
    no limit, the agent's runs are counted first, by a standing duty, and none of those that wait goes on before. A task whose
    schedule is denser than a new `min_cadence_seconds` stays as it is until it is changed. Raises `InvalidRequest` for a limit
    below 1.
    """
    if wrong := [Fault(f"/{name}", _cure(name)) for name, limit in limits.items() if not _makes_sense(name, limit)]:
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


def authenticate(agent_id: UUID, secret: str) -> Agent:
    """The agent whose secret this is. Raises `NotAuthenticated`.

    Two hashes are made for every wrong secret, also for an agent that does not exist or has no second secret: the time that an
    answer takes says nothing of which it was.
    """
    rotating = ExpressionWrapper(Q(old_secret_until__gt=Now()), output_field=BooleanField())
    agent = Agent.objects.annotate(rotating=rotating).filter(pk=agent_id).first()
    newest = agent.secret_hash if agent else _NOBODY
    old = agent.old_secret_hash if agent and agent.rotating else _NOBODY
    proven = check_password(secret, newest) or check_password(secret, old)
    if agent is None or not proven or not agent.active:
        claimed = agent.pk if agent else None
        raise NotAuthenticated("Unknown agent, wrong secret or disabled agent.", agent=claimed)
    return agent


@transaction.atomic
def rotate_secret(agent: Agent, *, overlap: timedelta, actor: Actor) -> str:
    """Give the agent another secret, which is answered this once; the one before it is good for `overlap` more.

    A third one ends at once. Without overlap, what the old secret has opened ends with it: every login of the agent.
    """
    secret = new_secret()
    kept = Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)
    old, until = (kept.secret_hash, database_now() + overlap) if overlap else ("", None)
    kept.old_secret_hash, kept.old_secret_until, kept.secret_hash = old, until, make_password(secret)
    kept.save(update_fields=["old_secret_hash", "old_secret_until", "secret_hash"])
    ended = 0 if overlap else TokenFamily.objects.filter(agent=kept).revoke()
    outbox.record(EventType.AGENT_UPDATED, kept, agent=actor.agent, request_id=actor.request_id, rotated=True)
    audit.note("agent.secret_rotated", kept, actor=actor, overlap_seconds=int(overlap.total_seconds()), logins=ended)
    return secret


def known_scopes() -> list[str]:
    """Those of the platform, and those that its tools need."""
    return list(dict.fromkeys((*SCOPES, *sorted(set().union(*(tool.scopes for tool in catalogue()))))))


def new_secret() -> str:
    """256 bits that nobody can guess."""
    return secrets.token_urlsafe(32)


def _take_turns_at_names() -> None:
    """Let nobody else make an agent until the transaction ends: whether a name is free is seen of what is committed only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NAMES_LOCK])


def _known(scopes: Iterable[str]) -> list[str]:
    wanted, known = sorted(set(scopes)), known_scopes()
    if unknown := [scope for scope in wanted if scope not in known]:
        raise InvalidRequest(Fault("/scopes", f"Unknown scope {unknown[0]!r}: use any of {', '.join(known)}."))
    return wanted


def _makes_sense(name: str, limit: int | None) -> bool:
    return limit is None or 1 <= limit <= _LARGEST.get(name, limit)


def _cure(name: str) -> str:
    if name in _LARGEST:
        return f"Give 1 to {_LARGEST[name]}, or null for no limit."
    return "Give 1 or more, or null for no limit."
