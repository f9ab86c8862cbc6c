"""A pipeline that is only to be looked at: what is sent, and what is answered."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

import schedules
from schedules.zones import zone
from tasks_app.api.schema import FaultSerializer
from tasks_app.api.serializers.strict import Strict, Text
from tasks_app.api.serializers.task import JSONObject, Payload
from tasks_app.conf import conf
from tasks_app.exceptions import Fault, InvalidRequest, told_of


@extend_schema_field({"example": {"pipeline": [{"id": "hello", "uses": "debug.echo", "with": {"message": "Hello"}}]}})
class AnyPayload(serializers.JSONField):
    """Anything: what is wrong with it is what is asked."""


class PipelineDraftSerializer(serializers.Serializer[Any]):
    """A task's payload; it may also be sent as it is."""

    # Read by `payload_in`.
    payload = AnyPayload(
        required=False, help_text="What is to be judged: pipeline, the steps, and params, which they read."
    )


def payload_in(body: Any) -> tuple[Any, str]:
    """The payload of a request that may be nothing but one, and the pointer to it. Raises `InvalidRequest`."""
    if not isinstance(body, Mapping):
        raise InvalidRequest(Fault("", 'Send a JSON object: {"payload": {"pipeline": [...]}}.'))
    if "payload" not in body:
        return body, ""
    if unknown := [
        Fault(f"/{name[:100]}", "There is no such field: use payload.") for name in body if name != "payload"
    ]:
        raise InvalidRequest(*told_of(unknown))
    return body["payload"], "/payload"


class Zone(Text):
    def to_internal_value(self, data: Any) -> ZoneInfo:  # type: ignore[override]
        try:
            return zone(super().to_internal_value(data))
        except schedules.InvalidSchedule as invalid:
            raise ValidationError(f"{invalid.message}.") from None


class Instant(Text):
    """ISO 8601; without an offset it is local."""

    def to_internal_value(self, data: Any) -> datetime:  # type: ignore[override]
        try:
            return datetime.fromisoformat(super().to_internal_value(data))
        except ValueError:
            raise ValidationError("Give a date and time such as 2026-01-31T09:00:00Z.") from None


@extend_schema_field({"type": "object", "additionalProperties": {}})
class ContextPart(serializers.JSONField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise ValidationError("Give an object.")
        return data


class ContextSerializer(Strict):
    params = JSONObject(required=False, help_text="Values laid over the payload's own params.")
    steps = JSONObject(required=False, help_text="Outputs to be taken for those of steps, by id or save_as.")
    event = ContextPart(
        required=False, allow_null=True, help_text="The event that the run answers to, or its payload alone."
    )
    item = serializers.JSONField(
        required=False, allow_null=True, help_text="The item that steps inside a foreach are given."
    )
    probe = serializers.JSONField(required=False, allow_null=True, help_text="The output of a condition's probe.")
    trigger = Text(required=False, max_length=20, help_text="What asked for the run, such as schedule or event.")
    task = ContextPart(required=False, help_text="What expressions read as task, such as its title.")
    run = ContextPart(required=False, help_text="What expressions read as run, such as its id.")
    agent = ContextPart(required=False, help_text="What expressions read as agent, such as its name.")
    now = Instant(
        required=False,
        help_text="The moment of the run, in ISO 8601; without an offset it is local to timezone. Default: the present one.",
    )
    timezone = Zone(required=False, help_text="The task's zone, by its IANA name. Default: the platform's.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        home = attrs.pop("timezone", None) or zone(conf().default_timezone)
        now = attrs.pop("now", None) or datetime.now(UTC)
        try:
            moment = now.astimezone(home) if now.tzinfo else now.replace(tzinfo=home)
        except OverflowError:
            raise ValidationError({"now": "Give a moment that lies inside the calendar."}) from None
        if event := attrs.get("event"):
            payload = event.get("payload", event)
            attrs["event"] = {**(payload if isinstance(payload, dict) else {}), **event, "payload": payload}
        return {"now": moment, "outputs": attrs.pop("steps", {}), "context": attrs}


_CONTEXT: Final = "What expressions read besides, in the place of what a run would give them."


class RenderSerializer(Strict):
    payload = Payload(help_text="What a run would do: the steps of a pipeline, and the params that they read.")

    def get_fields(self) -> dict[str, Any]:
        """`context` is a word of the framework's own, so it cannot be declared above."""
        return {**super().get_fields(), "context": ContextSerializer(required=False, help_text=_CONTEXT)}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "context" not in attrs:
            sent = ContextSerializer(data={})
            sent.is_valid(raise_exception=True)
            attrs["context"] = sent.validated_data
        return {"payload": attrs["payload"], **attrs["context"]}


class StepInOrderSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="The step's id.")
    uses = serializers.CharField(help_text="The address of the tool that it calls.")
    after = serializers.ListField(child=serializers.CharField(), help_text="The ids of the steps that it waits for.")


class JudgementSerializer(serializers.Serializer[Any]):
    valid = serializers.BooleanField(help_text="Whether a task could be saved with it.")
    faults = FaultSerializer(many=True, help_text="What is wrong with it, each with its place.")
    more_faults = serializers.IntegerField(help_text="How many more there are than `faults` lists.")
    steps = StepInOrderSerializer(
        many=True, help_text="The steps in the order in which they run; empty where there are faults."
    )


class RenderErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="The kind of error, as a word for programs.")
    message = serializers.CharField(help_text="The error in a sentence for people.")


class RenderedStepSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="The step's id.")
    uses = serializers.CharField(help_text="The address of the tool that it calls.")
    error = RenderErrorSerializer(allow_null=True, help_text="Why it would fail before its call; null if it would not.")

    def get_fields(self) -> dict[str, Any]:
        """`if` and `with` are words of Python's own, so they cannot be declared above."""
        holds = serializers.BooleanField(
            allow_null=True, help_text="Whether the step would begin; null where that is not known."
        )
        given = serializers.JSONField(allow_null=True, help_text="What the tool would be given.")
        return {**super().get_fields(), "if": holds, "with": given}


class RenderedSerializer(serializers.Serializer[Any]):
    steps = RenderedStepSerializer(many=True, help_text="The steps in the order in which they run.")
