"""How often may who calls try something? Counted by all processes together, in one question to Redis a request.

Answers tell what is left: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
"""

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from tasks_app.api.networks import counted_as
from tasks_app.conf import conf
from tasks_app.events import counters
from tasks_app.events.counters import Tries
from tasks_app.models import Agent

if TYPE_CHECKING:  # the framework loads this module while it loads its views
    from rest_framework.views import APIView

WINDOW: Final = 60  # seconds

# By the names of their addresses: what computes for long, or reads much, for one answer.
COSTLY: Final = frozenset(
    {
        "auditentry-export",
        "auditentry-verify",
        "pipeline-render",
        "pipeline-validate",
        "schedule-conflicts",
        "schedule-preview",
        "tasks-apply",
        "tasks-bulk",
        "tasks-bulk-cancel",
        "tasks-bulk-delete",
        "tasks-bulk-pause",
        "tasks-bulk-resume",
        "tasks-bulk-run-now",
        "tasks-export",
        "tasks-import",
        "tasks-plan",
        "tool-discover",
        "tool-import-",
    }
)


@dataclass(frozen=True)
class Limit:
    """At most `most` tries a minute under a name; `policy` is what callers know it by, empty where they are not told."""

    name: str
    most: int
    policy: str = ""


class _Counted(BaseThrottle, ABC):
    _wait: float | None = None

    @abstractmethod
    def limits(self, request: Request) -> Sequence[Limit]:
        """What this request counts for."""

    def get_ident(self, request: Request) -> str:
        return counted_as(super().get_ident(request))

    def allow_request(self, request: Request, view: "APIView") -> bool:
        limits = self.limits(request)
        if not limits:
            return True
        tries = counters.count_each([limit.name for limit in limits], window=WINDOW)
        _tell(view, list(zip(limits, tries, strict=True)))
        over = [each.ends_in for limit, each in zip(limits, tries, strict=True) if each.number > limit.most]
        self._wait = max(over, default=None)
        return not over

    def wait(self) -> float | None:
        return self._wait


class OfAgents(_Counted):
    """All requests of an agent: by what they ask for, and all together where it has `requests_per_minute`."""

    def limits(self, request: Request) -> Sequence[Limit]:
        agent = request.user
        if not isinstance(agent, Agent):
            return ()
        kind = class_of(request)
        limits = [Limit(f"{kind} of {agent.pk}", conf().api_limits[kind], kind)]
        if agent.requests_per_minute:
            limits.append(Limit(f"requests of {agent.pk}", agent.requests_per_minute, "agent"))
        return limits


class OfCaller(_Counted):
    """All that one address asks at the logins, whichever agents it names."""

    def limits(self, request: Request) -> Sequence[Limit]:
        return [Limit(f"login of {self.get_ident(request)}", conf().api_limits["login"], "login")]


class OfLogin(OfCaller):
    """Beside that, the guesses at one agent's secret: of one address few, of all many. Else anybody could keep it out."""

    most_of_caller = 20
    most_of_all = 300

    def limits(self, request: Request) -> Sequence[Limit]:
        named, caller = _named(request), self.get_ident(request)
        return [
            *super().limits(request),
            Limit(f"login of {caller} as {named}", self.most_of_caller, "guesses"),
            Limit(f"login as {named}", self.most_of_all),
        ]


class OfLinks(_Counted):
    """All that one address asks by links: guesses at their signatures, mostly."""

    most = 60

    def limits(self, request: Request) -> Sequence[Limit]:
        return [Limit(f"links of {self.get_ident(request)}", self.most)]


class OfHooks(_Counted):
    """What is sent to one hook, by whomever; and what one address sends, to whichever: guesses at tokens, too."""

    most = 600
    most_of_caller = 6000

    def limits(self, request: Request) -> Sequence[Limit]:
        return [
            Limit(f"hook {_short(request.parser_context['kwargs']['token'])}", self.most, "hook"),
            Limit(f"hooks of {self.get_ident(request)}", self.most_of_caller, "sender"),
        ]


def class_of(request: Request) -> str:
    """`costly` by the address; else `read` or `write` by the method."""
    found = getattr(request, "resolver_match", None)
    if found is not None and found.url_name in COSTLY:
        return "costly"
    return "read" if request.method in {"GET", "HEAD"} else "write"


def _tell(view: "APIView", counted: Sequence[tuple[Limit, Tries]]) -> None:
    """Have the answer say what is left, whatever it will be."""
    told = [(limit, tries) for limit, tries in counted if limit.policy]
    if told:
        left = [(limit, max(limit.most - tries.number, 0), math.ceil(tries.ends_in)) for limit, tries in told]
        view.headers["RateLimit-Policy"] = ", ".join(f'"{limit.policy}";q={limit.most};w={WINDOW}' for limit, _ in told)
        view.headers["RateLimit"] = ", ".join(f'"{limit.policy}";r={rest};t={ends}' for limit, rest, ends in left)


def _named(request: Request) -> str:
    """However its id is spelled."""
    named: Any = request.data.get("agent_id") if isinstance(request.data, dict) else None
    with suppress(ValueError):
        named = UUID(int=named) if type(named) is int else UUID(str(named))
    return _short(named)


def _short(named: Any) -> str:
    return hashlib.sha256(str(named).lower().encode()).hexdigest()[:32]
