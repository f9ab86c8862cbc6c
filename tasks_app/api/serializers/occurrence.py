"""Instants of a task: those to come, what became of one, and the ledger of those that made no run."""

from typing import Any, Final

from rest_framework import serializers

from tasks_app.api.serializers import task_texts
from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.moment import Moment
from tasks_app.api.serializers.said import said
from tasks_app.api.serializers.strict import Strict, WholeNumber
from tasks_app.api.serializers.task import WhenSerializer
from tasks_app.models import Run, SkippedOccurrence, Task
from tasks_app.services import preview
from tasks_app.services.why import Outcome
from tasks_app.states import RunState, SkipReason

_ZONE: Final = "The zone of the local times, by its IANA name."
_COUNT: Final = "How many instants that make a run are wanted."
_AFTER: Final = "Only instants later than this moment; without an offset it is local to the task's zone. Default: now."


class NoteSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="What was done to the instant, as a word for programs.")
    text = serializers.CharField(help_text="The same in a sentence for people.")


class LocalTime(serializers.DateTimeField):
    def enforce_timezone(self, value: Any) -> Any:
        return value


class InstantSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField(help_text="The nominal instant, in UTC.")
    local = LocalTime(help_text="The same instant in the task's zone, with its offset.")


class OccurrenceSerializer(InstantSerializer):
    starts_at = serializers.DateTimeField(help_text="When the run may begin, which jitter and quiet hours make later.")
    fires = serializers.BooleanField(help_text="Whether it becomes a run.")
    reason = serializers.ChoiceField(
        choices=SkipReason.choices, allow_null=True, help_text="Why it makes no run; null if it does."
    )
    notes = NoteSerializer(many=True, help_text="What clocks, calendar, jitter and quiet hours did to it.")


class PreviewSerializer(serializers.Serializer[Any]):
    timezone = serializers.CharField(help_text=_ZONE)
    items = OccurrenceSerializer(many=True, help_text="The instants, the earliest first.")
    ends = serializers.BooleanField(help_text="Whether nothing comes after these.")
    left_out = serializers.IntegerField(help_text="How many instants among them make no run and are not listed.")
    cut = serializers.BooleanField(help_text="Whether the search was given up before enough were found.")
    sentence = serializers.CharField(help_text="What is to be known besides, such as that the task is paused.")


class NextSerializer(Strict):
    """Which of the instants to come are wanted; one that has passed is asked for by `why`."""

    count = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=preview.MOST,
        default=preview.USUAL,
        help_text=_COUNT,
    )
    after = Moment(local=True, required=False, help_text=f"{_AFTER} In the past: from now on.")


class DraftSerializer(WhenSerializer):
    """The fields of a task that say when, and which of its instants are wanted."""

    count = WholeNumber(
        required=False, min_value=1, max_value=preview.MOST, help_text=f"{_COUNT} Default: {preview.USUAL}."
    )
    after = Moment(local=True, required=False, help_text=f"{_AFTER} In the past: as if the task had been created then.")

    class Meta:
        model = Task
        fields = (*sorted(preview.FIELDS), "count", "after")
        extra_kwargs = task_texts.WHEN


class WhichSerializer(Strict):
    at = Moment(local=True, help_text="An instant with its offset, or a local time of the task's zone without one.")


class RunMadeSerializer(serializers.ModelSerializer[Run]):
    status = serializers.ChoiceField(
        choices=RunState.choices, source="state", help_text="The state that the run is in."
    )
    delay_seconds = serializers.SerializerMethodField(
        help_text="Seconds from the nominal instant to the run's first beginning; null before it."
    )

    class Meta:
        model = Run
        fields = ("id", "status", "trigger", "scheduled_for", "run_at", "started_at", "finished_at", "delay_seconds")
        read_only_fields = fields
        extra_kwargs = said(
            id="The run's id.",
            trigger="What asked for the run.",
            scheduled_for="The nominal instant that the run is of.",
            run_at="When the run may begin.",
            started_at="When the run first began; null before it has.",
            finished_at="When the run ended; null before it has.",
        )

    def get_delay_seconds(self, run: Run) -> float | None:
        if run.started_at is None or run.scheduled_for is None:
            return None
        return (run.started_at - run.scheduled_for).total_seconds()


class LedgerSerializer(serializers.ModelSerializer[SkippedOccurrence]):
    class Meta:
        model = SkippedOccurrence
        fields = ("id", "scheduled_for", "reason", "detail", "created_at")
        read_only_fields = fields
        extra_kwargs = said(
            id="The number of the ledger's row.",
            scheduled_for="The instant that made no run.",
            reason="Why it made none.",
            detail="What more is known of it, such as the reason that somebody gave; may be empty.",
            created_at="When this was written down.",
        )


class AnswerSerializer(InstantSerializer):
    outcome = serializers.ChoiceField(choices=Outcome.choices, help_text="What became, or will become, of the instant.")
    sentence = serializers.CharField(help_text="The outcome in a sentence for people.")
    reason = serializers.CharField(
        allow_null=True, help_text="Why it makes no run, or why nothing is known of it; null otherwise."
    )
    starts_at = serializers.DateTimeField(
        allow_null=True, help_text="When the run to come may begin; null where none is to come."
    )
    run = RunMadeSerializer(allow_null=True, help_text="The run that it made; null if it made none.")
    skipped = LedgerSerializer(allow_null=True, help_text="The ledger's row about it; null if there is none.")
    notes = NoteSerializer(many=True, help_text="What clocks, calendar, jitter and quiet hours did to it.")
    before = InstantSerializer(
        allow_null=True, help_text="The nearest instant before, if the moment asked for is none; else null."
    )
    after = InstantSerializer(
        allow_null=True, help_text="The nearest instant after, if the moment asked for is none; else null."
    )


class WhySerializer(AnswerSerializer):
    timezone = serializers.CharField(help_text=_ZONE)
    clock = serializers.CharField(
        allow_null=True,
        help_text="What is peculiar about the local time asked for, such as that it comes twice; else null.",
    )
    others = AnswerSerializer(many=True, help_text="Further instants that the local time may stand for.")


LEDGER_ROW: Final = Columns.of(LedgerSerializer)
