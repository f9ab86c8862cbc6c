"""`/tasks/bulk`: many tasks made, or moved, in one transaction."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from tasks_app.api import legacy
from tasks_app.api.authentication import actor_of, agent_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.owners import owner_named
from tasks_app.api.serializers.bulk import (
    IdsSerializer,
    MadeTasksSerializer,
    MovedManySerializer,
    NewTasksSerializer,
    RunManySerializer,
    read_tasks,
)
from tasks_app.api.serializers.task import TASK_ROW
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Agent, Task
from tasks_app.services import many_moves
from tasks_app.services.many_moves import Moved, Outcome
from tasks_app.services.many_new_tasks import Draft, create_tasks


class BulkViewSet(Endpoint, ViewSet):
    takes_nothing = frozenset()
    scopes = {
        "create": "tasks:create",
        "pause": "tasks:update",
        "resume": "tasks:update",
        "cancel": "tasks:update",
        "destroy": "tasks:delete",
        "run_now": "runs:write",
    }

    @extend_schema(operation_id="tasks_bulk_create", request=NewTasksSerializer, responses={201: MadeTasksSerializer})
    def create(self, request: Request) -> Response:
        sent, read = read_tasks(request.data)
        drafts = _drafts(read, caller=agent_of(request))
        with legacy.pointing_into_each(sent, place="/tasks"):
            made = create_tasks(drafts, actor=actor_of(request))
        rows = TASK_ROW.read(
            Task.objects.owned_by(agent_of(request)).filter(pk__in=[task.pk for task in made]).with_last_run()
        )
        found = {row["id"]: row for row in rows}
        return Response({"items": [found[task.pk] for task in made]}, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="tasks_bulk_pause", request=IdsSerializer, responses=MovedManySerializer)
    def pause(self, request: Request) -> Response:
        return _told(many_moves.pause(agent_of(request), _ids(request), actor=actor_of(request)))

    @extend_schema(operation_id="tasks_bulk_resume", request=IdsSerializer, responses=MovedManySerializer)
    def resume(self, request: Request) -> Response:
        return _told(many_moves.resume(agent_of(request), _ids(request), actor=actor_of(request)))

    @extend_schema(operation_id="tasks_bulk_cancel", request=IdsSerializer, responses=MovedManySerializer)
    def cancel(self, request: Request) -> Response:
        return _told(many_moves.cancel(agent_of(request), _ids(request), actor=actor_of(request)))

    @extend_schema(operation_id="tasks_bulk_delete", request=IdsSerializer, responses=MovedManySerializer)
    def destroy(self, request: Request) -> Response:
        return _told(many_moves.delete(agent_of(request), _ids(request), actor=actor_of(request)))

    @extend_schema(operation_id="tasks_bulk_run_now", request=RunManySerializer, responses=MovedManySerializer)
    def run_now(self, request: Request) -> Response:
        sent = RunManySerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asked: dict[str, Any] = dict(sent.validated_data)
        return _told(many_moves.run_now(agent_of(request), asked.pop("ids"), actor=actor_of(request), **asked))


def _drafts(read: Sequence[dict[str, Any]], *, caller: Agent) -> list[Draft]:
    """Whose each of them is to be; an admin may name others, each of whom is looked for once."""
    owners: dict[UUID | None, Agent] = {}
    drafts = []
    for number, fields in enumerate(read):
        named = fields.pop("created_by", None)
        if named not in owners:
            try:
                owners[named] = owner_named(named, caller=caller)
            except InvalidRequest as invalid:
                faults = [Fault(f"/tasks/{number}{fault.pointer}", fault.message) for fault in invalid.faults]
                raise InvalidRequest(*faults) from None
        drafts.append(Draft(owners[named], fields))
    return drafts


def _ids(request: Request) -> list[UUID]:
    sent = IdsSerializer(data=request.data)
    sent.is_valid(raise_exception=True)
    ids: list[UUID] = sent.validated_data["ids"]
    return ids


def _told(moved: Sequence[Moved]) -> Response:
    items = [{"id": each.id, "outcome": each.outcome, "detail": each.detail, "run_id": each.run} for each in moved]
    return Response({"items": items, "moved": sum(each.outcome == Outcome.MOVED for each in moved)})
