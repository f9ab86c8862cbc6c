"""`/pipelines`: what editors and authors ask before anything is saved."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotAuthenticated, PermissionDenied, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from pipelines.definition_schema import definition_schema
from pipelines.rehearsal import Rehearsed
from tasks_app.api.authentication import agent_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.permissions import has
from tasks_app.api.serializers.pipeline import (
    JudgementSerializer,
    PipelineDraftSerializer,
    RenderedSerializer,
    RenderSerializer,
    payload_in,
)
from tasks_app.catalogue import catalogue
from tasks_app.exceptions import MOST_FAULTS, untold
from tasks_app.services import drafts


class DefinitionSchemaView(Endpoint, ViewSet):
    """Public, as the OpenAPI document is; which tools there are is told to those who may read that."""

    permission_classes = (AllowAny,)
    takes = {"schema_of_definitions": ("tools",)}

    @extend_schema(
        operation_id="pipelines_schema",
        parameters=[
            OpenApiParameter(
                "tools",
                bool,
                description="Whether to name the tools, too, which needs the scope tools:read. Default: false.",
            )
        ],
        responses={200: {"type": "object", "additionalProperties": {}}},
        auth=[],
    )
    def schema_of_definitions(self, request: Request) -> Response:
        asked = request.query_params.getlist("tools", ["false"])
        if asked not in (["true"], ["false"]):
            raise ValidationError({"tools": "Give true or false, once."})
        if asked == ["false"]:
            return Response(definition_schema())
        if request.user is None:
            raise NotAuthenticated
        if not has(agent_of(request), "tools:read"):
            raise PermissionDenied("This needs the scope tools:read, which an administrator gives.")
        return Response(definition_schema(catalogue()))


class DraftViewSet(Endpoint, ViewSet):
    scopes = {"validate": "tasks:read", "render": "tasks:read"}

    @extend_schema(operation_id="pipelines_validate", request=PipelineDraftSerializer, responses=JudgementSerializer)
    def validate(self, request: Request) -> Response:
        payload, place = payload_in(request.data)
        found = drafts.judge(payload, owner=agent_of(request))
        faults = [{"pointer": f"{place}{each.pointer}", "message": each.message} for each in found.faults[:MOST_FAULTS]]
        return Response(
            {
                "valid": not faults,
                "faults": faults,
                "more_faults": untold(found.faults),
                "steps": [asdict(step) for step in found.steps],
            }
        )

    @extend_schema(operation_id="pipelines_render", request=RenderSerializer, responses=RenderedSerializer)
    def render(self, request: Request) -> Response:
        sent = RenderSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response({"steps": [_told(step) for step in drafts.render(**sent.validated_data)]})


def _told(step: Rehearsed) -> dict[str, Any]:
    error = step.error and {"code": step.error.code, "message": step.error.message}
    return {"id": step.step, "uses": step.uses, "if": step.holds, "with": step.input, "error": error}
