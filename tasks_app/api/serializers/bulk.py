"""Many tasks in one request."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tasks_app.api import legacy
from tasks_app.api.errors import escaped, flattened
from tasks_app.api.serializers.strict import Choice, Identity, Several, Strict
from tasks_app.api.serializers.task import JSONObject, TaskSerializer, read_new_task
from tasks_app.exceptions import Fault, InvalidRequest, told_of
from tasks_app.services import many_moves, many_new_tasks
from tasks_app.states import TaskMode


@extend_schema_serializer(many=False)
class NewTasksSerializer(serializers.Serializer[Any]):
    # For the OpenAPI document alone: what is sent is read by `read_tasks`.
    tasks = TaskSerializer(  # type: ignore[call-arg]
        many=True, min_length=1, max_length=many_new_tasks.MOST, help_text="The tasks to be made: all of them, or none."
    )


@extend_schema_serializer(many=False)
class MadeTasksSerializer(serializers.Serializer[Any]):
    items = TaskSerializer(many=True, help_text="The tasks, in the order in which they were sent.")


class Ids(Several):
    def __init__(self, **options: Any) -> None:
        super().__init__(child=Identity(), min_length=1, max_length=many_moves.MOST, **options)

    def to_internal_value(self, data: Any) -> list[UUID]:
        found: list[UUID] = super().to_internal_value(data)
        first: dict[UUID, int] = {}
        for number, each in enumerate(found):
            if first.setdefault(each, number) != number:
                raise ValidationError({str(number): ["Name each task once."]})
        return found


class IdsSerializer(Strict):
    ids = Ids(help_text="The ids of the tasks, each once.")


_MODE: Final = "Live or simulated, for these runs only. Default: each task's mode."


class RunManySerializer(IdsSerializer):
    params = JSONObject(required=False, help_text="Values laid over each task's own params, for these runs only.")
    mode = Choice(choices=TaskMode.choices, required=False, help_text=_MODE)


class MovedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="The task's id.")
    outcome = serializers.ChoiceField(
        choices=many_moves.Outcome.choices,
        help_text=(
            "Whether it was moved (moved), was so before (already), is in no state to be (illegal), or is not there (not_found)."
        ),
    )
    detail = serializers.CharField(help_text="Why it was not moved, and the cure; empty if it was.")
    run_id = serializers.UUIDField(
        source="run", allow_null=True, help_text="The run that run_now has made; null otherwise."
    )


@extend_schema_serializer(many=False)
class MovedManySerializer(serializers.Serializer[Any]):
    items = MovedSerializer(many=True, help_text="What became of each task, in the order in which they were named.")
    moved = serializers.IntegerField(help_text="How many of them were moved.")


_PLACE: Final = "tasks"


def read_tasks(body: Any) -> tuple[list[Any], list[dict[str, Any]]]:
    """The tasks as they were sent, and the fields of each. Raises `ValidationError`, and `InvalidRequest` with the faults of all."""
    if not isinstance(body, Mapping):
        raise ValidationError({"non_field_errors": ["Send a JSON object."]})
    if beside := [Fault(f"/{escaped(name)}", "There is no such field: use tasks.") for name in body if name != _PLACE]:
        raise InvalidRequest(*told_of(beside))
    sent = body.get(_PLACE)
    if not isinstance(sent, list) or not 1 <= len(sent) <= many_new_tasks.MOST:
        raise ValidationError({_PLACE: [f"Give a list of 1 to {many_new_tasks.MOST} tasks."]})
    read: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for number, each in enumerate(sent):
        try:
            read.append(read_new_task(legacy.modern_task(each)))
        except ValidationError as invalid:
            faults = told_of([*faults, *flattened(invalid.detail, f"/{_PLACE}/{number}")])
    if faults:
        raise InvalidRequest(*faults)
    return sent, read
