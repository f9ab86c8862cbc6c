"""Which instant a moment is that somebody names for a task."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from schedules.dst import instant_of
from schedules.errors import InvalidSchedule
from schedules.zones import zone
from tasks_app.exceptions import Fault, InvalidRequest

FIELDS: Final = frozenset({"starts_at", "ends_at"})


def instant(moment: datetime, name: str, *, timezone: str) -> datetime:
    """The moment in UTC: without an offset it is local to the zone, and read as the instant of a `once` is.

    Raises `InvalidRequest` on the parameter `name` for one that the calendar does not hold, or without an offset in a zone that
    there is not any more.
    """
    try:
        return moment.astimezone(UTC) if moment.tzinfo else instant_of(moment, zone=zone(timezone))
    except OverflowError as error:
        raise InvalidRequest(Fault(f"/{name}", "Give an instant that the calendar holds.")) from error
    except InvalidSchedule as error:
        raise InvalidRequest(Fault(f"/{name}", f"Give the moment with its offset: {error.message}.")) from error


def of_field(moment: Any, *, name: str, timezone: str) -> Any:
    """That of a field of a task, which may be none. In a zone that there is not it is read as UTC: the fault is the zone's, which is looked at with
    the other fields. Raises `InvalidRequest`.
    """
    if not isinstance(moment, datetime):
        return moment
    try:
        zone(timezone)
    except InvalidSchedule:
        timezone = "UTC"
    return instant(moment, name, timezone=timezone)


def in_zone(fields: Mapping[str, Any], *, timezone: str) -> dict[str, Any]:
    """The fields of a task with those that are instants in UTC, as far as the calendar holds them."""
    read = dict(fields)
    for name in FIELDS & fields.keys():
        with suppress(InvalidRequest):  # which is said where the task is made or changed
            read[name] = of_field(fields[name], name=name, timezone=timezone)
    return read
