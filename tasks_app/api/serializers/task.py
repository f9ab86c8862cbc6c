"""A task, as it is sent and as it is answered."""

import threading
from datetime import datetime
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tasks_app.api.serializers import task_texts
from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.moment import Moment
from tasks_app.api.serializers.strict import Choice, Strict, StrictModel, Text
from tasks_app.models import Task
from tasks_app.services import backfill, tasks
from tasks_app.states import OverlapPolicy, RunState, TaskMode


class LocalInstant(Text):
    """An ISO 8601 date and time without an offset: the task's zone gives it one."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValidationError("Give a local date and time such as 2026-01-31T09:00:00.") from error
        if moment.tzinfo is not None:
            raise ValidationError("Give a local date and time without an offset; `timezone` says where it is local.")
        return moment.isoformat()


@extend_schema_field({"type": "object", "additionalProperties": {}})
class JSONObject(serializers.JSONField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise ValidationError("Give an object.")
        return data


@extend_schema_field(
    {
        "type": "object",
        "required": ["pipeline"],
        "properties": {
            "params": {
                "type": "object",
                "additionalProperties": {},
                "description": "Values that the steps read as ${params.name}.",
            },
            "pipeline": {
                "type": "array",
                "items": {"type": "object", "additionalProperties": {}},
                "description": "The steps, each with the tool that it uses and its input (with). See docs/pipelines.md.",
            },
        },
        "example": {"pipeline": [{"id": "hello", "uses": "debug.echo", "with": {"message": "Hello"}}]},
    }
)
class Payload(JSONObject):
    """Its inside is judged by `pipelines`."""


@extend_schema_field(
    {
        "type": "object",
        "required": ["uses"],
        "properties": {
            "uses": {"type": "string", "example": "http.request", "description": "The tool's address."},
            "with": {"type": "object", "additionalProperties": {}, "description": "What the tool is given."},
            "timeout_seconds": {"type": "number", "description": "Seconds that the call may take."},
        },
    }
)
class Probe(JSONObject):
    """Its inside is judged by `pipelines`."""


@extend_schema_field(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["from", "to"],
            "properties": {
                "from": {"type": "string", "example": "22:00", "description": "The window's local begin, hh:mm."},
                "to": {
                    "type": "string",
                    "example": "07:00",
                    "description": "The window's local end, hh:mm; the next day if earlier.",
                },
                "days": {
                    "type": "array",
                    "items": {"type": "string", "example": "MO"},
                    "description": "The days on which the window begins. Default: every day.",
                },
            },
        },
    }
)
class QuietHoursField(serializers.JSONField):
    """Its inside is judged by `schedules`."""


_ZONE: Final = "The zone that the schedule is local to, by its IANA name such as Europe/Berlin. Default: the platform's, UTC unless set."


class WhenSerializer(StrictModel):
    # Of the fields that say when, those for which the model's own would not do.

    timezone = Text(required=False, max_length=64, help_text=_ZONE)
    dtstart = LocalInstant(
        required=False,
        max_length=26,
        help_text="What the schedule counts from: ISO 8601, local to its zone. Default: midnight of the day the task is made.",
    )
    starts_at = Moment(local=True, required=False, allow_null=True, help_text=task_texts.STARTS_AT)
    ends_at = Moment(local=True, required=False, allow_null=True, help_text=task_texts.ENDS_AT)
    calendar = Text(
        required=False,
        allow_null=True,
        max_length=100,
        help_text="The calendar that the schedule keeps to: its id, or when it is sent its name. Null for none.",
    )
    quiet_hours = QuietHoursField(
        required=False,
        help_text="Windows of local time in which no run begins; what is due in one waits for its end. Default: none.",
    )


class TaskSerializer(WhenSerializer):
    created_by = serializers.UUIDField(
        required=False,
        help_text="The id of the agent that owns it. Default: the caller; only an admin may name another.",
    )
    payload = Payload(help_text="What a run does: the steps of a pipeline, and the params that they read.")
    probe = Probe(
        required=False, allow_null=True, help_text="The tool call whose output a condition looks at; null for none."
    )
    condition_error = JSONObject(
        read_only=True,
        allow_null=True,
        help_text="Why the last look at the condition found nothing out; null if it did.",
    )
    last_run_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When its newest live run began; null before it has."
    )
    last_status = serializers.ChoiceField(
        choices=RunState.choices,
        read_only=True,
        allow_null=True,
        help_text="The state of its newest live run; null before the first.",
    )

    class Meta:
        model = Task
        fields = (
            "id",
            "title",
            "description",
            "created_by",
            "schedule_kind",
            "schedule_expr",
            "timezone",
            "dtstart",
            "starts_at",
            "ends_at",
            "max_occurrences",
            "dst_policy",
            "calendar",
            "calendar_policy",
            "misfire_policy",
            "catch_up_window_seconds",
            "catch_up_limit",
            "overlap_policy",
            "jitter_seconds",
            "quiet_hours",
            "concurrency_key",
            "concurrency_limit",
            "dedupe_key",
            "dedupe_window_seconds",
            "probe",
            "poll_seconds",
            "cooldown_seconds",
            "payload",
            "mode",
            "status",
            "priority",
            "max_retries",
            "backoff_strategy",
            "retry_delay_seconds",
            "timeout_seconds",
            "queue_timeout_seconds",
            "calls_per_day",
            "tokens_per_day",
            "microdollars_per_day",
            "next_run_at",
            "last_run_at",
            "last_status",
            "condition_met",
            "condition_error",
            "version",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("id", "status", "next_run_at", "condition_met", "version", "created_at", "updated_at")
        extra_kwargs = task_texts.TASK


def read_new_task(body: Any) -> dict[str, Any]:
    """The fields of a task that is to be made. Raises `ValidationError`.

    Each thread keeps its form: to make one takes longer than to read a task by it, and reading leaves nothing in it.
    """
    if not hasattr(_KEPT, "form"):
        _KEPT.form = TaskSerializer()
    return dict(_KEPT.form.run_validation(body))


_KEPT: Final = threading.local()


class TaskChangeSerializer(TaskSerializer):
    """What is sent to change a task. Whose it is never changes."""

    created_by = serializers.UUIDField(read_only=True, help_text="The id of the agent that owns it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A replacement returns what it leaves out to its default; the anchor, which fixes the schedule's phase, stays."""
        if self.partial:
            return attrs
        blank = Task()
        return {name: getattr(blank, name) for name in _DEFAULTED} | attrs


