"""Serializers that take nothing they do not know: no unknown key, no read-only key, no value of another type."""

import copy
from collections.abc import Mapping
from typing import Any, Final, cast
from uuid import UUID

from django.db import models
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from tasks_app.api.errors import with_more
from tasks_app.exceptions import MOST_FAULTS

MOST_ITEMS: Final = 1000


class Text(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise ValidationError("Give a text.")
        return super().to_internal_value(data)


class WholeNumber(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            raise ValidationError("Give a whole number.")
        return super().to_internal_value(data)


class Identity(serializers.UUIDField):
    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):  # the framework takes a number for one, too
            raise ValidationError("Give an id, as it was answered.")
        return super().to_internal_value(data)


class YesOrNo(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise ValidationError("Give true or false.")
        return data


class Choice(serializers.ChoiceField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            given = f"{data[:100]!r}" if isinstance(data, str) else "This"
            raise ValidationError(f"{given} is not available: use one of {', '.join(map(str, self.choices))}.")
        return data


class Several(serializers.ListField):
    """A list. How many there are is looked at before any of them: each that is wrong takes longer to refuse than to send."""

    def __init__(self, *, max_length: int = MOST_ITEMS, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def run_child_validation(self, data: Any) -> Any:
        assert self.max_length is not None
        if len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().run_child_validation(data)


class Strict(serializers.Serializer[Any]):
    default_error_messages = {"invalid": "Send a JSON object."}

    def to_internal_value(self, data: Any) -> Any:
        faults = self._uninvited(data) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**cast("dict[str, Any]", error.detail), **faults}) from error
        if faults:
            raise ValidationError(faults)
        return value

    def _uninvited(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail | str]]:
        """The first hundred, of which the last counts the others: there may be as many as fit into a body."""
        writable = {name for name, field in self.fields.items() if not field.read_only}
        uninvited = [key for key in data if key not in writable]
        cure = f"There is no such field: use {', '.join(sorted(writable))}." if writable else "Send no fields."
        told = {key: [self._cure(key, cure)] for key in uninvited[:MOST_FAULTS]}
        if more := len(uninvited) - len(told):
            last = uninvited[MOST_FAULTS - 1]
            told[last] = [with_more(self._cure(last, cure), more)]
        return told

    def _cure(self, key: str, cure: str) -> str:
        return "This is given by the server: leave it out." if key in self.fields else cure


class StrictModel(Strict, serializers.ModelSerializer[Any]):
    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.CharField: Text,
        models.TextField: Text,
        models.BooleanField: YesOrNo,
        models.PositiveSmallIntegerField: WholeNumber,
        models.PositiveIntegerField: WholeNumber,
        models.PositiveBigIntegerField: WholeNumber,
    }
    serializer_choice_field = Choice

    def get_fields(self) -> dict[str, Any]:
        """Worked out from the model once; each serializer has copies of its own, as of fields that are declared."""
        kind = type(self)
        if kind not in _WORKED_OUT:
            _WORKED_OUT[kind] = super().get_fields()
        return copy.deepcopy(_WORKED_OUT[kind])


_WORKED_OUT: Final[dict[type[StrictModel], dict[str, Any]]] = {}
