"""A run with its attempts and steps, as they are answered."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.said import said
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


_SAID: Final = said(
    id="The run's id.",
    task_version="The version of the task that it carries out.",
    trigger="What asked for the run: its schedule, somebody (run_now), an event, a condition, a backfill or a step of another run.",
    scheduled_for="The nominal instant that it is the run of; null when it was asked for by hand.",
    priority="Which of the runs that are due begin first, 9 before 8: the task's, until waiting raises it.",
    run_at="When it may begin, or go on.",
    lane="Runs of one lane go on one at a time; empty where there is none.",
    concurrency_key="The key under which its task limits how many runs go on; empty for none.",
    backfill="The id of the backfill that asked for it; null for none.",
    simulated="Whether it calls no tool, so that what its steps come to is made up.",
    attempt="How many times workers have claimed it.",
    failures="How many of its attempts failed and were retried.",
    losses="How many workers were lost under it.",
    worker="The worker that claimed it last; empty before the first.",
    request_id="The X-Request-ID of the request that asked for it; empty where none did.",
    error="Why it failed, or what it waits for; null otherwise.",
    created_at="When the run was made.",
    started_at="When it first began; null before it has.",
    finished_at="When it ended; null before it has.",
    input="What its pipeline is given; null for nothing. Secrets are masked.",
)


class RunSerializer(serializers.ModelSerializer[Run]):
    task_id = serializers.UUIDField(help_text="The id of the task that it is a run of.")
    agent_id = serializers.UUIDField(help_text="The id of the agent that owns its task.")
    status = serializers.ChoiceField(
        choices=RunState.choices,
        source="state",
        help_text="The state that it is in; queued, running and waiting are followed by another.",
    )
    waiting_for = serializers.ChoiceField(
        choices=WaitingFor.choices, allow_blank=True, help_text="What it waits for; empty unless it waits."
    )

    class Meta:
        model = Run
        fields = _RUN
        read_only_fields = _RUN
        extra_kwargs = _SAID


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    outcome = serializers.SerializerMethodField(help_text="How the attempt ended; null while it lasts.")
    finished_at = serializers.DateTimeField(allow_null=True, help_text="When it ended; null while it lasts.")

    class Meta:
        model = Attempt
        fields = ("number", "outcome", "worker", "started_at", "finished_at", "error")
        read_only_fields = fields
        extra_kwargs = said(
            number="Which attempt it is, from 1.",
            worker="The worker that made it.",
            started_at="When it began.",
            error="Why it failed; null otherwise.",
        )

    @extend_schema_field(serializers.ChoiceField(choices=AttemptOutcome.choices, allow_null=True))
    def get_outcome(self, attempt: Attempt) -> str | None:
        return attempt.outcome or None


class StepSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="step", help_text="The step's id; one inside another is each[3].draft.")
    status = serializers.ChoiceField(choices=StepState.choices, source="state", help_text="What became of the step.")
    tool = serializers.CharField(help_text="The address of the tool that it calls.")
    attempt = serializers.IntegerField(help_text="The number of the attempt that recorded it.")
    input = serializers.JSONField(allow_null=True, help_text="What the tool was given. Secrets are masked.")
    output = serializers.JSONField(allow_null=True, help_text="What it came to; null before that. Secrets are masked.")
    cut = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="The size in bytes of an input or output that is too large to be listed, and null here: ask for it with ?step=.",
    )
    error = serializers.JSONField(allow_null=True, help_text="Why it failed, or what it waits for; null otherwise.")
    duration_ms = serializers.IntegerField(help_text="How long its last try took, in milliseconds.")
    failures = serializers.IntegerField(
        help_text="How many tries have failed, in all attempts, of a step that has retries of its own."
    )
    mark = serializers.CharField(
        help_text="How the run went on over its failure: continued, or with its fallback. Empty where it did not."
    )
    simulated = serializers.BooleanField(
        help_text="Whether its run is simulated: no call was made, and its output may be made up."
    )
    recorded_at = serializers.DateTimeField(help_text="When this was written down.")


class ApprovalLinkSerializer(serializers.Serializer[Any]):
    approver = serializers.CharField(help_text="Who is to decide; empty for whoever holds the links.")
    approve_url = serializers.CharField(help_text="The address at which it is approved.")
    reject_url = serializers.CharField(help_text="The address at which it is rejected.")


class RunDetailSerializer(RunSerializer):
    attempts = AttemptSerializer(many=True, help_text="Its attempts, the first one first.")
    steps = StepSerializer(many=True, help_text="What its steps came to so far.")
    approval_links = ApprovalLinkSerializer(
        many=True,
        help_text="Where people approve or reject it while it waits for that; empty for those who may not hand it on.",
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
        help_text="List this step alone, whole, with those inside it: wx, each[3] or each[3].draft.",
    )


class RetrySerializer(Strict):
    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's own, so it cannot be declared above."""
        where = Choice(
            choices=[(each, each) for each in runs.START_POINTS],
            default="failed_step",
            help_text="Where to begin: at the step that failed, keeping what those before it came to, or at the start.",
        )
        return {"from": where, **super().get_fields()}


class JudgeSerializer(Strict):
    step = Text(
        required=False,
        max_length=64,
        help_text="The id of the step that is meant; refused if the run waits for another. Default: the one it waits for.",
    )
    comment = Text(
        required=False, max_length=1000, allow_blank=True, help_text="Why it was decided so; the audit keeps it."
    )


class ResolveSerializer(Strict):
    outcome = Choice(
        choices=[(each, each) for each in decisions.OUTCOMES],
        help_text="What became of the step: go on with output (succeeded), fail it for good (failed), or call again (retry).",
    )
    step = Text(
        required=False,
        max_length=64,
        help_text="The id of the step that is meant; refused if the run waits for another. Default: the one it waits for.",
    )
    output = serializers.JSONField(
        required=False, allow_null=True, help_text="What the step came to, if it succeeded. Default: null."
    )
    comment = Text(
        required=False, max_length=1000, allow_blank=True, help_text="Why it was decided so; the audit keeps it."
    )


RUN_ROW: Final = Columns.of(RunSerializer)
