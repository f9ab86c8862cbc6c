"""How do an owner's tasks and calendars differ from what a document says?

What a document leaves out is its default. Two things are not: the zone and the anchor of a task that is there already stay.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from tasks_app.conf import conf
from tasks_app.exceptions import InvalidRequest
from tasks_app.models import Agent, Calendar, Task
from tasks_app.services import local_times, timing
from tasks_app.services.porting.leaving import is_left_out, written
from tasks_app.services.porting.matching import Matches
from tasks_app.services.porting.plan import Action, Difference, FieldChange, Plan, changes_between
from tasks_app.services.porting.shape import FIELDS, Document, WantedCalendar, WantedTask
from tasks_app.states import TaskStatus

_KEPT: Final = frozenset({"timezone", "dtstart"})
_OF_CALENDAR: Final = ("description", "definition")
_DEFAULTS: Final[dict[str, Any]] = {
    name: None if name == "calendar" else getattr(Task(), name) for name in FIELDS if name not in _KEPT
}


@dataclass(frozen=True)
class TaskStep:
    """What a document wants of a task, which one it means (None: a new one), and how they differ."""

    wanted: WantedTask
    task: Task | None
    difference: Difference

    @property
    def changes(self) -> dict[str, Any]:
        """The fields to be changed, as services take them."""
        after = {**_DEFAULTS, **self.wanted.fields}
        return {each.field: after[each.field] for each in self.difference.fields if each.field != "status"}


@dataclass(frozen=True)
class CalendarStep:
    wanted: WantedCalendar
    calendar: Calendar | None
    difference: Difference


@dataclass(frozen=True)
class Steps:
    """All that is to be done."""

    owner: Agent
    calendars: Sequence[CalendarStep]
    tasks: Sequence[TaskStep]
    deleted: Sequence[Task] = field(default_factory=tuple)

    @property
    def plan(self) -> Plan:
        gone = (Difference(name=task.title, action=Action.DELETED, id=task.pk) for task in self.deleted)
        tasks = (*(step.difference for step in self.tasks), *gone)
        return Plan(self.owner.pk, tuple(step.difference for step in self.calendars), tasks)


def steps_to(document: Document, *, owner: Agent, prune: bool = False) -> Steps:
    """What is to be done so that the owner's tasks are as the document says; prune: and no others are there.

    The tasks stay locked until the transaction ends. Raises `InvalidRequest`.
    """
    matches = Matches(owner, document.tasks, prune=prune)
    pairs = [(_in_zone(wanted, task), task) for wanted, task in matches.pairs()]
    deleted = matches.unmeant(pairs) if prune else ()
    calendars = calendar_steps(document, owner=owner)
    names = _Names(owner, calendars)
    tasks = [TaskStep(wanted, task, _difference(wanted, task, names)) for wanted, task in pairs]
    return Steps(owner, calendars, tasks, deleted)


def calendar_steps(document: Document, *, owner: Agent) -> list[CalendarStep]:
    names = [each.name for each in document.calendars]
    own = {each.name: each for each in Calendar.objects.filter(created_by=owner, name__in=names).defer("fetched")}
    return [_calendar_step(wanted, own.get(wanted.name)) for wanted in document.calendars]


def new_task(wanted: WantedTask) -> Difference:
    """That of a task that is yet to be made."""
    given = {name: written(value) for name, value in wanted.fields.items() if not is_left_out(name, value)}
    fields = [FieldChange(name, None, given[name]) for name in FIELDS if name in given]
    if wanted.status != TaskStatus.ACTIVE:
        fields.append(FieldChange("status", None, str(wanted.status)))
    return Difference(name=wanted.title, action=Action.CREATED, fields=tuple(fields))


def _calendar_step(wanted: WantedCalendar, calendar: Calendar | None) -> CalendarStep:
    after = {"description": wanted.description, "definition": written(wanted.definition)}
    if calendar is None:
        fields = changes_between({"description": ""}, after, _OF_CALENDAR)
        return CalendarStep(wanted, None, Difference(name=wanted.name, action=Action.CREATED, fields=fields))
    before = {"description": calendar.description, "definition": written(calendar.definition)}
    fields = changes_between(before, after, _OF_CALENDAR)
    action = Action.CHANGED if fields else Action.UNCHANGED
    return CalendarStep(wanted, calendar, Difference(name=wanted.name, action=action, id=calendar.pk, fields=fields))


def _in_zone(wanted: WantedTask, task: Task | None) -> WantedTask:
    zone = task.timezone if task else conf().default_timezone
    fields = local_times.in_zone(wanted.fields, timezone=wanted.fields.get("timezone", zone))
    return replace(wanted, fields=fields)


class _Names:
    """What calendars' names stand for once a document's own calendars are there."""

    def __init__(self, owner: Agent, calendars: Sequence[CalendarStep]) -> None:
        self._owner = owner
        self._meant: dict[str, Calendar | None] = {step.wanted.name: step.calendar for step in calendars}
        self._used: dict[UUID, str] = {}

    def meant(self, name: str) -> Calendar | None:
        """None for a calendar that is yet to be made, or that there is not: then the task that names it is refused."""
        if name not in self._meant:
            with suppress(InvalidRequest):
                self._meant[name] = timing.calendar_called(name, seen_by=self._owner)
        return self._meant.get(name)

    def name_of(self, pk: UUID) -> str:
        if pk not in self._used:
            self._used[pk] = Calendar.objects.values_list("name", flat=True).get(pk=pk)
        return self._used[pk]


def _difference(wanted: WantedTask, task: Task | None, names: _Names) -> Difference:
    meant = wanted.fields.get("calendar")
    calendar = names.meant(meant) if meant is not None else None
    if task is None:
        return new_task(wanted)
    after = {name: written(value) for name, value in {**_DEFAULTS, **wanted.fields}.items()}
    before = {name: _value(task, name, names) for name in FIELDS}
    if task.calendar_id and calendar and calendar.pk == task.calendar_id:
        after["calendar"] = before["calendar"]
    elif before["calendar"] is not None and before["calendar"] == meant:
        before["calendar"] = str(task.calendar_id)  # of the same name, and another
    fields = [*changes_between(before, after, [name for name in FIELDS if name in after])]
    if (status := _status_after(task, wanted, {each.field for each in fields})) != task.status:
        fields.append(FieldChange("status", str(task.status), str(status)))
    action = Action.CHANGED if fields else Action.UNCHANGED
    return Difference(name=wanted.title, action=action, id=task.pk, fields=tuple(fields))


def _value(task: Task, name: str, names: _Names) -> Any:
    if name == "calendar":
        return names.name_of(task.calendar_id) if task.calendar_id else None
    return written(getattr(task, name))


def _status_after(task: Task, wanted: WantedTask, changed: set[str]) -> str:
    """A completed task has done what its document says, until that gives it another schedule."""
    if task.status == TaskStatus.COMPLETED and not timing.FIELDS & changed:
        return task.status
    return wanted.status
