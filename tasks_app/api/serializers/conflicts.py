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
    # `from` is a word of Python's, so that these fields have no names in the class.
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "from": Moment(
                local=False, required=False, help_text="The start of the window. Default: the start of this minute."
            ),
            "to": Moment(
                local=False,
                required=False,
                help_text="The end of the window, at most 31 days later. Default: a day later.",
            ),
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
    id = serializers.UUIDField(help_text="The task's id.")
    title = serializers.CharField(help_text="The task's title.")


class TaskAtSerializer(TaskOfSerializer):
    at = serializers.DateTimeField(help_text="The run's nominal instant.")


class TasksLookedAtSerializer(serializers.Serializer[Any]):
    forecast = serializers.IntegerField(help_text="How many tasks were looked at.")
    unforeseeable = serializers.IntegerField(
        help_text="How many wait for an event, a condition or somebody's word, so that nothing can be foreseen."
    )
    paused = serializers.IntegerField(help_text="How many tasks are paused.")
    unreadable = serializers.IntegerField(help_text="How many have a schedule that cannot be evaluated.")
    left_out = serializers.IntegerField(help_text="How many were left out, because there are too many.")


class CollisionSerializer(serializers.Serializer[Any]):
    agent = serializers.UUIDField(help_text="The id of the agent whose key it is.")
    concurrency_key = serializers.CharField(help_text="The key that the runs share.")
    limit = serializers.IntegerField(help_text="How many runs may go on under the key.")
    at = serializers.DateTimeField(help_text="When more of them want to go on than may.")
    until = serializers.DateTimeField(
        allow_null=True, help_text="When that ends; null if it had not ended at looked_until."
    )
    tasks = TaskAtSerializer(many=True, help_text="The tasks that collide, each with its instant.")
    tasks_left_out = serializers.IntegerField(help_text="How many more there are than `tasks` lists.")
    would_wait_seconds = serializers.FloatField(
        help_text="Seconds that one of the runs waits for the key at most; the wait for max_running of its agent is not in it."
    )


class PeakSerializer(serializers.Serializer[Any]):
    minute = serializers.DateTimeField(help_text="The start of the minute.")
    fires = serializers.IntegerField(help_text="How many runs are to begin in this minute.")
    tasks = TaskOfSerializer(many=True, help_text="The tasks that these runs are of.")
    tasks_left_out = serializers.IntegerField(help_text="How many more there are than `tasks` lists.")


class ProposalSerializer(serializers.Serializer[Any]):
    task = serializers.UUIDField(help_text="The id of the task to be changed.")
    title = serializers.CharField(help_text="The task's title.")
    jitter_seconds = serializers.IntegerField(help_text="The jitter_seconds to give it.")
    peak_before = serializers.IntegerField(
        help_text="How many runs begin in the highest minute that the task takes part in."
    )
    peak_after = serializers.IntegerField(help_text="The same once every proposal is followed.")


class ConflictsSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "from": serializers.DateTimeField(help_text="The start of the window."),
            "to": serializers.DateTimeField(help_text="The end of the window."),
            "looked_until": serializers.DateTimeField(help_text="Every instant before it was looked at."),
            "truncated": serializers.BooleanField(help_text="Whether that is before `to`: there were too many."),
            "slots": serializers.IntegerField(help_text="How many runs can go on at a time."),
            "tasks": TasksLookedAtSerializer(help_text="How many tasks were looked at, and how many were not."),
            "fires": serializers.IntegerField(help_text="How many runs are to begin in the window."),
            "skipped": serializers.DictField(
                child=serializers.IntegerField(), help_text="How many instants make no run, by the reason."
            ),
            "collisions": CollisionSerializer(
                many=True, help_text="Where runs wait for places under a concurrency key."
            ),
            "collisions_left_out": serializers.IntegerField(
                help_text="How many more there are than `collisions` lists."
            ),
            "peaks": PeakSerializer(many=True, help_text="The minutes in which most runs begin."),
            "spread": ProposalSerializer(
                many=True, help_text="Which tasks to give jitter, so that the peaks are lower."
            ),
            "spread_left_out": serializers.IntegerField(help_text="How many more there are than `spread` lists."),
        }
