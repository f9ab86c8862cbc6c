"""How the runs of a task went, and of which time that is asked."""

from typing import Any

from rest_framework import serializers

from tasks_app.api.serializers.moment import Moment
from tasks_app.api.serializers.strict import Strict
from tasks_app.services import preview, task_stats
from tasks_app.services.task_stats import Stats
from tasks_app.states import RunState


class StatsWindowSerializer(Strict):
    days = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=task_stats.MOST_DAYS,
        help_text=f"How many days back, from now. Default: {task_stats.USUAL_DAYS}, where after is left out, too.",
    )
    after = Moment(
        local=True,
        required=False,
        help_text="Only runs made from this moment on; without an offset it is local to the task's zone.",
    )
    before = Moment(
        local=True,
        required=False,
        help_text="Only runs made before this moment; without an offset it is local to the task's zone. Default: now.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("after", "before"):
            if name in attrs:
                preview.checked(attrs[name], name)
        return attrs


class RunsByStatusSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {
            state.value: serializers.IntegerField(help_text=f"How many runs are in the state {state.value}.")
            for state in RunState
        }


class DurationSerializer(serializers.Serializer[Any]):
    p50 = serializers.FloatField(
        allow_null=True, help_text="Seconds that half of the runs took at most; null without any."
    )
    p95 = serializers.FloatField(
        allow_null=True, help_text="Seconds that 95 % of the runs took at most; null without any."
    )


class TaskStatsSerializer(serializers.Serializer[Stats]):
    after = serializers.DateTimeField(help_text="The start of the window: runs made from this moment on.")
    before = serializers.DateTimeField(help_text="The end of the window: runs made before this moment.")
    runs = serializers.IntegerField(help_text="How many live runs were made; simulated ones are counted apart.")
    by_status = RunsByStatusSerializer(help_text="How many of them are in each state.")
    simulated = serializers.IntegerField(help_text="How many simulated runs were made.")
    success_rate = serializers.FloatField(
        allow_null=True,
        help_text="The share, 0 to 1, of successes among the runs that succeeded, failed, timed out or are dead; null without any.",
    )
    duration_seconds = DurationSerializer(
        source="*",
        help_text="How long runs that succeeded, failed or timed out took, from their first beginning to their end.",
    )
    truncated = serializers.BooleanField(help_text="Whether only the newest of the window's runs were looked at.")
