"""`/schedules/conflicts`: what will get in each other's way."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from tasks_app.api.authentication import agent_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.serializers.conflicts import ConflictsSerializer, WindowSerializer
from tasks_app.services import forecasts


class ConflictsViewSet(Endpoint, ViewSet):
    takes = {"conflicts": ("from", "to")}
    scopes = {"conflicts": "tasks:read"}

    @extend_schema(operation_id="schedules_conflicts", parameters=[WindowSerializer], responses=ConflictsSerializer)
    def conflicts(self, request: Request) -> Response:
        asked = WindowSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        window = asked.validated_data
        return Response(forecasts.conflicts(agent_of(request), start=window.get("from"), end=window.get("to")))
