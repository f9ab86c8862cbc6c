"""A window that is asked about, and what is foreseen in it."""

from datetime import datetime, timedelta
from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tasks_app.api.serializers.moment import Moment
from tasks_app.api.serializers.strict import Strict
from tasks_app.planning.forecast.subject import EARLIEST, LATEST

LONGEST: Final = timedelta(days=31)


class WindowSerializer(Strict):
    """`from` is a word of Python's, so that these fields have no names in the class."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "from": Moment(local=False, required=False, help_text="Default: the start of this minute."),
            "to": Moment(local=False, required=False, help_text="At most 31 days later; default: a day later."),
        }

    def validate(self, attrs: dict[str, datetime]) -> dict[str, datetime]:
        start, end = attrs.get("from"), attrs.get("to")
        if far := [name for name, moment in attrs.items() if not EARLIEST <= moment <= LATEST]:
            raise ValidationError(dict.fromkeys(far, f"Give an instant between {EARLIEST.year} and {LATEST.year}."))
        if end and not start:
            raise ValidationError({"from": "Give the start of the window, too."})
        if start and end and not start < end <= start + LONGEST:
            raise ValidationError({"to": f"Give an instant after from, at most {LONGEST.days} days later."})
        return attrs


class TaskOfSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()


class TaskAtSerializer(TaskOfSerializer):
    at = serializers.DateTimeField(help_text="The run's nominal instant.")


class TasksLookedAtSerializer(serializers.Serializer[Any]):
    forecast = serializers.IntegerField()
    unforeseeable = serializers.IntegerField(help_text="They wait for an event, a condition or somebody's word.")
    paused = serializers.IntegerField()
    unreadable = serializers.IntegerField(help_text="Their schedule cannot be evaluated.")
    left_out = serializers.IntegerField(help_text="There are too many.")


class CollisionSerializer(serializers.Serializer[Any]):
    agent = serializers.UUIDField(help_text="Whose key it is.")
    concurrency_key = serializers.CharField()
    limit = serializers.IntegerField()
    at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True, help_text="Null: it had not ended at looked_until.")
    tasks = TaskAtSerializer(many=True)
    tasks_left_out = serializers.IntegerField()
    would_wait_seconds = serializers.FloatField(
        help_text="The longest that one of the runs waits for the key; not for max_running of its agent."
    )


class PeakSerializer(serializers.Serializer[Any]):
    minute = serializers.DateTimeField()
    fires = serializers.IntegerField(help_text="Runs that are to begin in this minute.")
    tasks = TaskOfSerializer(many=True)
    tasks_left_out = serializers.IntegerField()


class ProposalSerializer(serializers.Serializer[Any]):
    task = serializers.UUIDField()
    title = serializers.CharField()
    jitter_seconds = serializers.IntegerField()
    peak_before = serializers.IntegerField(help_text="Runs in the highest minute that the task takes part in.")
    peak_after = serializers.IntegerField(help_text="The same once every proposal is followed.")


class ConflictsSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "from": serializers.DateTimeField(),
            "to": serializers.DateTimeField(),
            "looked_until": serializers.DateTimeField(help_text="Every instant before it was looked at."),
            "truncated": serializers.BooleanField(help_text="Whether that is before `to`: there were too many."),
            "slots": serializers.IntegerField(help_text="Runs that go on at a time."),
            "tasks": TasksLookedAtSerializer(),
            "fires": serializers.IntegerField(),
            "skipped": serializers.DictField(child=serializers.IntegerField(), help_text="Instants by reason."),
            "collisions": CollisionSerializer(many=True),
            "collisions_left_out": serializers.IntegerField(),
            "peaks": PeakSerializer(many=True),
            "spread": ProposalSerializer(many=True),
            "spread_left_out": serializers.IntegerField(),
        }
