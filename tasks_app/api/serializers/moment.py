"""Instants in requests: what one without an offset stands for."""

from datetime import UTC, date, datetime
from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

UNREADABLE: Final = "Give a moment in ISO 8601, such as 2026-03-29T02:30:00Z; in a query, write + as %2B."
WITHOUT_OFFSET: Final = "Give the moment with its offset, such as 2026-03-29T02:30:00Z; in a query, write + as %2B."

BEYOND: Final = "Give an instant that the calendar holds."


class Moment(serializers.DateTimeField):
    """An ISO 8601 moment. local: one without an offset stays without, as the time of a task's zone; else it is refused."""

    def __init__(self, *, local: bool, **options: Any) -> None:
        super().__init__(**options)
        self._local = local

    def to_internal_value(self, data: Any) -> datetime:
        text = data if isinstance(data, str) else ""
        moment = read_moment(text)
        if moment is None:
            raise ValidationError(UNREADABLE)
        if self._local and moment.tzinfo is None:
            return moment
        if moment.tzinfo is None and not is_day(text):
            raise ValidationError(WITHOUT_OFFSET)
        try:
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except OverflowError as error:
            raise ValidationError(BEYOND) from error


def read_moment(text: str) -> datetime | None:
    """None for what is none. The + of an offset that arrived as a blank, as it does unescaped in a query, is read as +."""
    return _read(text) or _read("+".join(text.rsplit(" ", 1)))


def is_day(text: str) -> bool:
    """Whether it names a day and no time of it: outside of a task that is the day's beginning in UTC."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
