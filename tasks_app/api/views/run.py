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
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.filters import RunFilters, StrictFilterBackend
from tasks_app.api.paging import KeysetPagination
from tasks_app.api.serializers.run import (
    RUN_ROW,
    JudgeSerializer,
    ResolveSerializer,
    RetrySerializer,
    RunDetailSerializer,
    RunSerializer,
    WhichStepSerializer,
)
from tasks_app.masking import masked
from tasks_app.models import Agent, Attempt, Run, Task
from tasks_app.services import approval_links, decisions, run_steps, runs


class RunViewSet(Endpoint, viewsets.GenericViewSet[Run]):
    queryset = Run.objects.none()
    serializer_class = RunSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = RunFilters
    pagination_class = KeysetPagination
    orderings = ("id",)
    lookup_value_converter = "uuid"
    lists = frozenset({"list", "of_task"})
    takes = {"retrieve": ("step",)}
    scopes = {
        "list": "runs:read",
        "of_task": "runs:read",
        "retrieve": "runs:read",
        "cancel": "runs:write",
        "approve": "runs:write",
        "reject": "runs:write",
        "resolve": "runs:write",
        "retry": "runs:write",
    }

    def get_queryset(self) -> QuerySet[Run]:
        return Run.objects.owned_by(agent_of(self.request))

    def list(self, request: Request) -> Response:
        return self._page(self.get_queryset())

    @extend_schema(responses=RunSerializer(many=True))
    def of_task(self, request: Request, task: UUID) -> Response:
        asked = Task.objects.owned_by(agent_of(request)).get(pk=task)
        return self._page(self.get_queryset().filter(task=asked))

    @extend_schema(parameters=[WhichStepSerializer], responses=RunDetailSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        asked = WhichStepSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        # Read before its attempts and steps: what is added in between is shown, nothing is shown twice.
        run = self.get_queryset().get(pk=pk)
        run.input = masked(run.input)
        links = _links(run, agent_of(request))
        shown: Any = {**vars(run), **_tried(run, only=asked.validated_data.get("step")), "approval_links": links}
        return Response(RunDetailSerializer(shown).data)

    @extend_schema(request=None, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        run = self.get_queryset().get(pk=pk)
        runs.cancel(run, actor=actor_of(request))
        return self._row(pk)

    @extend_schema(request=JudgeSerializer, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: UUID) -> Response:
        return self._judged(request, pk, approved=True)

    @extend_schema(request=JudgeSerializer, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: UUID) -> Response:
        return self._judged(request, pk, approved=False)

    @extend_schema(request=RetrySerializer, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: UUID) -> Response:
        run = self.get_queryset().get(pk=pk)
        sent = RetrySerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        runs.retry(run, actor=actor_of(request), start_at=sent.validated_data["from"])
        return self._row(pk)

    @extend_schema(request=ResolveSerializer, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: UUID) -> Response:
        run = self.get_queryset().get(pk=pk)
        sent = ResolveSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        decisions.resolve(run, actor=actor_of(request), **sent.validated_data)
        return self._row(pk)

    def _page(self, runs: QuerySet[Run]) -> Response:
        page: Any = self.paginate_queryset(RUN_ROW.read(self.filter_queryset(runs)))
        if self.request.query_params.get("include_errors") == "false":
            page = [{**row, "error": None} for row in page]
        return self.get_paginated_response(page)

    def _judged(self, request: Request, pk: UUID, *, approved: bool) -> Response:
        sent = JudgeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        said = {"approved": approved, **sent.validated_data}
        decisions.judge(pk, agent=agent_of(request), actor=actor_of(request), **said)
        return Response(RUN_ROW.read(Run.objects.filter(pk=pk)).get())

    def _row(self, pk: UUID) -> Response:
        return Response(RUN_ROW.read(self.get_queryset()).get(pk=pk))


def _links(run: Run, agent: Agent) -> list[dict[str, str]]:
    """Those that give the agent no right that it has not itself: those of named approvers are for admins to hand on."""
    links = approval_links.links_of(run)
    if agent.is_admin:
        return links
    return [link for link in links if not link["approver"]] if "runs:write" in agent.scopes else []


def _tried(run: Run, *, only: str | None) -> dict[str, Any]:
    """The tries of a run, and what its steps came to."""
    found = run_steps.shown_steps(run, only=only)
    steps = [
        {
            **shown.recorded.result._asdict(),
            "input": shown.input,
            "output": shown.output,
            "cut": shown.cut,
            "attempt": shown.recorded.attempt,
            "simulated": run.simulated,
            "recorded_at": shown.recorded.recorded_at,
        }
        for shown in found.steps
    ]
    return {"attempts": Attempt.objects.of(run), "steps": steps, "steps_truncated": found.left_out}
