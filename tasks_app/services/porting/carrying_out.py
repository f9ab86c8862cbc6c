"""What can be asked with a document: import it, plan what applying it would do, apply it. All of it is done, or nothing.

A plan is made by doing all of it and taking that back: so it finds every fault that applying would find, and no other.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from django.db import connection, transaction

from schedules.calendars import InvalidCalendar, references
from tasks_app.calendars import family
from tasks_app.exceptions import Fault, IllegalMove, InvalidRequest, NotPermitted
from tasks_app.models import Agent, Calendar, Task
from tasks_app.services import calendars, tasks, timing
from tasks_app.services.actor import Actor
from tasks_app.services.calendar_files import Files
from tasks_app.services.porting import adding, differences
from tasks_app.services.porting.adding import NewTask
from tasks_app.services.porting.differences import CalendarStep, Steps, TaskStep
from tasks_app.services.porting.files import fetched_for
from tasks_app.services.porting.plan import Action, Difference, Plan
from tasks_app.services.porting.shape import STATUSES, Document, WantedCalendar
from tasks_app.states import TaskStatus

_LOCK: Final = 0x706F7274  # the class of the advisory locks of owners whose tasks are being made as a document says


_SCOPES: Final = {
    Action.CREATED: "tasks:create",
    Action.CHANGED: "tasks:update",
    Action.DELETED: "tasks:delete",
}


class PlanMoved(IllegalMove):
    """What would be done is no longer what was shown."""


def import_document(document: Document, *, owner: Agent, actor: Actor) -> Plan:
    """Make every task of the document, and its calendars. Titles that are there twice make two tasks.

    Raises `InvalidRequest`, also for a title that the owner has already and a calendar that says something else there.
    """
    files = fetched_for(_calendars_to_import(document, owner))
    with transaction.atomic():
        _lock(owner)
        found = _calendars_to_import(document, owner)
        new = [TaskStep(wanted, None, differences.new_task(wanted)) for wanted in document.tasks]
        return _carried_out(Steps(owner, found, new), actor=actor, files=files)


def plan(
    document: Document, *, owner: Agent, actor: Actor, prune: bool = False, scopes: frozenset[str] | None = None
) -> Plan:
    """What `apply` would do now. Nothing is changed. Raises as that does."""
    files = _files_for(document, owner, scopes)
    with transaction.atomic():
        _lock(owner)
        steps = differences.steps_to(document, owner=owner, prune=prune)
        _refuse_unpermitted((*steps.plan.calendars, *steps.plan.tasks), scopes)
        _carried_out(steps, actor=actor, files=files)
        transaction.set_rollback(True)
    return steps.plan


def apply(  # noqa: PLR0913 - each but the first three has a default
    document: Document,
    *,
    owner: Agent,
    actor: Actor,
    prune: bool = False,
    fingerprint: str | None = None,
    scopes: frozenset[str] | None = None,
) -> Plan:
    """Make the owner's tasks what the document says; prune: and delete the active and paused ones that it does not name.

    fingerprint: that of the plan that was shown. scopes: what whoever asks may do, unless that is everything; the files of
    calendars are fetched first, for those who may make or change these. Raises `PlanMoved`
    if the plan has become another one since, `NotPermitted` for what the scopes do not allow, `InvalidRequest` for faults,
    `IllegalMove` for what the state forbids.
    """
    files = _files_for(document, owner, scopes)
    with transaction.atomic():
        _lock(owner)
        steps = differences.steps_to(document, owner=owner, prune=prune)
        if fingerprint is not None and fingerprint != steps.plan.fingerprint:
            raise PlanMoved("The tasks have changed since this plan was made: ask for a new one and look at it.")
        _refuse_unpermitted((*steps.plan.calendars, *steps.plan.tasks), scopes)
        return _carried_out(steps, actor=actor, files=files)


def _lock(owner: Agent) -> None:
    """Let one document of an owner's be worked on at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, str(owner.pk)])


def _files_for(document: Document, owner: Agent, scopes: frozenset[str] | None) -> Files:
    """What the files of its calendars answer, for whoever may make or change those calendars."""
    steps = differences.calendar_steps(document, owner=owner)
    _refuse_unpermitted([step.difference for step in steps], scopes)
    return fetched_for(steps)


def _refuse_unpermitted(differences: Iterable[Difference], scopes: frozenset[str] | None) -> None:
    if scopes is None:
        return
    for each in differences:
        needed = _SCOPES.get(each.action)
        if needed and needed not in scopes:
            raise NotPermitted(f"{each.name!r} would be {each.action}, which needs the scope {needed}.")


def _calendars_to_import(document: Document, owner: Agent) -> list[CalendarStep]:
    _refuse_known(document, owner)
    found = differences.calendar_steps(document, owner=owner)
    changed = [step.wanted for step in found if step.difference.action == Action.CHANGED]
    if changed:
        message = "The owner has a calendar of this name that says something else: rename this one, or apply instead."
        raise InvalidRequest(*(Fault(f"{each.place}/name", message) for each in changed))
    return found


