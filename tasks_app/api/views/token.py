"""`/auth`: an agent's secret for tokens, a refresh token for newer ones, and their end."""

import time
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from tasks_app.api import legacy, throttles, tokens
from tasks_app.api.endpoint import Exact
from tasks_app.api.errors import InvalidToken
from tasks_app.api.problems import request_id_of
from tasks_app.api.serializers.token import (
    CredentialsSerializer,
    KeySetSerializer,
    RefreshSerializer,
    RevocationSerializer,
    TokenSerializer,
)
from tasks_app.conf import conf
from tasks_app.models import Agent, TokenFamily
from tasks_app.services import agents, logins
from tasks_app.services.actor import Actor

_NEVER_KEPT = {"Cache-Control": "no-store"}  # RFC 6749, 5.1


class _Open(Exact):
    """What is sent here proves itself."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes: tuple[type[Any], ...] = (throttles.OfCaller,)


class TokenView(_Open):
    throttle_classes = (throttles.OfLogin,)

    @extend_schema(request=CredentialsSerializer, responses=TokenSerializer, auth=[])
    def post(self, request: Request) -> Response:
        sent = CredentialsSerializer(data=legacy.modern_credentials(request.data))
        sent.is_valid(raise_exception=True)
        asked = sent.validated_data
        agent = agents.authenticate(asked["agent_id"], asked["agent_secret"])
        return _given(logins.begin(agent, scopes=asked.get("scope")))


class RefreshView(_Open):
    @extend_schema(request=RefreshSerializer, responses=TokenSerializer, auth=[])
    def post(self, request: Request) -> Response:
        sent = RefreshSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            proof = tokens.read_refresh(sent.validated_data["refresh_token"])
        except tokens.BadToken as error:
            raise InvalidToken(
                "This is no refresh token that is good for anything: ask for one at /auth/token."
            ) from error
        request_id = request_id_of(request)
        return _given(
            logins.refresh(proof.family, agent=proof.agent, generation=proof.generation, request_id=request_id)
        )


class RevokeView(_Open):
    @extend_schema(request=RevocationSerializer, responses={200: dict[str, Any]}, auth=[])
    def post(self, request: Request) -> Response:
        """Ends a login, or all of the agent's. A token that is good for nothing is answered alike (RFC 7009, 2.2)."""
        sent = RevocationSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            proof = tokens.read_any(sent.validated_data["token"])
        except tokens.BadToken:
            return Response({})
        family = TokenFamily.objects.proven_by(proof.family, agent=proof.agent).select_related("agent").first()
        if family is not None:
            _end(family, everywhere=sent.validated_data["every_login"], request=request)
        return Response({})


class KeysView(_Open):
    throttle_classes = ()

    @extend_schema(responses=KeySetSerializer, auth=[])
    def get(self, request: Request) -> Response:
        return Response(tokens.public_keys(), headers={"Cache-Control": "public, max-age=300"})


def _given(family: TokenFamily) -> Response:
    left = int(family.expires_at.timestamp() - time.time())
    answer = {
        "access_token": tokens.access_token(family),
        "token_type": "Bearer",
        "expires_in": max(min(int(conf().token_lifetime.total_seconds()), left), 0),
        "refresh_token": tokens.refresh_token(family),
        "refresh_expires_in": max(left, 0),
        "scopes": family.scopes_now(),
    }
    return Response(answer, headers=_NEVER_KEPT)


def _end(family: TokenFamily, *, everywhere: bool, request: Request) -> None:
    agent: Agent = family.agent
    actor = Actor.of_agent(agent, request_id=request_id_of(request))
    if everywhere:
        logins.end_all(agent, actor=actor)
    else:
        logins.end(family.pk, actor=actor)
