"""`/agents`: administrators make agents."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from tasks_app.api.authentication import actor_of
from tasks_app.api.filters import StrictFilterBackend
from tasks_app.api.paging import KeysetPagination
from tasks_app.api.permissions import ADMIN
from tasks_app.api.serializers.agent import AGENT_ROW, AgentChangeSerializer, AgentSerializer, NewAgentSerializer
from tasks_app.models import Agent
from tasks_app.services import agents


class AgentViewSet(viewsets.GenericViewSet[Agent]):
    queryset = Agent.objects.all()
    serializer_class = AgentSerializer
    filter_backends = (StrictFilterBackend,)
    pagination_class = KeysetPagination
    lookup_value_converter = "uuid"
    scopes = {"list": ADMIN, "create": ADMIN, "retrieve": ADMIN, "partial_update": ADMIN}

    def list(self, request: Request) -> Response:
        found = self.filter_queryset(self.get_queryset())
        return self.get_paginated_response(self.paginate_queryset(AGENT_ROW.read(found)))

    @extend_schema(responses={201: NewAgentSerializer})
    def create(self, request: Request) -> Response:
        sent = AgentSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        agent, secret = agents.create_agent(**sent.validated_data, actor=actor_of(request))
        row = AGENT_ROW.read(Agent.objects.all()).get(pk=agent.pk)
        location = request.build_absolute_uri(f"{request.path}/{agent.pk}")
        return Response(row | {"agent_secret": secret}, status=status.HTTP_201_CREATED, headers={"Location": location})

    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(AGENT_ROW.read(Agent.objects.all()).get(pk=pk))

    @extend_schema(request=AgentChangeSerializer, responses=AgentSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        sent = AgentChangeSerializer(data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        agent = Agent.objects.get(pk=pk)
        agents.set_limits(agent, sent.validated_data, actor=actor_of(request))
        return self.retrieve(request, pk)