def _refuse_known(document: Document, owner: Agent) -> None:
    titles = [each.title for each in document.tasks]
    own = Task.objects.present().filter(created_by=owner, title__in=titles, status__in=STATUSES)
    known = set(own.values_list("title", flat=True))
    message = "The owner has a task of this title already: rename this one, or apply the document instead."
    faults = [Fault(f"{each.place}/title", message) for each in document.tasks if each.title in known]
    given = "An import makes new tasks: leave the id out, or apply the document instead."
    faults += [Fault(f"{each.place}/id", given) for each in document.tasks if each.id]
    if faults:
        raise InvalidRequest(*faults)


def _carried_out(steps: Steps, *, actor: Actor, files: Files) -> Plan:
    """The plan, with the ids of what was made."""
    _lock_calendars(steps)
    made_calendars = _do_calendars(steps, actor=actor, files=files)
    made_tasks = _do_tasks(steps, actor=actor)
    for task in steps.deleted:
        tasks.delete(task, actor=actor)
    plan = steps.plan
    gone = plan.tasks[len(made_tasks) :]
    return Plan(plan.owner, tuple(made_calendars), (*made_tasks, *gone))


def _lock_calendars(steps: Steps) -> None:
    """Those that will be changed, those that hang on them, and those that tasks are given: all of them before any is changed."""
    changing = [step for step in steps.calendars if step.difference.action != Action.UNCHANGED]
    pks = set()
    if changing:
        family.lock()
    for step in changing:
        calendar = step.calendar or Calendar(created_by=steps.owner, name=step.wanted.name)
        pks |= {each.pk for each in (calendar, *family.possible_dependents(calendar))}
    given = {step.wanted.fields.get("calendar") for step in steps.tasks if step.difference.action != Action.UNCHANGED}
    pks |= timing.calendars_called((name, steps.owner) for name in given if name)
    family.lock_rows(pks)


def _do_calendars(steps: Steps, *, actor: Actor, files: Files) -> list[Difference]:
    made: dict[str, Difference] = {}
    for step in _needed_first(steps.calendars):
        with _pointing_below(step.wanted.place):
            made[step.wanted.name] = _do_calendar(step, owner=steps.owner, actor=actor, files=files)
    return [made[step.wanted.name] for step in steps.calendars]


def _do_calendar(step: CalendarStep, *, owner: Agent, actor: Actor, files: Files) -> Difference:
    wanted, found = step.wanted, step.difference
    says = {"description": wanted.description, "definition": wanted.definition}
    if step.calendar is None:
        calendar = calendars.create_calendar(owner, actor=actor, files=files, name=wanted.name, **says)
        return Difference(name=found.name, action=found.action, id=calendar.pk, fields=found.fields)
    if found.action == Action.CHANGED:
        calendars.update_calendar(step.calendar, actor=actor, changes=says, files=files)
    return found


def _needed_first(steps: Sequence[CalendarStep]) -> list[CalendarStep]:
    """In an order in which each comes after those that it refers to; those of a circle come somehow, and are refused."""
    by_name = {step.wanted.name: step for step in steps}
    ordered: dict[str, CalendarStep] = {}

    def visit(step: CalendarStep, path: frozenset[str]) -> None:
        name = step.wanted.name
        if name in ordered or name in path:
            return
        for other in sorted(_references(step.wanted) & by_name.keys()):
            visit(by_name[other], path | {name})
        ordered[name] = step

    for each in steps:
        visit(each, frozenset())
    return list(ordered.values())


def _references(wanted: WantedCalendar) -> set[str]:
    try:
        return references(wanted.definition)
    except InvalidCalendar:
        return set()  # which is said where it is saved


def _do_tasks(steps: Steps, *, actor: Actor) -> list[Difference]:
    faults: list[Fault] = []
    done: dict[str, Difference] = {step.wanted.place: step.difference for step in steps.tasks}
    for step in steps.tasks:
        if step.task is not None and step.difference.action == Action.CHANGED:
            _collect(faults, partial(_change, step, step.task, actor=actor))
    new = [step for step in steps.tasks if step.task is None]
    made: list[Task] = []
    _collect(faults, lambda: made.extend(adding.add(steps.owner, [_new(step) for step in new], actor=actor)))
    if faults:
        raise InvalidRequest(*faults)
    for step, task in zip(new, made, strict=True):
        found = step.difference
        done[step.wanted.place] = Difference(name=found.name, action=found.action, id=task.pk, fields=found.fields)
    return list(done.values())


def _collect(faults: list[Fault], do: Callable[[], None]) -> None:
    try:
        do()
    except InvalidRequest as invalid:
        faults += invalid.faults


def _new(step: TaskStep) -> NewTask:
    wanted = step.wanted
    return NewTask(place=wanted.place, fields=wanted.fields, is_paused=wanted.status == TaskStatus.PAUSED)


def _change(step: TaskStep, task: Task, *, actor: Actor) -> None:
    """A task that is to go on is changed before it does, one that is to stop afterwards."""
    status = next((each.after for each in step.difference.fields if each.field == "status"), None)
    with _pointing_below(step.wanted.place):
        tasks.update_task(task, actor=actor, changes=step.changes)
        if status == TaskStatus.PAUSED:
            tasks.pause(task, actor=actor)
        elif status == TaskStatus.ACTIVE and task.status == TaskStatus.PAUSED:
            tasks.resume(task, actor=actor)


@contextmanager
def _pointing_below(place: str) -> Iterator[None]:
    try:
        yield
    except InvalidRequest as invalid:
        raise InvalidRequest(*(Fault(f"{place}{fault.pointer}", fault.message) for fault in invalid.faults)) from None
