"""What does a document say of an owner's tasks?

All that somebody wrote and that is not its default, nothing that the server gives. The same tasks make the same document, in
whatever order they were made: entries are in the order of their names, fields in that of their columns, keys inside of them in
that of their letters.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from math import inf
from typing import Any, Final

from django.db.models import Sum, TextField
from django.db.models.functions import Cast, Length

from schedules.calendars import references
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Agent, Calendar, Task
from tasks_app.models.calendar import CalendarQuerySet
from tasks_app.models.task import TaskQuerySet
from tasks_app.services.kept import as_kept, same
from tasks_app.services.porting.forms import Form
from tasks_app.services.porting.reading import MOST_BYTES
from tasks_app.services.porting.shape import FIELDS, MOST_TASKS, NEEDED, STATUSES, VERSION
from tasks_app.services.porting.writing import write
from tasks_app.states import TaskStatus

# A deployment's own zone and the day of its making are no defaults that hold elsewhere.
_ALWAYS: Final = frozenset({*NEEDED, "timezone", "dtstart"})
_BLANK: Final = Task()
_MOST_READ: Final = (
    2 * MOST_BYTES
)  # of payloads, and of calendars: what is shorter may become a document that is short enough
_CURE: Final = "narrow it by the list's filters, such as title, or ask an operator for `manage.py export`"


def exported(owner: Agent, tasks: TaskQuerySet, *, form: Form, with_ids: bool = False, bounded: bool = True) -> str:
    """The text of the document of those of `tasks` that are the owner's, active or paused, and of what calendars of its own they need.

    with_ids: each task says its id, by which `apply` finds it under another title. bounded: raise `InvalidRequest` for more than
    may be imported at once.
    """
    chosen = tasks.filter(created_by=owner, status__in=STATUSES)
    if bounded:
        _refuse_many(chosen)
    text = write(_document(chosen, _Calendars(owner, bounded=bounded), with_ids=with_ids), form=form)
    if bounded and len(text.encode()) > MOST_BYTES:
        raise _too_large()
    return text


def _document(tasks: TaskQuerySet, calendars: "_Calendars", *, with_ids: bool) -> dict[str, Any]:
    entries = [_task(task, calendars, with_ids=with_ids) for task in tasks.only("status", *FIELDS)]
    entries.sort(key=lambda entry: (entry["title"], json.dumps(entry, sort_keys=True)))
    needed = [_calendar(each) for each in calendars.own_needed()]
    return {"ordinaut": VERSION} | ({"calendars": needed} if needed else {}) | {"tasks": entries}


def _refuse_many(tasks: TaskQuerySet) -> None:
    if tasks[: MOST_TASKS + 1].count() > MOST_TASKS:
        raise InvalidRequest(Fault("", f"There are more than {MOST_TASKS} tasks: {_CURE}."))
    # Before they are read: their texts may be a thousand times as large as what is answered.
    length = Sum(Length(Cast("payload", TextField())))
    if (tasks.aggregate(length=length)["length"] or 0) > _MOST_READ:
        raise _too_large()


def _too_large() -> InvalidRequest:
    return InvalidRequest(Fault("", f"The document would be over {MOST_BYTES} bytes: {_CURE}."))


def is_left_out(name: str, value: Any) -> bool:
    """Whether a document says nothing of a field that has this value."""
    return name not in _ALWAYS and same(value, getattr(_BLANK, "calendar_id" if name == "calendar" else name))


def written(value: Any) -> Any:
    """A field's value as JSON, as the database gives it back, its keys in order."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return in_order(as_kept(value))


def in_order(value: Any) -> Any:
    """The same JSON, with the keys of each object in the order of their letters."""
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value)}
    return [in_order(inner) for inner in value] if isinstance(value, list) else value


class _Calendars:
    """What calendars are called in a document, and which of the owner's own must be in it."""

    def __init__(self, owner: Agent, *, bounded: bool) -> None:
        self._owner = owner
        self._bytes_left = _MOST_READ if bounded else inf
        self._seen: CalendarQuerySet = Calendar.objects.defer("fetched")
        self._names: dict[Any, str] = {}
        self._own: dict[str, Calendar] = {}

    def name_of(self, task: Task) -> str | None:
        """The name, or the id where the name means another calendar to the owner."""
        if task.calendar_id is None:
            return None
        if task.calendar_id not in self._names:
            self._names[task.calendar_id] = self._named(self._seen.get(pk=task.calendar_id))
        return self._names[task.calendar_id]

    def own_needed(self) -> list[Calendar]:
        return [self._own[name] for name in sorted(self._own)]

    def _named(self, calendar: Calendar) -> str:
        meant = self._seen.called(calendar.name, by=self._owner)
        if meant is None or meant.pk != calendar.pk:
            return str(calendar.pk)
        self._need(meant)
        return calendar.name

    def _need(self, calendar: Calendar | None) -> None:
        """One of the owner's own goes along, with those of its own that it is made of. Others' are the platform's."""
        if calendar is None or calendar.created_by_id != self._owner.pk or calendar.name in self._own:
            return
        self._own[calendar.name] = calendar
        self._bytes_left -= len(json.dumps(calendar.definition))
        if self._bytes_left < 0:
            raise _too_large()
        for name in references(calendar.definition):
            self._need(self._seen.called(name, by=self._owner))


def _task(task: Task, calendars: _Calendars, *, with_ids: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": str(task.pk)} if with_ids else {}
    entry |= _fields(task, calendars)
    if task.status == TaskStatus.PAUSED:
        entry["status"] = str(task.status)
    return entry


def _fields(task: Task, calendars: _Calendars) -> Iterator[tuple[str, Any]]:
    for name in FIELDS:
        value = calendars.name_of(task) if name == "calendar" else getattr(task, name)
        if not is_left_out(name, value):
            yield name, written(value)


def _calendar(calendar: Calendar) -> dict[str, Any]:
    described = {"description": calendar.description} if calendar.description else {}
    return {"name": calendar.name, **described, "definition": in_order(calendar.definition)}
