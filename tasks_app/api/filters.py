"""What a list can be narrowed by."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError as BadValue
from django.db import models
from django.forms import Field, MultipleChoiceField
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from pipelines.transports import TRANSPORTS
from tasks_app.api.event_choice import AGGREGATE_SAID, TYPE_SAID
from tasks_app.api.serializers.moment import BEYOND, UNREADABLE, WITHOUT_OFFSET, is_day, read_moment
from tasks_app.api.serializers.tool import BUILT_IN
from tasks_app.models import (
    Agent,
    AuditEntry,
    Calendar,
    Hook,
    OutboxEntry,
    Run,
    SkippedOccurrence,
    Task,
    Tool,
    Webhook,
)
from tasks_app.models.outbox_entry import OutboxEntryQuerySet
from tasks_app.states import HookPreset, RunState, ScheduleKind, SkipReason, TaskStatus, ToolApproval, WaitingFor


class StrictFilterBackend(DjangoFilterBackend):  # type: ignore[misc]
    def get_filterset(self, request: Request, queryset: models.QuerySet[Any], view: APIView) -> Any:
        """A choice that there is not is refused with those that there are."""
        filterset: Any = super().get_filterset(request, queryset, view)
        for field in filterset.form.fields.values():
            if names := [str(value) for value, _ in getattr(field, "choices", ()) if value]:
                several = (
                    "one of these, or several of them each as a parameter" if _has_several(field) else "one of these"
                )
                field.error_messages["invalid_choice"] = f"Use {several}: {', '.join(names)}; not %(value)r."
        return filterset

    def filter_queryset(self, request: Request, queryset: models.QuerySet[Any], view: APIView) -> models.QuerySet[Any]:
        filterset = self.get_filterset_class(view, queryset)
        _refuse_empty(request, filterset.base_filters if filterset else {})
        if filterset is None or not set(request.query_params) & set(filterset.base_filters):
            return queryset  # a form of filters of which none is asked for is dear
        narrowed: models.QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return narrowed


def _has_several(field: Field) -> bool:
    return isinstance(field, MultipleChoiceField)


def _refuse_empty(request: Request, filters: Mapping[str, django_filters.Filter]) -> None:
    """Taken for not given, an empty value would show too much."""
    if empty := [name for name, values in request.query_params.lists() if name in filters and not all(values)]:
        raise ValidationError(dict.fromkeys(empty, "Give a value, or leave the parameter out."))


class YesOrNoFilter(django_filters.TypedChoiceFilter):  # type: ignore[misc]
    def __init__(self, *, help_text: str, **options: Any) -> None:
        super().__init__(choices=[("true", "true"), ("false", "false")], coerce="true".__eq__, **options)
        extend_schema_field({"type": "boolean", "description": help_text})(
            self
        )  # the library passes over the help text


class InstantField(IsoDateTimeField):  # type: ignore[misc]
    def to_python(self, value: Any) -> datetime | None:
        """One without an offset is refused: nobody says in which zone it is meant. A day is its beginning in UTC."""
        if value in self.empty_values:
            return None
        moment = read_moment(value)
        if moment is None:
            raise _bad(UNREADABLE)
        if moment.tzinfo is None and not is_day(value):
            raise _bad(WITHOUT_OFFSET)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        try:
            return moment.astimezone(UTC) if moment else None
        except OverflowError as error:
            raise BadValue(BEYOND) from error


def _bad(why: str) -> BadValue:
    """What is raised is formatted: the % of an escape would be a directive."""
    return BadValue("%(why)s", params={"why": why})


class InstantFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    field_class = InstantField


class AnyOf(django_filters.MultipleChoiceFilter):  # type: ignore[misc]
    """Rows with one of several values of a column of their own: none comes twice, so none has to be compared with the others."""

    def __init__(self, **options: Any) -> None:
        super().__init__(distinct=False, **options)


class TaskFilters(FilterSet):  # type: ignore[misc]
    status = AnyOf(choices=TaskStatus.choices, help_text="Tasks in one of these states.")
    schedule_kind = AnyOf(choices=ScheduleKind.choices, help_text="Tasks with a schedule of one of these kinds.")
    created_by = django_filters.UUIDFilter(
        field_name="created_by_id", help_text="The id of the agent that owns the task."
    )
    priority = django_filters.NumberFilter(
        min_value=1, max_value=9, decimal_places=0, help_text="Tasks of exactly this priority, 1 to 9."
    )
    title = django_filters.CharFilter(
        lookup_expr="icontains", max_length=200, help_text="A part of the title, in small or capital letters."
    )
    next_run_after = InstantFilter(
        field_name="next_run_at", lookup_expr="gte", help_text="Tasks that run next at this moment or later."
    )
    next_run_before = InstantFilter(
        field_name="next_run_at", lookup_expr="lt", help_text="Tasks that run next before this moment."
    )

    class Meta:
        model = Task
        fields: list[str] = []


class AgentFilters(FilterSet):  # type: ignore[misc]
    name = django_filters.CharFilter(
        lookup_expr="icontains", max_length=100, help_text="A part of the name, in small or capital letters."
    )
    active = YesOrNoFilter(help_text="Whether the agents may log in.")

    class Meta:
        model = Agent
        fields: list[str] = []


class AuditFilters(FilterSet):  # type: ignore[misc]
    actor = django_filters.CharFilter(
        max_length=160, help_text="Who did it, exactly: agent:<id>, user:<name> or system."
    )
    action = django_filters.CharFilter(max_length=60, help_text="What was done, exactly, such as agent.disabled.")
    object_kind = django_filters.CharFilter(max_length=20, help_text="The kind of what it was done to, such as task.")
    object_id = django_filters.UUIDFilter(help_text="The id of what it was done to.")
    request_id = django_filters.CharFilter(max_length=64, help_text="The X-Request-ID of the request that did it.")
    after = InstantFilter(field_name="at", lookup_expr="gte", help_text="Entries from this moment on.")
    before = InstantFilter(field_name="at", lookup_expr="lt", help_text="Entries from before this moment.")
    below = django_filters.NumberFilter(
        field_name="id",
        lookup_expr="lt",
        min_value=1,
        max_value=2**63 - 1,
        decimal_places=0,
        help_text="The id of an entry: only older ones.",
    )

    class Meta:
        model = AuditEntry
        fields: list[str] = []


class EventFilters(FilterSet):  # type: ignore[misc]
    type = django_filters.CharFilter(method="as_they_are", help_text=TYPE_SAID)
    aggregate = django_filters.CharFilter(method="as_they_are", help_text=AGGREGATE_SAID)
    aggregate_id = django_filters.UUIDFilter(help_text="The id of the task, run or agent that it happened to.")
    after = InstantFilter(field_name="at", lookup_expr="gte", help_text="Events from this moment on.")
    before = InstantFilter(field_name="at", lookup_expr="lt", help_text="Events from before this moment.")

    class Meta:
        model = OutboxEntry
        fields: list[str] = []

    def as_they_are(self, entries: OutboxEntryQuerySet, _name: str, _wanted: str) -> OutboxEntryQuerySet:
        """The view reads it, as the stream does."""
        return entries


class CalendarFilters(FilterSet):  # type: ignore[misc]
    name = django_filters.CharFilter(
        lookup_expr="icontains", max_length=100, help_text="A part of the name, in small or capital letters."
    )
    created_by = django_filters.UUIDFilter(field_name="created_by_id", help_text="The id of the agent that owns it.")
    shared = YesOrNoFilter(help_text="Whether every agent may use the calendars.")

    class Meta:
        model = Calendar
        fields: list[str] = []


class HookFilters(FilterSet):  # type: ignore[misc]
    name = django_filters.CharFilter(
        lookup_expr="icontains", max_length=100, help_text="A part of the name, in small or capital letters."
    )
    agent = django_filters.UUIDFilter(field_name="agent_id", help_text="The id of the agent that owns it.")
    preset = AnyOf(choices=HookPreset.choices, help_text="Hooks for one of these services.")
    active = YesOrNoFilter(help_text="Whether what comes in is taken.")

    class Meta:
        model = Hook
        fields: list[str] = []


class WebhookFilters(FilterSet):  # type: ignore[misc]
    agent = django_filters.UUIDFilter(field_name="agent_id", help_text="The id of the agent that owns it.")
    active = YesOrNoFilter(help_text="Whether events are sent to them.")

    class Meta:
        model = Webhook
        fields: list[str] = []


class RunFilters(FilterSet):  # type: ignore[misc]
    task_id = django_filters.UUIDFilter(field_name="task_id", help_text="The id of the task that they are runs of.")
    agent = django_filters.UUIDFilter(field_name="agent_id", help_text="The id of the agent that owns it.")
    status = AnyOf(field_name="state", choices=RunState.choices, help_text="Runs in one of these states.")
    waiting_for = AnyOf(choices=WaitingFor.choices, help_text="Runs that wait for one of these.")
    simulated = YesOrNoFilter(help_text="Runs that called no tool (true), or all the others (false).")
    backfill = django_filters.UUIDFilter(help_text="The id of the backfill that asked for them.")
    created_after = InstantFilter(
        field_name="created_at", lookup_expr="gte", help_text="Runs made at this moment or later."
    )
    created_before = InstantFilter(field_name="created_at", lookup_expr="lt", help_text="Runs made before this moment.")
    scheduled_after = InstantFilter(
        field_name="scheduled_for", lookup_expr="gte", help_text="Runs whose nominal instant is this moment or later."
    )
    scheduled_before = InstantFilter(
        field_name="scheduled_for", lookup_expr="lt", help_text="Runs whose nominal instant is before this moment."
    )
    include_errors = YesOrNoFilter(
        method="as_they_are",
        help_text="Whether rows tell their error; false makes it null, which keeps a page small. Default: true.",
    )

    class Meta:
        model = Run
        fields: list[str] = []

    def as_they_are(self, runs: models.QuerySet[Run], _name: str, _wanted: bool) -> models.QuerySet[Run]:
        """It decides what is told of each run, not which are."""
        return runs


class ToolFilters(FilterSet):  # type: ignore[misc]
    transport = AnyOf(
        choices=[(name, name) for name in (*TRANSPORTS, BUILT_IN)],
        help_text="Tools that are called in one of these ways.",
    )
    enabled = YesOrNoFilter(help_text="Whether the tools may be called.")
    approval = AnyOf(choices=ToolApproval.choices, help_text="Tools whose newest version is approved, or has changed.")
    search = django_filters.CharFilter(
        method="holding",
        max_length=200,
        help_text="A part of the address or of the description, in small or capital letters.",
    )

    class Meta:
        model = Tool
        fields: list[str] = []

    def holding(self, tools: models.QuerySet[Tool], _name: str, words: str) -> models.QuerySet[Tool]:
        return tools.filter(models.Q(address__icontains=words) | models.Q(description__icontains=words))


class LedgerFilters(FilterSet):  # type: ignore[misc]
    reason = AnyOf(choices=SkipReason.choices, help_text="Instants that made no run for one of these reasons.")
    scheduled_after = InstantFilter(
        field_name="scheduled_for", lookup_expr="gte", help_text="Instants at this moment or later."
    )
    scheduled_before = InstantFilter(
        field_name="scheduled_for", lookup_expr="lt", help_text="Instants before this moment."
    )

    class Meta:
        model = SkippedOccurrence
        fields: list[str] = []
