"""`/breakers`: the destinations that runs call, and whether they are called now."""

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tasks_app.api.authentication import actor_of, agent_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.filters import StrictFilterBackend
from tasks_app.api.paging import KeysetPagination
from tasks_app.api.permissions import ADMIN
from tasks_app.api.serializers.breaker import BreakerSerializer, answer
from tasks_app.models import Destination
from tasks_app.models.clock import database_now
from tasks_app.services import breakers
from tasks_app.states import BreakerState


class BreakerFilters(FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(choices=BreakerState.choices, help_text="Destinations in this state.")

    class Meta:
        model = Destination
        fields: list[str] = []


class BreakerViewSet(Endpoint, viewsets.GenericViewSet[Destination]):
    """An agent sees the destinations that its own runs wait for now; an admin sees all."""

    queryset = Destination.objects.none()
    serializer_class = BreakerSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = BreakerFilters
    pagination_class = KeysetPagination
    lookup_value_converter = "uuid"
    scopes = {"list": "runs:read", "retrieve": "runs:read", "reset": ADMIN}

    def get_queryset(self) -> QuerySet[Destination]:
        return Destination.objects.seen_by(agent_of(self.request))

    def list(self, request: Request) -> Response:
        now = database_now()
        found: Any = self.filter_queryset(Destination.objects.seen_by(agent_of(request)))
        rows: Any = self.paginate_queryset(found.in_numbers(now=now))
        return self.get_paginated_response([answer(row, now=now) for row in rows])

    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self._answer(pk))

    @extend_schema(request=None, responses=BreakerSerializer)
    @action(detail=True, methods=["post"])
    def reset(self, request: Request, pk: UUID) -> Response:
        breakers.reset(self.get_queryset().get(pk=pk), actor=actor_of(request))
        return Response(self._answer(pk))

    def _answer(self, pk: UUID) -> dict[str, Any]:
        now = database_now()
        return answer(Destination.objects.seen_by(agent_of(self.request)).in_numbers(now=now).get(pk=pk), now=now)
