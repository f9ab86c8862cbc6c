"""`/tasks`: what an owner asks of its tasks."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tasks_app.api import legacy
from tasks_app.api.authentication import actor_of, agent_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.filters import StrictFilterBackend, TaskFilters
from tasks_app.api.owners import owner_named
from tasks_app.api.paging import KeysetPagination
from tasks_app.api.serializers.columns import RowOfOwner
from tasks_app.api.serializers.run import RUN_ROW, RunSerializer
from tasks_app.api.serializers.snooze import SnoozeSerializer
from tasks_app.api.serializers.task import (
    TASK_ROW,
    BackfilledSerializer,
    BackfillSerializer,
    RunNowSerializer,
    TaskChangeSerializer,
    TaskSerializer,
    read_new_task,
)
from tasks_app.api.tags import VERSIONED, conditions_of
from tasks_app.models import Run, Task
from tasks_app.models.task import TaskQuerySet
from tasks_app.services import backfill as backfills
from tasks_app.services import snoozing, tasks


class TaskViewSet(Endpoint, viewsets.GenericViewSet[Task]):
    queryset = Task.objects.none()
    serializer_class = TaskSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = TaskFilters
    pagination_class = KeysetPagination
    orderings = ("id", "title", "priority", "next_run_at", "created_at", "updated_at")
    lookup_value_converter = "uuid"
    edition = VERSIONED
    scopes = {
        "list": "tasks:read",
        "create": "tasks:create",
        "retrieve": "tasks:read",
        "update": "tasks:update",
        "partial_update": "tasks:update",
        "destroy": "tasks:delete",
        "run_now": "runs:write",
        "run_now_by_its_old_name": "runs:write",
        "backfill": "runs:write",
        "snooze": "tasks:update",
        "pause": "tasks:update",
        "resume": "tasks:update",
        "cancel": "tasks:update",
    }

    def get_queryset(self) -> TaskQuerySet:
        return Task.objects.owned_by(agent_of(self.request))

    def get_object(self) -> Task:
        return self.get_queryset().get(pk=self.kwargs["pk"])

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self._rows()))
        return self.get_paginated_response(page)

    def create(self, request: Request) -> Response:
        if (templates := legacy.templates_in(request.data)) is not None:
            return self._create_bundle(request, templates)
        task = self._created(request, request.data)
        location = request.build_absolute_uri(f"{request.path}/{task.pk}")
        return Response(self._row(task.pk), status=status.HTTP_201_CREATED, headers={"Location": location})

    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self._row(pk))

    @extend_schema(request=TaskChangeSerializer, responses=TaskSerializer)
    def update(self, request: Request, pk: UUID) -> Response:
        return self._change(request, pk, partial=False)

    @extend_schema(request=TaskChangeSerializer, responses=TaskSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        return self._change(request, pk, partial=True)

    def destroy(self, request: Request, pk: UUID) -> Response:
        tasks.delete(self.get_object(), actor=actor_of(request), guard=conditions_of(request, self))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=RunNowSerializer, responses={202: RunSerializer})
    @action(detail=True, methods=["post"])
    def run_now(self, request: Request, pk: UUID) -> Response:
        return self._run_now(request)

    @extend_schema(exclude=True)
    @action(detail=True, methods=["post"], url_path="run-now")
    def run_now_by_its_old_name(self, request: Request, pk: UUID) -> Response:
        return self._run_now(request)

    @extend_schema(request=BackfillSerializer, responses={202: BackfilledSerializer})
    @action(detail=True, methods=["post"])
    def backfill(self, request: Request, pk: UUID) -> Response:
        sent = BackfillSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = sent.validated_data
        made = backfills.backfill(
            self.get_object(),
            actor=actor_of(request),
            start=asked["from"],
            end=asked["to"],
            overlap_policy=asked["overlap_policy"],
        )
        answer = {"backfill": made.id, "runs": made.runs, "already": made.already}
        return Response(answer, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=SnoozeSerializer, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: UUID) -> Response:
        sent = SnoozeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asked: dict[str, Any] = dict(sent.validated_data)
        delay = timedelta(seconds=asked.pop("delay_seconds"))
        snoozing.snooze(self.get_object(), actor=actor_of(request), delay=delay, **asked)
        return Response(self._row(pk))

    @extend_schema(request=None, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: UUID) -> Response:
        tasks.pause(self.get_object(), actor=actor_of(request))
        return Response(self._row(pk))

    @extend_schema(request=None, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: UUID) -> Response:
        tasks.resume(self.get_object(), actor=actor_of(request))
        return Response(self._row(pk))

    @extend_schema(request=None, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        tasks.cancel(self.get_object(), actor=actor_of(request))
        return Response(self._row(pk))

    @transaction.atomic
    def _create_bundle(self, request: Request, templates: Sequence[Any]) -> Response:
        """All of them, or none."""
        made = []
        for number, template in enumerate(templates):
            try:
                made.append(self._created(request, template, place=f"/templates/{number}"))
            except ValidationError as invalid:
                raise ValidationError({"templates": {str(number): invalid.detail}}) from None
        items = [self._row(task.pk) for task in made]
        return Response({"items": items, "next": None}, status=status.HTTP_201_CREATED)

    def _created(self, request: Request, body: Any, *, place: str = "") -> Task:
        fields = read_new_task(legacy.modern_task(body))
        with legacy.pointing_into(body, place=place):
            owner = owner_named(fields.pop("created_by", None), caller=agent_of(request))
            return tasks.create_task(owner, actor=actor_of(request), **fields)

    def _rows(self) -> QuerySet[Task, dict[str, Any]]:
        own: QuerySet[Task, dict[str, Any]] = _ROWS.owned_by(agent_of(self.request))
        return own

    def _row(self, pk: UUID) -> dict[str, Any]:
        return _ROW.read(pk, agent=agent_of(self.request))

    def _run_now(self, request: Request) -> Response:
        sent = RunNowSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        run = tasks.run_now(self.get_object(), actor=actor_of(request), **sent.validated_data)
        row = RUN_ROW.read(Run.objects.owned_by(agent_of(request))).get(pk=run.pk)
        location = request.build_absolute_uri(f"{request.path.partition('/tasks/')[0]}/runs/{run.pk}")
        return Response(row, status=status.HTTP_202_ACCEPTED, headers={"Location": location})

    def _change(self, request: Request, pk: UUID, *, partial: bool) -> Response:
        task = self.get_object()
        sent = TaskChangeSerializer(task, data=legacy.modern_task(request.data), partial=partial)
        sent.is_valid(raise_exception=True)
        with legacy.pointing_into(request.data):
            guard = conditions_of(request, self)
            tasks.update_task(task, actor=actor_of(request), changes=sent.validated_data, guard=guard)
        return Response(self._row(pk))


_ROWS: Final[Any] = TASK_ROW.read(Task.objects.with_last_run())  # put together once: forty columns take a millisecond
_ROW: Final = RowOfOwner(TASK_ROW, Task.objects.with_last_run())
