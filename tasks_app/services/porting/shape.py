"""What does a document say? Its form alone is judged here: which fields there are, and of which type; rules are the services'.

{"ordinaut": 1, "calendars": [{"name": ..., "definition": {...}}], "tasks": [{"title": ..., "schedule_kind": ..., ...}]}
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db import models

from pipelines.values import pointer_part
from tasks_app.exceptions import Fault, InvalidRequest, told_of
from tasks_app.models import Task
from tasks_app.services import tasks
from tasks_app.states import TaskStatus

VERSION: Final = 1
MOST_TASKS: Final = 1000
MOST_CALENDARS: Final = 100
NEEDED: Final = ("title", "schedule_kind", "payload")
STATUSES: Final = (TaskStatus.ACTIVE, TaskStatus.PAUSED)
_COLUMNS: Final = {column.name: column for column in Task._meta.concrete_fields}  # noqa: SLF001 - public by Django's documentation
FIELDS: Final = tuple(name for name in _COLUMNS if name in tasks.WRITABLE)
OF_A_TASK: Final = frozenset({"id", "status", *FIELDS})
OF_A_CALENDAR: Final = frozenset({"name", "description", "definition"})


@dataclass(frozen=True, kw_only=True)
class WantedTask:
    """A task as a document wants it: the fields that it gives; `place` is its JSON pointer, `id` that of the one it means."""

    place: str
    title: str
    status: TaskStatus = TaskStatus.ACTIVE
    id: UUID | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WantedCalendar:
    place: str
    name: str
    definition: Mapping[str, Any]
    description: str = ""


@dataclass(frozen=True)
class Document:
    calendars: tuple[WantedCalendar, ...]
    tasks: tuple[WantedTask, ...]


class _Unfit(Exception):
    """A value is of another type than its field; the text is the cure."""


def document_in(value: Any, *, bounded: bool = True) -> Document:
    """Raises `InvalidRequest` with a JSON pointer for each fault. bounded: no more than is taken at once."""
    if not isinstance(value, dict):
        raise InvalidRequest(Fault("", 'Give an object: {"ordinaut": 1, "tasks": [...]}.'))
    found = [*_strangers(value, {"ordinaut", "calendars", "tasks"}, "")]
    version = value.get("ordinaut")
    if type(version) is not int or version != VERSION:
        found.append(Fault("/ordinaut", f"It says the version of the document's format: give {VERSION}."))
    calendars, tasks_given = _list_in(value, "calendars", found), _list_in(value, "tasks", found)
    if "tasks" not in value:
        found.append(Fault("/tasks", "Give a list of tasks, which may be empty."))
    for name, given, most in (("calendars", calendars, MOST_CALENDARS), ("tasks", tasks_given, MOST_TASKS)):
        if bounded and len(given) > most:
            raise InvalidRequest(Fault(f"/{name}", f"There are {len(given)}: give at most {most} at once."))
    document = Document(
        tuple(each for n, given in enumerate(calendars) if (each := _calendar(given, f"/calendars/{n}", found))),
        tuple(task for n, given in enumerate(tasks_given) if (task := _task(given, f"/tasks/{n}", found))),
    )
    found += _named_twice(document.calendars)
    if found:
        raise InvalidRequest(*told_of(found))
    return document


def _list_in(value: Mapping[str, Any], name: str, found: list[Fault]) -> list[Any]:
    given = value.get(name, [])
    if isinstance(given, list):
        return given
    found.append(Fault(f"/{name}", "Give a list."))
    return []


def _strangers(value: Mapping[str, Any], known: set[str] | frozenset[str], place: str) -> list[Fault]:
    message = f"There is no such field: use {', '.join(sorted(known))}."
    return told_of(Fault(f"{place}/{pointer_part(key)}", message) for key in value if key not in known)


def _named_twice(calendars: tuple[WantedCalendar, ...]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for each in calendars:
        if (before := first.setdefault(each.name, each.place)) != each.place:
            yield Fault(f"{each.place}/name", f"{before} has this name already: give each calendar its own.")


def _calendar(value: Any, place: str, found: list[Fault]) -> WantedCalendar | None:
    """The calendar, or None beside faults."""
    given = _read(value, place, OF_A_CALENDAR, ("name", "definition"), _OF_CALENDAR_FIELDS, found)
    return None if given is None else WantedCalendar(place=place, **given)


def _task(value: Any, place: str, found: list[Fault]) -> WantedTask | None:
    """The task, or None beside faults."""
    given = _read(value, place, OF_A_TASK, NEEDED, _OF_TASK_FIELDS, found)
    if given is None:
        return None
    own = {name: given.pop(name) for name in ("id", "status") if name in given}
    return WantedTask(place=place, title=given["title"], fields=given, **own)


def _read(  # noqa: PLR0913, PLR0917 - what is told of each of both kinds of entries
    value: Any,
    place: str,
    known: frozenset[str],
    needed: tuple[str, ...],
    readers: Mapping[str, Callable[[Any], Any]],
    found: list[Fault],
) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        found.append(Fault(place, "Give an object."))
        return None
    before = len(found)
    found += _strangers(value, known, place)
    found += (Fault(f"{place}/{name}", "It is missing: give it.") for name in needed if name not in value)
    made = {}
    for name, given in value.items():
        if name in known:
            try:
                made[name] = readers[name](given)
            except _Unfit as unfit:
                found.append(Fault(f"{place}/{name}", str(unfit)))
    return made if len(found) == before else None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Unfit("Give a text; in YAML, in quotes where it would be read as something else.")
    return value


def _whole_number(value: Any) -> int:
    if type(value) is not int:
        raise _Unfit("Give a whole number.")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Unfit("Give an object.")
    return value


def _instant(value: Any) -> datetime:
    """Without an offset it stays without: the task's zone gives it one."""
    try:
        moment = datetime.fromisoformat(_text(value))
        return moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        raise _Unfit("Give an instant such as 2026-01-31T09:00:00Z.") from None


def _local_instant(value: Any) -> str:
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        raise _Unfit("Give a local date and time such as 2026-01-31T09:00:00.") from None
    if moment.tzinfo is not None:
        raise _Unfit("Give a local date and time without an offset; `timezone` says where it is local.")
    return moment.isoformat()


def _uuid(value: Any) -> UUID:
    try:
        return UUID(_text(value))
    except ValueError:
        raise _Unfit("Give the id of a task, or leave it out.") from None


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices:
            raise _Unfit(f"Use one of {', '.join(choices)}.")
        return str(value)

    return read


def _or_null(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else reader(value)


def _status(value: Any) -> TaskStatus:
    return TaskStatus(_one_of(STATUSES)(value))


def _reader_of(name: str) -> Callable[[Any], Any]:
    """By the column that keeps the field."""
    column = _COLUMNS[name]
    if name in _SPECIAL:
        reader = _SPECIAL[name]
    elif column.choices:
        reader = _one_of(tuple(str(value) for value, _ in column.choices))
    elif isinstance(column, models.DateTimeField):
        reader = _instant
    elif isinstance(column, models.IntegerField):
        reader = _whole_number
    elif isinstance(column, models.JSONField):
        reader = _object
    else:
        reader = _text
    return _or_null(reader) if column.null else reader


_SPECIAL: Final[Mapping[str, Callable[[Any], Any]]] = {
    "dtstart": _local_instant,
    "calendar": _text,
    "quiet_hours": lambda value: value,
}
_OF_TASK_FIELDS: Final = {"id": _uuid, "status": _status} | {name: _reader_of(name) for name in FIELDS}
_OF_CALENDAR_FIELDS: Final = {"name": _text, "description": _text, "definition": _object}
