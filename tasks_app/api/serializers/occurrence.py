"""Instants of a task: those to come, what became of one, and the ledger of those that made no run."""

from typing import Any, Final

from rest_framework import serializers

from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.moment import Moment
from tasks_app.api.serializers.strict import Strict, WholeNumber
from tasks_app.api.serializers.task import WhenSerializer
from tasks_app.models import Run, SkippedOccurrence, Task
from tasks_app.services import preview
from tasks_app.services.why import Outcome
from tasks_app.states import RunState, SkipReason


class NoteSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="For programs.")
    text = serializers.CharField(help_text="For people.")


class LocalTime(serializers.DateTimeField):
    """In the task's zone, with its offset."""

    def enforce_timezone(self, value: Any) -> Any:
        return value


class InstantSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField(help_text="The nominal instant, in UTC.")
    local = LocalTime(help_text="The same in the task's zone.")


class OccurrenceSerializer(InstantSerializer):
    starts_at = serializers.DateTimeField(help_text="When the run begins: later by jitter and quiet hours.")
    fires = serializers.BooleanField(help_text="Whether it becomes a run.")
    reason = serializers.ChoiceField(choices=SkipReason.choices, allow_null=True, help_text="Why it does not.")
    notes = NoteSerializer(many=True, help_text="What clocks, calendar, jitter and quiet hours did to it.")


class PreviewSerializer(serializers.Serializer[Any]):
    timezone = serializers.CharField()
    items = OccurrenceSerializer(many=True)
    ends = serializers.BooleanField(help_text="Whether nothing comes after these.")
    left_out = serializers.IntegerField(help_text="Withheld instants among them that are not listed.")
    cut = serializers.BooleanField(help_text="Whether the search was given up before enough were found.")
    sentence = serializers.CharField(help_text="What is to be known besides, such as that the task is paused.")


class NextSerializer(Strict):
    """Which of the instants to come are wanted; one that has passed is asked for by `why`."""

    count = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=preview.MOST,
        default=preview.USUAL,
        help_text="Of those that make a run.",
    )
    after = Moment(local=True, required=False, help_text="Only later ones; left out, or in the past, from now on.")


class DraftSerializer(WhenSerializer):
    """The fields of a task that say when, and which of its instants are wanted."""

    count = WholeNumber(required=False, min_value=1, max_value=preview.MOST, help_text="Of those that make a run.")
    after = Moment(
        local=True,
        required=False,
        help_text="Only later ones; left out, from now on. In the past: as if the task had been created then.",
    )

    class Meta:
        model = Task
        fields = (*sorted(preview.FIELDS), "count", "after")


class WhichSerializer(Strict):
    at = Moment(local=True, help_text="An instant with its offset, or a local time of the task's zone without one.")


class RunMadeSerializer(serializers.ModelSerializer[Run]):
    status = serializers.ChoiceField(choices=RunState.choices, source="state")
    delay_seconds = serializers.SerializerMethodField(help_text="From the nominal instant to its first beginning.")

    class Meta:
        model = Run
        fields = ("id", "status", "trigger", "scheduled_for", "run_at", "started_at", "finished_at", "delay_seconds")
        read_only_fields = fields

    def get_delay_seconds(self, run: Run) -> float | None:
        if run.started_at is None or run.scheduled_for is None:
            return None
        return (run.started_at - run.scheduled_for).total_seconds()


class LedgerSerializer(serializers.ModelSerializer[SkippedOccurrence]):
    class Meta:
        model = SkippedOccurrence
        fields = ("id", "scheduled_for", "reason", "detail", "created_at")
        read_only_fields = fields


class AnswerSerializer(InstantSerializer):
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    sentence = serializers.CharField(help_text="The same for people.")
    reason = serializers.CharField(allow_null=True, help_text="Why it makes no run, or why nothing is known of it.")
    starts_at = serializers.DateTimeField(allow_null=True, help_text="When the run to come begins.")
    run = RunMadeSerializer(allow_null=True)
    skipped = LedgerSerializer(allow_null=True)
    notes = NoteSerializer(many=True)
    before = InstantSerializer(allow_null=True, help_text="The last instant before one that is none.")
    after = InstantSerializer(allow_null=True, help_text="The first instant after one that is none.")


class WhySerializer(AnswerSerializer):
    timezone = serializers.CharField()
    clock = serializers.CharField(allow_null=True, help_text="What is peculiar about the local time asked for.")
    others = AnswerSerializer(many=True, help_text="Further instants that the local time may stand for.")


LEDGER_ROW: Final = Columns.of(LedgerSerializer)
