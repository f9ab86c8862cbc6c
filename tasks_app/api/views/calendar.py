"""`/calendars`: the sets of dates that tasks keep to."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

import schedules
from tasks_app.api.authentication import actor_of, agent_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.filters import CalendarFilters, StrictFilterBackend
from tasks_app.api.owners import owner_named
from tasks_app.api.paging import KeysetPagination
from tasks_app.api.parsers import CalendarFileParser
from tasks_app.api.serializers.calendar import (
    CALENDAR_ROW,
    CalendarChangeSerializer,
    CalendarSerializer,
    CalendarSummarySerializer,
    NamedDatesSerializer,
    SpanSerializer,
    answer,
)
from tasks_app.api.tags import conditions_of
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Calendar
from tasks_app.models.calendar import CalendarQuerySet
from tasks_app.models.clock import database_now
from tasks_app.planning.timing import dates_of
from tasks_app.services import calendars

_LONGEST_SPAN: Final = timedelta(days=3 * 366)
_YEAR: Final = timedelta(days=365)


class CalendarViewSet(Endpoint, viewsets.GenericViewSet[Calendar]):
    queryset = Calendar.objects.none()
    serializer_class = CalendarSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = CalendarFilters
    pagination_class = KeysetPagination
    orderings = ("id", "name", "created_at", "updated_at")
    lookup_value_converter = "uuid"
    edition = ("name", "description", "shared", "definition")
    takes = {"dates": ("from", "to")}
    scopes = {
        "list": "tasks:read",
        "create": "tasks:create",
        "retrieve": "tasks:read",
        "update": "tasks:update",
        "partial_update": "tasks:update",
        "destroy": "tasks:delete",
        "dates": "tasks:read",
        "ics": "tasks:update",
    }

    def get_queryset(self) -> CalendarQuerySet:
        return Calendar.objects.seen_by(agent_of(self.request))

    @extend_schema(responses=CalendarSummarySerializer(many=True))
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(CALENDAR_ROW.read(self.get_queryset())))
        return self.get_paginated_response(page)

    def create(self, request: Request) -> Response:
        sent = CalendarSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        fields: dict[str, Any] = dict(sent.validated_data)
        owner = owner_named(fields.pop("created_by", None), caller=agent_of(request))
        self._check_sharing(fields)
        calendar = calendars.create_calendar(owner, actor=actor_of(request), **fields)
        location = request.build_absolute_uri(f"{request.path}/{calendar.pk}")
        return Response(self._answer(calendar.pk), status=status.HTTP_201_CREATED, headers={"Location": location})

    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self._answer(pk))

    @extend_schema(request=CalendarChangeSerializer, responses=CalendarSerializer)
    def update(self, request: Request, pk: UUID) -> Response:
        return self._change_as_sent(request, pk, partial=False)

    @extend_schema(request=CalendarChangeSerializer, responses=CalendarSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        return self._change_as_sent(request, pk, partial=True)

    def destroy(self, request: Request, pk: UUID) -> Response:
        calendars.delete_calendar(self._own(pk), actor=actor_of(request), guard=conditions_of(request, self))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(parameters=[SpanSerializer], responses=NamedDatesSerializer)
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def dates(self, request: Request, pk: UUID) -> Response:
        first, last = _span(request)
        try:
            days = dates_of(self.get_queryset().get(pk=pk))
        except schedules.InvalidCalendar as error:
            raise InvalidRequest(Fault("", f"The calendar cannot be read any more: {error}. Change it.")) from error
        every = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return Response({"items": [{"date": day, "name": name} for day in every if (name := days.name_of(day))]})

    @extend_schema(
        request={"text/calendar": OpenApiTypes.STR},
        responses=CalendarSerializer,
        description="Put an iCalendar file in the place of the calendar's definition.",
    )
    @action(detail=True, methods=["put"], parser_classes=[CalendarFileParser])
    def ics(self, request: Request, pk: UUID) -> Response:
        return self._change(self._own(pk), {"definition": {"ics": request.data}})

    def _change_as_sent(self, request: Request, pk: UUID, *, partial: bool) -> Response:
        calendar = self._own(pk)
        sent = CalendarChangeSerializer(calendar, data=request.data, partial=partial)
        sent.is_valid(raise_exception=True)
        return self._change(calendar, sent.validated_data)

    def _change(self, calendar: Calendar, changes: Mapping[str, Any]) -> Response:
        self._check_sharing(changes, now=calendar.shared)
        guard = conditions_of(self.request, self)
        calendars.update_calendar(calendar, actor=actor_of(self.request), changes=changes, guard=guard)
        return Response(self._answer(calendar.pk))

    def _answer(self, pk: UUID) -> dict[str, Any]:
        return answer(self.get_queryset().get(pk=pk))

    def _own(self, pk: UUID) -> Calendar:
        calendar = self.get_queryset().get(pk=pk)
        caller = agent_of(self.request)
        if not caller.is_admin and calendar.created_by_id != caller.pk:
            raise PermissionDenied("The calendar belongs to another agent: make one of your own that refers to it.")
        return calendar

    def _check_sharing(self, fields: Mapping[str, Any], *, now: bool = False) -> None:
        if fields.get("shared", now) != now and not agent_of(self.request).is_admin:
            raise PermissionDenied("Only an admin may share a calendar, or end that: leave `shared` as it is.")


def _span(request: Request) -> tuple[date, date]:
    sent = SpanSerializer(data=request.query_params.dict())
    sent.is_valid(raise_exception=True)
    first: date = sent.validated_data.get("from") or database_now().date()
    last: date = sent.validated_data.get("to") or min(date.max - _YEAR, first) + _YEAR
    if not first <= last <= min(date.max - _LONGEST_SPAN, first) + _LONGEST_SPAN:
        raise InvalidRequest(Fault("/to", "Give a day from `from` on, at most three years later."))
    return first, last
