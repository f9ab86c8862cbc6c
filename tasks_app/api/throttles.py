"""How often may who calls try something? Counted by all processes together."""

import hashlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from tasks_app.api.authentication import agent_of
from tasks_app.events import counters
from tasks_app.models import Agent

if TYPE_CHECKING:  # the framework loads this module while it loads its views
    from rest_framework.views import APIView

WINDOW: Final = 60.0  # seconds


class _Counted(BaseThrottle, ABC):
    """Lets `most` tries a minute through, under each name."""

    most = 0
    _wait: float | None = None

    @abstractmethod
    def name(self, request: Request) -> str | None:
        """What is counted; None for no limit."""

    def limit(self, request: Request) -> int:
        return self.most

    def allow_request(self, request: Request, view: "APIView") -> bool:
        name = self.name(request)
        if name is None:
            return True
        tries = counters.count(name, window=WINDOW)
        self._wait = tries.ends_in
        return tries.number <= self.limit(request)

    def wait(self) -> float | None:
        return self._wait


class OfCaller(_Counted):
    """All that one address asks, whichever agents it names."""

    most = 120

    def name(self, request: Request) -> str:
        return f"login of {self.get_ident(request)}"


class OfAgentAndCaller(_Counted):
    """What one address asks in the name of one agent: guesses at its secret, mostly."""

    most = 20

    def name(self, request: Request) -> str:
        return f"login of {self.get_ident(request)} as {_named(request)}"


class OfAgent(_Counted):
    """What all addresses ask in the name of one agent. Loose: else anybody could keep an agent out."""

    most = 300

    def name(self, request: Request) -> str:
        return f"login as {_named(request)}"


class OfLimitedAgent(_Counted):
    """All requests of an agent that has `requests_per_minute`."""

    def name(self, request: Request) -> str | None:
        agent = request.user
        return f"requests of {agent.pk}" if isinstance(agent, Agent) and agent.requests_per_minute else None

    def limit(self, request: Request) -> int:
        return agent_of(request).requests_per_minute or 0


class OfLinks(_Counted):
    """All that one address asks by links: guesses at their signatures, mostly."""

    most = 60

    def name(self, request: Request) -> str:
        return f"links of {self.get_ident(request)}"


class OfDrafts(_Counted):
    """What one agent asks to be checked or rendered: each may take a second of computing."""

    most = 120

    def name(self, request: Request) -> str:
        return f"drafts of {agent_of(request).pk}"


class OfHook(_Counted):
    """What is sent to one hook, by whomever."""

    most = 600

    def name(self, request: Request) -> str:
        return f"hook {_short(request.parser_context['kwargs']['token'])}"


class OfSender(_Counted):
    """What one address sends, to whichever hooks: guesses at tokens, too."""

    most = 6000

    def name(self, request: Request) -> str:
        return f"hooks of {self.get_ident(request)}"


def _named(request: Request) -> str:
    return _short(request.data.get("agent_id") if isinstance(request.data, dict) else None)


def _short(named: Any) -> str:
    return hashlib.sha256(str(named).lower().encode()).hexdigest()[:32]
