"""`/agents`: administrators make agents, say what they may do, give them other secrets and disable them."""

from datetime import timedelta
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tasks_app.api.authentication import actor_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.filters import AgentFilters, StrictFilterBackend
from tasks_app.api.paging import KeysetPagination
from tasks_app.api.permissions import ADMIN
from tasks_app.api.serializers.agent import (
    AGENT_ROW,
    AgentChangeSerializer,
    AgentSerializer,
    NewAgentSerializer,
    NewSecretSerializer,
    RotationSerializer,
)
from tasks_app.api.serializers.strict import Strict
from tasks_app.api.tags import conditions_of
from tasks_app.models import Agent
from tasks_app.services import agents, logins

_NEVER_KEPT = {"Cache-Control": "no-store"}


class AgentViewSet(Endpoint, viewsets.GenericViewSet[Agent]):
    queryset = Agent.objects.all()
    serializer_class = AgentSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = AgentFilters
    pagination_class = KeysetPagination
    orderings = ("id", "name", "created_at")
    lookup_value_converter = "uuid"
    edition = ("scopes", "active", "webhook_url", *agents.LIMITS)
    scopes = {
        "list": ADMIN,
        "create": ADMIN,
        "retrieve": ADMIN,
        "partial_update": ADMIN,
        "disable": ADMIN,
        "enable": ADMIN,
        "credentials": ADMIN,
        "revoke": ADMIN,
    }

    def list(self, request: Request) -> Response:
        found = self.filter_queryset(self.get_queryset())
        return self.get_paginated_response(self.paginate_queryset(AGENT_ROW.read(found)))

    @extend_schema(responses={201: NewAgentSerializer})
    def create(self, request: Request) -> Response:
        sent = AgentSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        agent, secret = agents.create_agent(**sent.validated_data, actor=actor_of(request))
        row = AGENT_ROW.read(Agent.objects.all()).get(pk=agent.pk)
        headers = {"Location": request.build_absolute_uri(f"{request.path}/{agent.pk}"), **_NEVER_KEPT}
        return Response(row | {"agent_secret": secret}, status=status.HTTP_201_CREATED, headers=headers)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(AGENT_ROW.read(Agent.objects.all()).get(pk=pk))

    @extend_schema(request=AgentChangeSerializer, responses=AgentSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        sent = AgentChangeSerializer(data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        guard = conditions_of(request, self)
        agents.change_agent(Agent.objects.get(pk=pk), sent.validated_data, actor=actor_of(request), guard=guard)
        return self.retrieve(request, pk)

    @extend_schema(request=None, responses=AgentSerializer)
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, pk: UUID) -> Response:
        _takes_nothing(request)
        agents.set_active(Agent.objects.get(pk=pk), False, actor=actor_of(request))
        return self.retrieve(request, pk)

    @extend_schema(request=None, responses=AgentSerializer)
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, pk: UUID) -> Response:
        _takes_nothing(request)
        agents.set_active(Agent.objects.get(pk=pk), True, actor=actor_of(request))
        return self.retrieve(request, pk)

    @extend_schema(request=RotationSerializer, responses={201: NewSecretSerializer})
    @action(detail=True, methods=["post"])
    def credentials(self, request: Request, pk: UUID) -> Response:
        sent = RotationSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        wanted = sent.validated_data
        overlap = timedelta(seconds=0 if wanted["revoke_old"] else wanted["overlap_seconds"])
        agent = Agent.objects.get(pk=pk)
        secret = agents.rotate_secret(agent, overlap=overlap, actor=actor_of(request))
        agent.refresh_from_db()
        answer = {"agent_id": agent.pk, "agent_secret": secret, "old_secret_until": agent.old_secret_until}
        return Response(answer, status=status.HTTP_201_CREATED, headers=_NEVER_KEPT)

    @extend_schema(request=None, responses=AgentSerializer)
    @action(detail=True, methods=["post"], url_path="revoke_tokens")
    def revoke(self, request: Request, pk: UUID) -> Response:
        _takes_nothing(request)
        logins.end_all(Agent.objects.get(pk=pk), actor=actor_of(request))
        return self.retrieve(request, pk)


def _takes_nothing(request: Request) -> None:
    Strict(data=request.data).is_valid(raise_exception=True)
