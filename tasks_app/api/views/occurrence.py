"""The instants of a task: those to come, what became of one, and those that made no run."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from tasks_app.api import legacy
from tasks_app.api.authentication import agent_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.filters import LedgerFilters, StrictFilterBackend
from tasks_app.api.paging import KeysetPagination
from tasks_app.api.serializers.occurrence import (
    LEDGER_ROW,
    AnswerSerializer,
    DraftSerializer,
    LedgerSerializer,
    NextSerializer,
    PreviewSerializer,
    WhichSerializer,
    WhySerializer,
)
from tasks_app.models import SkippedOccurrence, Task
from tasks_app.services import preview
from tasks_app.services.why import why


class OccurrenceViewSet(Endpoint, viewsets.GenericViewSet[SkippedOccurrence]):
    queryset = SkippedOccurrence.objects.none()
    serializer_class = LedgerSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = LedgerFilters
    pagination_class = KeysetPagination
    orderings = ("scheduled_for",)
    usual_ordering = "-scheduled_for"
    lists = frozenset({"ledger"})
    takes = {"of_task": ("count", "after"), "why": ("at",)}
    scopes = {"of_task": "tasks:read", "why": "tasks:read", "ledger": "tasks:read", "preview": "tasks:read"}

    def get_queryset(self) -> QuerySet[SkippedOccurrence]:
        return SkippedOccurrence.objects.owned_by(agent_of(self.request)).filter(task=self._task())

    @extend_schema(parameters=[NextSerializer], responses=PreviewSerializer, filters=False)
    def of_task(self, request: Request, task: UUID) -> Response:
        asked = self._task()
        sent = NextSerializer(data=request.query_params.dict())
        sent.is_valid(raise_exception=True)
        return Response(PreviewSerializer(preview.occurrences(asked, **sent.validated_data)).data)

    @extend_schema(parameters=[WhichSerializer], responses=WhySerializer)
    def why(self, request: Request, task: UUID) -> Response:
        asked = self._task()
        sent = WhichSerializer(data=request.query_params.dict())
        sent.is_valid(raise_exception=True)
        found = why(asked, sent.validated_data["at"])
        told = {each.name: getattr(found, each.name) for each in fields(found)}
        answer = AnswerSerializer(told.pop("answer")).data
        others = AnswerSerializer(told.pop("others"), many=True).data
        return Response({**answer, **told, "others": others})

    @extend_schema(responses=LedgerSerializer(many=True))
    def ledger(self, request: Request, task: UUID) -> Response:
        found = self.filter_queryset(self.get_queryset())
        return self.get_paginated_response(self.paginate_queryset(LEDGER_ROW.read(found)))

    @extend_schema(request=DraftSerializer, responses=PreviewSerializer)
    def preview(self, request: Request) -> Response:
        sent = DraftSerializer(data=legacy.modern_task(request.data))
        sent.is_valid(raise_exception=True)
        wanted: dict[str, Any] = dict(sent.validated_data)
        asked = {name: wanted.pop(name) for name in ("count", "after") if name in wanted}
        return Response(PreviewSerializer(preview.preview(wanted, seen_by=agent_of(request), **asked)).data)

    def _task(self) -> Task:
        return Task.objects.owned_by(agent_of(self.request)).select_related("calendar").get(pk=self.kwargs["task"])
