"""What can be asked about calendars: make, change and delete them."""

from collections.abc import Mapping
from copy import copy
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from schedules.calendars import InvalidCalendar
from tasks_app.calendars import family, fetching
from tasks_app.exceptions import Fault, IllegalMove, InvalidRequest
from tasks_app.models import Agent, Calendar, Task
from tasks_app.models.clock import database_now
from tasks_app.services import audit, calendar_files, faults, task_bounds
from tasks_app.services.actor import Actor
from tasks_app.services.calendar_files import Files
from tasks_app.services.guard import Guard, unguarded

WRITABLE: Final = frozenset({"name", "description", "definition", "shared"})


def create_calendar(owner: Agent, *, actor: Actor, files: Files | None = None, **fields: Any) -> Calendar:
    """Make a calendar of `owner`'s; the files that it names are fetched first, unless `files` are what they answered.

    `fields` are those of `WRITABLE`. Raises `InvalidRequest` with a JSON pointer for each fault, and `LimitReached`.
    """
    calendar = Calendar(created_by=owner, **fields)
    _give_files(calendar, files)
    _check(calendar)
    with transaction.atomic():
        family.lock()
        task_bounds.refuse_too_many_calendars(owner)
        _save(calendar, before=None)
        audit.note("calendar.created", calendar, actor=actor, name=calendar.name)
    return calendar


def update_calendar(
    calendar: Calendar,
    *,
    actor: Actor,
    changes: Mapping[str, Any],
    guard: Guard = unguarded,
    files: Files | None = None,
) -> Calendar:
    """Change the fields named in `changes`; the tasks that hang on its dates are planned anew soon after.

    files: what the addresses answered that its definition did not name before, unless they are to be fetched. Raises
    `InvalidRequest` for a fault, `IllegalMove` when another calendar would lose what it refers to, and what the guard raises:
    before the files are fetched, and again before anything is written.
    """
    proposed = _present(calendar)
    guard(proposed)
    changed = {name: value for name, value in changes.items() if getattr(proposed, name) != value}
    if not changed:
        return proposed
    _apply(proposed, changed)
    if "definition" in changed:
        _give_files(proposed, files)
    _check(proposed)
    with transaction.atomic():
        family.lock()
        present = _present(calendar)
        guard(present)
        before = copy(present)
        _apply(present, changed)
        if "definition" in changed:
            present.fetched, present.fetched_at = proposed.fetched, proposed.fetched_at
        _save(present, before=before, moves=changed.keys() != {"description"})
        audit.note("calendar.updated", present, actor=actor, changed=sorted(changed))
    return present


def delete_calendar(calendar: Calendar, *, actor: Actor, guard: Guard = unguarded) -> None:
    """Delete a calendar for good. Raises `IllegalMove` while a task or another calendar uses it, and what the guard raises."""
    with transaction.atomic():
        family.lock()
        # Somebody who is giving it to a task holds its row.
        Calendar.objects.select_for_update().filter(pk=calendar.pk).first()
        present = _present(calendar)
        guard(present)
        using = Task.objects.present().filter(calendar=present)
        if count := using.count():
            raise IllegalMove(f"{_tasks(count)} the calendar: {using[0].title!r}. Give them another one first.")
        if others := family.users_of(present):
            raise IllegalMove(f"The calendar {others[0].name!r} refers to this one: change it first.")
        Task.objects.filter(calendar=present).update(calendar=None)  # deleted ones, which wait to be pruned
        audit.note("calendar.deleted", present, actor=actor, name=present.name)
        present.delete()


def _apply(calendar: Calendar, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(calendar, name, value)


def _present(calendar: Calendar) -> Calendar:
    found = Calendar.objects.select_related("created_by").filter(pk=calendar.pk).first()
    if found is None:
        raise IllegalMove("The calendar was deleted meanwhile: create a new one.")
    return found


def _give_files(calendar: Calendar, files: Files | None) -> None:
    wanted = calendar_files.missing(calendar)
    calendar_files.give(calendar, fetching.fetch_all(wanted) if files is None else files)


def _check(calendar: Calendar) -> None:
    """Every rule that needs no lock."""
    try:
        calendar.full_clean(exclude=["created_by", "definition", "fetched"], validate_constraints=False)
    except ValidationError as error:
        raise InvalidRequest(*faults.of_model(error)) from error
    if _is_id(calendar.name):
        raise InvalidRequest(Fault("/name", "A name must not look like an id: choose another."))
    try:
        family.read(calendar)
    except InvalidCalendar as error:
        raise InvalidRequest(calendar_files.fault_in(error)) from error


def _save(calendar: Calendar, *, before: Calendar | None, moves: bool = True) -> None:
    """Write it, under the lock, and what it means for the calendars that mean it now, or meant it as it was `before`.

    before: None for a new one. moves: whether anything changes that others go by.
    """
    namesakes = Calendar.objects.filter(created_by=calendar.created_by, name=calendar.name)
    if namesakes.exclude(pk=calendar.pk).exists():
        raise InvalidRequest(Fault("/name", f"There is a calendar {calendar.name!r} already: choose another name."))
    states = [calendar] if before is None else [before, calendar]
    family.lock_rows(each.pk for each in (calendar, *(family.possible_dependents(*states) if moves else ())))
    former = family.users_of(before) if before and moves else []
    calendar.updated_at = database_now()
    if before is None:
        calendar.created_at = calendar.updated_at
    elif moves:
        calendar.version += 1
    calendar.save(force_insert=before is None)
    others = family.dependents(calendar, former=former) if moves else []
    family.check(calendar, others)
    family.raise_versions(others)


def _tasks(count: int) -> str:
    return "1 task uses" if count == 1 else f"{count} tasks use, among others,"


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True