# What fixes the phase or has no default is not among them.
_DEFAULTED: Final = tuple(sorted(tasks.WRITABLE - {"title", "schedule_kind", "payload", "timezone", "dtstart"}))
TASK_ROW: Final = Columns.of(TaskSerializer)


class RunNowSerializer(Strict):
    params = JSONObject(required=False, help_text="Values laid over the task's own params, for this run only.")
    mode = Choice(
        choices=TaskMode.choices,
        required=False,
        help_text="Live or simulated, for this run only. Default: the task's mode.",
    )


class BackfillSerializer(Strict):
    to = Moment(
        local=True,
        help_text="The last instant that counts, in the past; without an offset it is local to the task's zone.",
    )
    overlap_policy = Choice(
        choices=backfill.POLICY_CHOICES,
        default=OverlapPolicy.QUEUE_ALL,
        help_text="Whether the runs go on one after another, the oldest first (queue_all), or all together (allow).",
    )

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's own, so it cannot be declared above."""
        first = Moment(
            local=True, help_text="The first instant that counts; without an offset it is local to the task's zone."
        )
        return {"from": first, **super().get_fields()}


class BackfilledSerializer(serializers.Serializer[Any]):
    backfill = serializers.UUIDField(help_text="The id of the backfill: /runs?backfill= lists its runs.")
    runs = serializers.IntegerField(help_text="How many runs were made.")
    already = serializers.IntegerField(help_text="How many instants had a run before.")
