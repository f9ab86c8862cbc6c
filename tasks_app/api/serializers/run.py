"""A run with its attempts and steps, as they are answered."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.strict import Choice, Strict, Text
from tasks_app.models import Attempt, Run
from tasks_app.services import decisions, runs
from tasks_app.states import AttemptOutcome, RunState, StepState, WaitingFor

_RUN: Final[tuple[str, ...]] = (
    "id",
    "task_id",
    "task_version",
    "agent_id",
    "trigger",
    "scheduled_for",
    "status",
    "waiting_for",
    "priority",
    "run_at",
    "lane",
    "concurrency_key",
    "backfill",
    "simulated",
    "attempt",
    "failures",
    "losses",
    "worker",
    "request_id",
    "error",
    "created_at",
    "started_at",
    "finished_at",
)


class RunSerializer(serializers.ModelSerializer[Run]):
    task_id = serializers.UUIDField()
    agent_id = serializers.UUIDField(help_text="Whose run it is: its task's owner.")
    status = serializers.ChoiceField(choices=RunState.choices, source="state")
    waiting_for = serializers.ChoiceField(
        choices=WaitingFor.choices, allow_blank=True, help_text="Empty unless it waits."
    )

    class Meta:
        model = Run
        fields = _RUN
        read_only_fields = _RUN


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    outcome = serializers.SerializerMethodField(help_text="Null while it lasts.")
    finished_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        model = Attempt
        fields = ("number", "outcome", "worker", "started_at", "finished_at", "error")
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=AttemptOutcome.choices, allow_null=True))
    def get_outcome(self, attempt: Attempt) -> str | None:
        return attempt.outcome or None


class StepSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="step")
    status = serializers.ChoiceField(choices=StepState.choices, source="state")
    tool = serializers.CharField()
    attempt = serializers.IntegerField()
    input = serializers.JSONField(allow_null=True)
    output = serializers.JSONField(allow_null=True)
    cut = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Of an input or output that is too large to be listed, and null here, its size in bytes: ask with ?step=.",
    )
    error = serializers.JSONField(allow_null=True)
    duration_ms = serializers.IntegerField(help_text="Of its last try.")
    failures = serializers.IntegerField(
        help_text="How many tries have failed, in all attempts, of a step that has retries of its own."
    )
    mark = serializers.CharField(
        help_text="How the run went on over its failure: continued, or with its fallback. Empty where it did not."
    )
    simulated = serializers.BooleanField(help_text="Its run is: no call was made, and its output may be made up.")
    recorded_at = serializers.DateTimeField()


class ApprovalLinkSerializer(serializers.Serializer[Any]):
    approver = serializers.CharField(help_text="Who is to decide; empty for whoever holds the links.")
    approve_url = serializers.CharField()
    reject_url = serializers.CharField()


class RunDetailSerializer(RunSerializer):
    attempts = AttemptSerializer(many=True)
    steps = StepSerializer(many=True)
    approval_links = ApprovalLinkSerializer(
        many=True, help_text="While it waits for approval, for those who may give it themselves."
    )
    steps_truncated = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="How many of the steps inside a step are not listed: ask for one with ?step=each[3].",
    )

    class Meta(RunSerializer.Meta):
        fields = (*_RUN, "input", "attempts", "steps", "steps_truncated", "approval_links")
        read_only_fields = fields


class WhichStepSerializer(Strict):
    step = Text(
        required=False,
        max_length=300,
        help_text="List this step alone, whole, with those inside it: wx, each[3], each[3].draft.",
    )


class RetrySerializer(Strict):
    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's own, so it cannot be declared above."""
        where = Choice(
            choices=[(each, each) for each in runs.START_POINTS],
            default="failed_step",
            help_text="failed_step: keep what the steps before it came to; start: do them again.",
        )
        return {"from": where, **super().get_fields()}


class JudgeSerializer(Strict):
    step = Text(required=False, max_length=64, help_text="The step that is meant; refused if it is another.")
    comment = Text(required=False, max_length=1000, allow_blank=True)


class ResolveSerializer(Strict):
    outcome = Choice(
        choices=[(each, each) for each in decisions.OUTCOMES],
        help_text="succeeded: go on with `output`; failed: the step fails for good; retry: make the call again.",
    )
    step = Text(required=False, max_length=64, help_text="The step that is meant; refused if it is another.")
    output = serializers.JSONField(required=False, allow_null=True, help_text="Of a step that succeeded.")
    comment = Text(required=False, max_length=1000, allow_blank=True)


RUN_ROW: Final = Columns.of(RunSerializer)
