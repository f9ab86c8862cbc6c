"""`/events`: publish what has happened, and see what did."""

from typing import Any

from django.db.models import Count, F, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tasks_app.api.authentication import actor_of, agent_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.event_choice import asked_choice
from tasks_app.api.event_paging import EventPagination
from tasks_app.api.filters import EventFilters, StrictFilterBackend
from tasks_app.api.paging import TopicPagination
from tasks_app.api.serializers.event import (
    EventSerializer,
    NewEventSerializer,
    PublishedSerializer,
    TopicSerializer,
    shown,
)
from tasks_app.events.choice import EVERYTHING
from tasks_app.models import OutboxEntry
from tasks_app.services import events
from tasks_app.states import TaskStatus


class EventViewSet(Endpoint, viewsets.GenericViewSet[OutboxEntry]):
    queryset = OutboxEntry.objects.none()
    serializer_class = EventSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = EventFilters
    pagination_class = EventPagination
    repeatable = ("type",)
    lists = frozenset({"list", "topics"})
    scopes = {"list": "events:read", "create": "events:publish", "topics": "events:read"}

    def get_queryset(self) -> QuerySet[OutboxEntry]:
        return OutboxEntry.objects.seen_by(agent_of(self.request)).recent()

    def list(self, request: Request) -> Response:
        self.choice = asked_choice(request)
        found: Any = self.filter_queryset(self.get_queryset())
        page: Any = self.paginate_queryset(self.choice.narrowed(found).telling(*self.choice.types or {EVERYTHING}))
        return self.get_paginated_response([shown(event) for event in page or ()])

    @extend_schema(request=NewEventSerializer, responses={202: PublishedSerializer})
    def create(self, request: Request) -> Response:
        sent = NewEventSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        topic, payload = sent.validated_data["topic"], sent.validated_data.get("payload", {})
        published = events.publish(agent_of(request), topic, payload, actor=actor_of(request))
        answer = {"id": published.event.id, "topic": topic, "runs": published.runs}
        return Response(answer, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=TopicSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=TopicPagination, filterset_class=None)
    def topics(self, request: Request) -> Response:
        listening = events.listeners(agent_of(request)).filter(status=TaskStatus.ACTIVE)
        topics: QuerySet[Any, Any] = listening.values(topic=F("schedule_expr")).annotate(tasks=Count("pk"))
        return self.get_paginated_response(self.paginate_queryset(self.filter_queryset(topics)))
