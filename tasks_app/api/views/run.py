"""`/runs`: what became of tasks."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tasks_app.api.authentication import actor_of, agent_of
from tasks_app.api.filters import RunFilters, StrictFilterBackend
from tasks_app.api.paging import KeysetPagination
from tasks_app.api.serializers.run import (
    ATTEMPT_ROW,
    RUN_ROW,
    STEP_ROW,
    RunDetailSerializer,
    RunSerializer,
)
from tasks_app.masking import masked
from tasks_app.models import Attempt, Run, StepResult, Task
from tasks_app.services import runs
from tasks_app.states import RunState


class RunViewSet(viewsets.GenericViewSet[Run]):
    queryset = Run.objects.none()
    serializer_class = RunSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = RunFilters
    pagination_class = KeysetPagination
    lookup_value_converter = "uuid"
    scopes = {"list": "runs:read", "of_task": "runs:read", "retrieve": "runs:read", "cancel": "runs:write"}

    def get_queryset(self) -> QuerySet[Run]:
        return Run.objects.owned_by(agent_of(self.request))

    def list(self, request: Request) -> Response:
        found = self.filter_queryset(self.get_queryset())
        return self.get_paginated_response(self.paginate_queryset(RUN_ROW.read(found)))

    @extend_schema(responses=RunSerializer(many=True))
    def of_task(self, request: Request, task: UUID) -> Response:
        asked = Task.objects.owned_by(agent_of(request)).get(pk=task)
        found = self.filter_queryset(self.get_queryset().filter(task=asked))
        return self.get_paginated_response(self.paginate_queryset(RUN_ROW.read(found)))

    @extend_schema(responses=RunDetailSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        # Read before its attempts: then one that ends in between is shown as ended, never twice and never not at all.
        run = RUN_ROW.read(self.get_queryset(), "input", "claimed_at").get(pk=pk)
        claimed_at = run.pop("claimed_at")
        run["attempts"] = _attempts(run, claimed_at)
        run["input"] = masked(run["input"])
        steps = STEP_ROW.read(StepResult.objects.filter(run=pk).order_by("position"))
        run["steps"] = [step | {"input": masked(step["input"]), "output": masked(step["output"])} for step in steps]
        return Response(run)

    @extend_schema(request=None, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        run = self.get_queryset().get(pk=pk)
        runs.cancel(run, actor=actor_of(request))
        return Response(RUN_ROW.read(self.get_queryset()).get(pk=pk))


def _attempts(run: dict[str, Any], claimed_at: Any) -> list[dict[str, Any]]:
    """Those that ended, and the one under way, which is in the run itself."""
    attempts = list(ATTEMPT_ROW.read(Attempt.objects.filter(run=run["id"]).order_by("number")))
    ended = {attempt["number"] for attempt in attempts}
    if run["status"] == RunState.RUNNING and run["attempt"] not in ended:
        attempts.append(
            {
                "number": run["attempt"],
                "outcome": None,
                "worker": run["worker"],
                "started_at": claimed_at,
                "finished_at": None,
                "error": None,
            }
        )
    return attempts
