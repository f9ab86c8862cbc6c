"""Documents of tasks, and what is answered to them, as the OpenAPI document describes them. `services.porting.shape` judges them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tasks_app.api.serializers import task_texts
from tasks_app.api.serializers.strict import Choice, Strict, Text
from tasks_app.api.serializers.task import JSONObject, TaskSerializer
from tasks_app.models import Task
from tasks_app.services.porting import shape
from tasks_app.services.porting.plan import Action


class DocumentTaskSerializer(TaskSerializer):
    """A task as somebody wrote it. What is left out is its default."""

    id = serializers.UUIDField(
        required=False, help_text="The id of the task that is meant, where its title does not say so."
    )
    status = Choice(
        choices=[(each.value, each.value) for each in shape.STATUSES],
        required=False,
        help_text="Whether its schedule makes runs. Default: active.",
    )

    class Meta:
        model = Task
        fields = ("id", "status", *shape.FIELDS)
        extra_kwargs = task_texts.TASK


class DocumentCalendarSerializer(Strict):
    name = Text(max_length=100, help_text="What tasks call the calendar.")
    description = Text(required=False, max_length=2000, help_text="Notes for people. Default: empty.")
    definition = JSONObject(help_text="Which dates the calendar holds: see docs/calendars.md.")


class DocumentSerializer(Strict):
    ordinaut = serializers.IntegerField(
        min_value=shape.VERSION, max_value=shape.VERSION, help_text="The version of the document's format."
    )
    calendars = DocumentCalendarSerializer(  # type: ignore[call-arg]  # of the list
        many=True, required=False, max_length=shape.MOST_CALENDARS, help_text="The calendars that the tasks name."
    )
    tasks = DocumentTaskSerializer(  # type: ignore[call-arg]  # of the list
        many=True, max_length=shape.MOST_TASKS, help_text="The tasks, each with a title of its own."
    )


class PortingQuery(Strict):
    """The words of the query beside a document."""

    created_by = serializers.UUIDField(
        required=False,
        help_text="The id of the agent whose tasks are meant. Default: the caller; only an admin may name another.",
    )


class PlanQuery(PortingQuery):
    prune = serializers.BooleanField(
        default=False, help_text="Delete the active and paused tasks that the document does not name."
    )


class ApplyQuery(PlanQuery):
    fingerprint = Text(
        required=False,
        max_length=64,
        help_text="The fingerprint of the plan that was shown: 409 if another one would be carried out.",
    )


@extend_schema_field({})
class Anything(serializers.JSONField):
    """Any value of JSON."""


class FieldChangeSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="The name of the field.")
    before = Anything(allow_null=True, help_text="Its value as it is; null where there is none.")
    after = Anything(allow_null=True, help_text="Its value as the document has it; null where there is none.")


class _DifferenceSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(allow_null=True, help_text="Its id; null for what a plan would create.")
    action = serializers.ChoiceField(
        choices=[(each.value, each.value) for each in Action], help_text="What is done with it."
    )


class TaskDifferenceSerializer(_DifferenceSerializer):
    title = serializers.CharField(help_text="The task's title.")
    fields = FieldChangeSerializer(many=True, help_text="The fields that change.")  # type: ignore[assignment]


class CalendarDifferenceSerializer(_DifferenceSerializer):
    name = serializers.CharField(help_text="The calendar's name.")
    fields = FieldChangeSerializer(many=True, help_text="The fields that change.")  # type: ignore[assignment]


class CountsSerializer(serializers.Serializer[Any]):
    """How many tasks."""

    created = serializers.IntegerField(help_text="How many tasks are made.")
    changed = serializers.IntegerField(help_text="How many tasks are changed.")
    unchanged = serializers.IntegerField(help_text="How many tasks stay as they are.")
    deleted = serializers.IntegerField(help_text="How many tasks are deleted.")


class PlanSerializer(serializers.Serializer[Any]):
    fingerprint = serializers.CharField(help_text="Give it to `apply`, so that what was shown is what is done.")
    counts = CountsSerializer(help_text="How many tasks are created, changed, left alone and deleted.")
    calendars = CalendarDifferenceSerializer(many=True, help_text="What becomes of each calendar.")
    tasks = TaskDifferenceSerializer(many=True, help_text="What becomes of each task.")
