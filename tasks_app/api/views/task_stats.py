"""`/tasks/{id}/stats`: how the runs of a task went."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from tasks_app.api.authentication import agent_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.serializers.task_stats import StatsWindowSerializer, TaskStatsSerializer
from tasks_app.models import Task
from tasks_app.services.task_stats import stats


class TaskStatsViewSet(Endpoint, ViewSet):
    takes = {"stats": ("days", "after", "before")}
    scopes = {"stats": "runs:read"}

    @extend_schema(operation_id="tasks_stats", parameters=[StatsWindowSerializer], responses=TaskStatsSerializer)
    def stats(self, request: Request, task: UUID) -> Response:
        asked = Task.objects.owned_by(agent_of(request)).get(pk=task)
        sent = StatsWindowSerializer(data=request.query_params.dict())
        sent.is_valid(raise_exception=True)
        return Response(TaskStatsSerializer(stats(asked, **sent.validated_data)).data)
