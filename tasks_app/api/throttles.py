"""How often a secret may be tried, and what costs time to be looked at."""

import hashlib
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from tasks_app.api.authentication import agent_of


class OfCaller(SimpleRateThrottle):
    """All that one address asks, whichever agents it names."""

    scope = "token_of_caller"
    rate = "120/min"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return f"{self.scope}:{self.get_ident(request)}"


class OfAgent(SimpleRateThrottle):
    """What one address asks in the name of one agent: guesses at its secret, mostly."""

    scope = "token_of_agent"
    rate = "20/min"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        named = request.data.get("agent_id") if isinstance(request.data, dict) else None
        return f"{self.scope}:{self.get_ident(request)}:{_short(named)}"


class OfLinks(SimpleRateThrottle):
    """All that one address asks by links: guesses at their signatures, mostly."""

    scope = "approval_links"
    rate = "60/min"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return f"{self.scope}:{self.get_ident(request)}"


class OfDrafts(SimpleRateThrottle):
    """What one agent asks to be checked or rendered: each may take a second of computing."""

    scope = "drafts"
    rate = "120/min"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return f"{self.scope}:{agent_of(request).pk}"


def _short(named: Any) -> str:
    return hashlib.sha256(str(named).lower().encode()).hexdigest()[:32]
