"""What the OpenAPI document says beyond what the views show: how to authenticate, and the shape of refusals."""

from http import HTTPStatus
from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance, get_doc
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from tasks_app.api import operations, tags
from tasks_app.api.examples import EXAMPLES
from tasks_app.api.serializers.strict import Strict


class FaultSerializer(serializers.Serializer[Any]):
    pointer = serializers.CharField(
        help_text="The place, as a JSON pointer into the body, or to the query's parameter."
    )
    message = serializers.CharField(help_text="What is wrong, and the cure.")


class ProblemSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(help_text="The kind of problem, always about:blank: see code.")
    title = serializers.CharField(help_text="What the status means.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="Why it was refused, and the cure, in sentences for people.")
    code = serializers.CharField(help_text="Why it was refused, as a word for programs.")
    request_id = serializers.CharField(help_text="The X-Request-ID, which the log has, too.")
    errors = FaultSerializer(many=True, help_text="The first hundred faults, each with its place; may be empty.")  # type: ignore[assignment]
    more_errors = serializers.IntegerField(help_text="How many more there are than `errors` lists.")


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "tasks_app.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


_LOCATION: Final = {"description": "The address of what was made.", "schema": {"type": "string", "format": "uri"}}
_ETAG: Final = {"description": "The tag that If-Match and If-None-Match name.", "schema": {"type": "string"}}
_NOT_KEPT: Final = {"agents_create", "hooks_create", "webhooks_create"}  # a secret is shown: no-store, and no tag


class Operation(AutoSchema):
    def get_operation_id(self) -> str:
        many = self.method == "GET" and bool(self._is_list_view())
        return operations.name_of(self._address(), self.method, of_many=many)

    def get_tags(self) -> list[str]:
        return [operations.tag_of(self._address())]

    def get_description(self) -> str:  # type: ignore[override] # the library's own says more than it means
        method = getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)
        return get_doc(method) or operations.SAID.get(self.get_operation_id(), "")

    def get_examples(self) -> list[OpenApiExample]:
        return EXAMPLES.get(self.get_operation_id(), [])

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
            self._tell_headers(operation["responses"])
            operation |= operations.told(f"{operation.pop('description', '')} {self._needed()}")
        return operation

    def _needed(self) -> str:
        scope = getattr(self.view, "scopes", {}).get(getattr(self.view, "action", self.method.lower()))
        return f"Needs the scope {scope}." if scope else "Needs no token."

    def _tell_headers(self, responses: dict[str, Any]) -> None:
        """Of what is made the `Location`, and of what can be changed under `If-Match` the `ETag`."""
        action = getattr(self.view, "action", None)
        made = action == "run_now" or (action == "create" and "201" in responses)
        made = made and hasattr(self.view, "retrieve")  # not of many at once
        guarded: tuple[str, ...] = getattr(self.view, "edition", ())
        tagged = guarded and action in tags.TAGGED and self.get_operation_id() not in _NOT_KEPT
        headers = ({"Location": _LOCATION} if made else {}) | ({"ETag": _ETAG} if tagged else {})
        for status, answer in responses.items():
            answer["description"] = answer["description"] or HTTPStatus(int(status)).phrase
            if headers and status in {"200", "201", "202"}:
                answer["headers"] = headers

    def _get_parameters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super()._get_parameters()
        return [each | {"description": each.get("description", "").strip()} for each in found]

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super()._resolve_path_parameters(variables)  # type: ignore[no-untyped-call]
        return [each | {"description": operations.place_of(each["name"], str(self.path))} for each in found]

    def _address(self) -> str:
        return str(self.path).removeprefix(spectacular_settings.SCHEMA_PATH_PREFIX)


_LEAVE_DEFAULTS_OUT: Final = {"Document", "DocumentTask", "DocumentCalendar"}


def answers_are_whole(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of the generator: what is answered has every field that it may have, and was judged when it was sent."""
    for name, schema in result["components"]["schemas"].items():
        if "properties" in schema and not name.endswith("Request") and name not in _LEAVE_DEFAULTS_OUT:
            schema["required"] = sorted(schema["properties"])
            for each in schema["properties"].values():
                each.pop("pattern", None)
    return result


def anything_may_be_null(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of the generator, which writes of a field that holds any JSON that it is one of anything and null: null is both."""
    for schema in result["components"]["schemas"].values():
        for each in schema.get("properties", {}).values():
            if each.get("oneOf") == [{}, {"type": "null"}]:
                del each["oneOf"]
    return result
