"""Documents of tasks, and what is answered to them, as the OpenAPI document describes them. `services.porting.shape` judges them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tasks_app.api.serializers.strict import Choice, Strict, Text
from tasks_app.api.serializers.task import JSONObject, TaskSerializer
from tasks_app.models import Task
from tasks_app.services.porting import shape
from tasks_app.services.porting.plan import Action


class DocumentTaskSerializer(TaskSerializer):
    """A task as somebody wrote it. What is left out is its default."""

    id = serializers.UUIDField(required=False, help_text="Of the task that is meant, where its title does not say so.")
    status = Choice(choices=[(each.value, each.value) for each in shape.STATUSES], required=False)

    class Meta:
        model = Task
        fields = ("id", "status", *shape.FIELDS)


class DocumentCalendarSerializer(Strict):
    name = Text(max_length=100)
    description = Text(required=False, max_length=2000)
    definition = JSONObject(help_text="Which dates: see docs/calendars.md.")


class DocumentSerializer(Strict):
    ordinaut = serializers.IntegerField(
        min_value=shape.VERSION, max_value=shape.VERSION, help_text="The version of the document's format."
    )
    calendars = DocumentCalendarSerializer(many=True, required=False, max_length=shape.MOST_CALENDARS)  # type: ignore[call-arg]  # of the list
    tasks = DocumentTaskSerializer(many=True, max_length=shape.MOST_TASKS)  # type: ignore[call-arg]  # of the list


class PortingQuery(Strict):
    """The words of the query beside a document."""

    created_by = serializers.UUIDField(required=False, help_text="Whose tasks; only an admin may name another.")


class PlanQuery(PortingQuery):
    prune = serializers.BooleanField(
        default=False, help_text="Delete the active and paused tasks that the document does not name."
    )


class ApplyQuery(PlanQuery):
    fingerprint = Text(
        required=False, max_length=64, help_text="Of the plan that was shown: 409 if another one would be carried out."
    )


@extend_schema_field({})
class Anything(serializers.JSONField):
    """Any value of JSON."""


class FieldChangeSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    before = Anything(allow_null=True)
    after = Anything(allow_null=True)


class _DifferenceSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(allow_null=True, help_text="Null for what a plan would create.")
    action = serializers.ChoiceField(choices=[(each.value, each.value) for each in Action])


class TaskDifferenceSerializer(_DifferenceSerializer):
    title = serializers.CharField()
    fields = FieldChangeSerializer(many=True)  # type: ignore[assignment]


class CalendarDifferenceSerializer(_DifferenceSerializer):
    name = serializers.CharField()
    fields = FieldChangeSerializer(many=True)  # type: ignore[assignment]


class CountsSerializer(serializers.Serializer[Any]):
    """How many tasks."""

    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    deleted = serializers.IntegerField()


class PlanSerializer(serializers.Serializer[Any]):
    fingerprint = serializers.CharField(help_text="Give it to `apply`, so that what was shown is what is done.")
    counts = CountsSerializer()
    calendars = CalendarDifferenceSerializer(many=True)
    tasks = TaskDifferenceSerializer(many=True)
