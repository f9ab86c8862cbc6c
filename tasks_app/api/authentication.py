"""Who calls: the agent that a bearer token (RFC 6750) proves."""

import structlog
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from tasks_app.api import tokens
from tasks_app.api.errors import CHALLENGE, InvalidToken
from tasks_app.api.problems import request_id_of
from tasks_app.models import Agent, TokenFamily
from tasks_app.services.actor import Actor


class BearerAuthentication(BaseAuthentication):
    """The agent and the login are loaded at each request, in one query: what is disabled, revoked or changed works at once."""

    def authenticate(self, request: Request) -> tuple[Agent, str] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer" or not token:
            raise InvalidToken("Authenticate with `Authorization: Bearer <token>`; /auth/token gives tokens.")
        agent = self._agent_of(token.strip())
        structlog.contextvars.bind_contextvars(agent=str(agent.pk))
        return agent, token

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE

    def _agent_of(self, token: str) -> Agent:
        try:
            proof = tokens.read_access(token)
        except tokens.BadToken as error:
            raise InvalidToken from error
        # What follows sees an agent that has no more than the token is good for. It is never saved: services read it anew.
        agent = TokenFamily.agent_proven_by(proof.family, agent=proof.agent)
        if agent is None:
            raise InvalidToken(agent=proof.agent)
        return agent


def agent_of(request: Request) -> Agent:
    """The agent behind an authenticated request."""
    agent = request.user
    assert isinstance(agent, Agent)
    return agent


def actor_of(request: Request) -> Actor:
    return Actor.of_agent(agent_of(request), request_id=request_id_of(request))
