"""What can be asked about logins: begin one, refresh it, end it or all of an agent's.

A refresh token is good once. The second time it comes back, two hold it, and who of them is the thief cannot be told: the
login ends, and whoever knows the secret begins another. But for `TOGETHER` after a refresh, the token before it is
answered as its successor was, with the same generation and no new one: an agent whose two threads refresh at once, or whose
answer got lost on the way, goes on. Nobody wins a login of his own by that: of the two who then hold one generation, the
second to use it ends the login.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from tasks_app.conf import conf
from tasks_app.exceptions import Fault, InvalidRequest, NotAuthenticated, NotPermitted
from tasks_app.models import Agent, TokenFamily
from tasks_app.models.clock import database_now
from tasks_app.services import agents, audit
from tasks_app.services.actor import Actor

TOGETHER: Final = timedelta(seconds=5)


@transaction.atomic
def begin(agent: Agent, *, scopes: Iterable[str] | None = None) -> TokenFamily:
    """A login of an agent that has proven itself; scopes: what its tokens are to be good for, None for all it has.

    Raises `InvalidRequest` for an unknown scope, `NotPermitted` for one that the agent does not have, and `NotAuthenticated`
    when the agent was disabled or its secret taken away since it has proven itself.
    """
    _require_still_proven(agent)
    wanted = None if scopes is None else sorted(set(scopes))
    _check(wanted or (), agent)
    return TokenFamily.objects.create(agent=agent, scopes=wanted, expires_at=database_now() + conf().login_lifetime)


def refresh(family_id: UUID, *, agent: UUID, generation: int, request_id: str = "") -> TokenFamily:
    """The login at its next generation, for who holds its refresh token of this one.

    Raises `NotAuthenticated` when the login is over; a token that was used before ends it.
    """
    with transaction.atomic():
        family = _locked(family_id, agent)
        reused = not _is_newest(family, generation)
        if reused:
            TokenFamily.objects.filter(pk=family.pk).revoke()
            actor = Actor.of_agent(family.agent, request_id=request_id)
            audit.note("agent.token_reused", family.agent, actor=actor, login=str(family.pk), generation=generation)
        elif generation == family.generation:
            family.generation += 1
            TokenFamily.objects.filter(pk=family.pk).update(generation=family.generation, refreshed_at=Now())
    if reused:
        raise NotAuthenticated(_OVER, agent=agent)
    return family


@transaction.atomic
def end(family_id: UUID, *, actor: Actor) -> bool:
    """End one login; whether it was not over before."""
    family = TokenFamily.objects.select_related("agent").filter(pk=family_id).first()
    if family is None or not TokenFamily.objects.filter(pk=family_id).revoke():
        return False
    audit.note("agent.login_ended", family.agent, actor=actor, login=str(family_id))
    return True


@transaction.atomic
def end_all(agent: Agent, *, actor: Actor) -> int:
    """End every login of the agent; answers how many were not over."""
    ended = TokenFamily.objects.filter(agent=agent).revoke()
    audit.note("agent.logins_ended", agent, actor=actor, logins=ended)
    return ended


def _require_still_proven(agent: Agent) -> None:
    """Whoever disables the agent or takes its secret away ends the logins that there are: none may follow unseen."""
    now = Agent.objects.select_for_update(no_key=True).filter(pk=agent.pk, active=True)
    known = Q(secret_hash=agent.secret_hash) | Q(old_secret_hash=agent.secret_hash, old_secret_until__gt=Now())
    if not now.filter(known).exists():
        raise NotAuthenticated("The agent was disabled, or its secret has changed.", agent=agent.pk)


def _check(wanted: Sequence[str], agent: Agent) -> None:
    known = agents.known_scopes() if wanted else []
    for scope in wanted:
        if scope not in known and scope not in agent.scopes:
            names = ", ".join(known)
            raise InvalidRequest(
                Fault("/scope", f"Unknown scope {scope[:100]!r}: use any of {names}, parted by blanks.")
            )
        if not agent.is_admin and scope not in agent.scopes:
            raise NotPermitted(
                f"The agent does not have the scope {scope}: ask for those it has, or leave `scope` out."
            )


def _locked(family_id: UUID, agent: UUID) -> TokenFamily:
    alive = TokenFamily.objects.proven_by(family_id, agent=agent).filter(expires_at__gt=Now())
    family = alive.select_related("agent").select_for_update(of=("self",), no_key=True).first()
    if family is None:
        raise NotAuthenticated(_OVER, agent=agent)
    return family


def _is_newest(family: TokenFamily, generation: int) -> bool:
    """Or was until a moment ago."""
    if generation == family.generation:
        return True
    if generation != family.generation - 1:
        return False
    assert family.refreshed_at is not None  # the table's constraint
    return database_now() - family.refreshed_at < TOGETHER


_OVER: Final = "This login is over: give the agent's secret at /auth/token once more."
