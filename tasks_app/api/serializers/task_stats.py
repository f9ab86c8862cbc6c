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
        help_text=f"The last so many days; {task_stats.USUAL_DAYS} if nothing is given.",
    )
    after = Moment(local=True, required=False, help_text="Runs made from this moment on.")
    before = Moment(local=True, required=False, help_text="Runs made before this moment; left out, until now.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("after", "before"):
            if name in attrs:
                preview.checked(attrs[name], name)
        return attrs


class RunsByStatusSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {state.value: serializers.IntegerField() for state in RunState}


class DurationSerializer(serializers.Serializer[Any]):
    p50 = serializers.FloatField(allow_null=True)
    p95 = serializers.FloatField(allow_null=True)


class TaskStatsSerializer(serializers.Serializer[Stats]):
    after = serializers.DateTimeField()
    before = serializers.DateTimeField()
    runs = serializers.IntegerField(help_text="Live ones; simulated runs count as nothing else.")
    by_status = RunsByStatusSerializer()
    simulated = serializers.IntegerField()
    success_rate = serializers.FloatField(
        allow_null=True, help_text="Of the runs that succeeded, failed, timed out or are dead; null without any."
    )
    duration_seconds = DurationSerializer(
        source="*", help_text="From the first beginning to the end of runs that succeeded, failed or timed out."
    )
    truncated = serializers.BooleanField(help_text="Whether only the newest of the window's runs were looked at.")
