"""What the OpenAPI document says beyond what the views show: how to authenticate, and the shape of refusals."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance
from rest_framework import serializers

from tasks_app.api.serializers.strict import Strict


class FaultSerializer(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="JSON pointer into the body, or to the query's parameter.")
    message = serializers.CharField(help_text="What is wrong, and the cure.")


class ProblemSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text="For programs.")
    request_id = serializers.CharField()
    errors = FaultSerializer(many=True, help_text="The first hundred faults.")  # type: ignore[assignment]
    more_errors = serializers.IntegerField(help_text="How many more there are than `errors` lists.")


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "tasks_app.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class Operation(AutoSchema):
    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        """What refuses unknown keys says so: its `additionalProperties` are none."""
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if direction == "request" and isinstance(force_instance(serializer), Strict):  # type: ignore[no-untyped-call]
            schema["additionalProperties"] = False
        return schema

    def get_operation(self, *arguments: Any, **options: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*arguments, **options)
        if operation is not None:
            problem = self.resolve_serializer(ProblemSerializer, "response").ref
            operation["responses"]["default"] = {
                "description": "A refusal.",
                "content": {"application/problem+json": {"schema": problem}},
            }
        return operation
