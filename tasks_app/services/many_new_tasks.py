"""Many tasks made at once: all of them, or none."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from tasks_app.calendars import family
from tasks_app.catalogue import catalogue
from tasks_app.events import outbox
from tasks_app.events.types import EventType
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Agent, Calendar, Task, TaskDefinition
from tasks_app.models.clock import database_now
from tasks_app.services import audit, task_bounds, tasks, timing
from tasks_app.services.actor import Actor

MOST: Final = 1000
SECONDS: Final = 20.0  # some schedules take long to tell


@dataclass(frozen=True, slots=True)
class Draft:
    """A task that is to be made: whose, and its fields, of those in `tasks.WRITABLE`."""

    owner: Agent
    fields: Mapping[str, Any]


@transaction.atomic
def create_tasks(drafts: Sequence[Draft], *, actor: Actor) -> list[Task]:
    """Make these tasks, in as many statements as a handful takes, and plan their first runs.

    Raises `InvalidRequest` with all the faults of all of them, each below `/<number>`, counted from 0; and for so many that the
    checks alone would take too long. Raises `LimitReached` when an owner would have too many.
    """
    owners = {draft.owner.pk: draft.owner for draft in drafts}
    for owner, number in sorted(Counter(draft.owner.pk for draft in drafts).items()):  # each may be locked
        task_bounds.refuse_too_many_tasks(owners[owner], more=number)
    calendars = _Calendars(drafts)
    now, tools, enough_at = database_now(), catalogue(), time.monotonic() + SECONDS
    made: list[Task] = []
    found: list[Fault] = []
    for number, draft in enumerate(drafts):
        if time.monotonic() > enough_at:
            cure = (
                f"To check this many takes longer than {SECONDS:.0f} s: send the tasks from this one on by themselves."
            )
            raise InvalidRequest(Fault(f"/{number}", cure))
        try:
            fields = {**draft.fields, **calendars.of(draft)}
            task = tasks.proposed(draft.owner, now=now, tools=tools, **fields)
            timing.plan(task, now=now)
            made.append(task)
        except InvalidRequest as invalid:
            found += [Fault(f"/{number}{fault.pointer}", fault.message) for fault in invalid.faults]
    if found:
        raise InvalidRequest(*found)
    _keep(made, actor=actor)
    return made


def _keep(made: Sequence[Task], *, actor: Actor) -> None:
    """Write the tasks with their definitions, events and audit entries."""
    told = {task.pk: tasks.told_of_new(task) for task in made}
    for owner in {task.created_by_id: None for task in made}:
        firsts = [(task, [(EventType.TASK_CREATED, told[task.pk])]) for task in made if task.created_by_id == owner]
        outbox.record_first(firsts, agent=owner, request_id=actor.request_id)
    Task.objects.bulk_create(made)
    TaskDefinition.objects.bulk_create(map(tasks.definition_of, made))
    audit.note_all((("task.created", task, {"title": task.title}) for task in made), actor=actor)


class _Calendars:
    """Those that the drafts name, each looked for once, and kept until the transaction ends."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        named = {(name, draft.owner.pk): draft.owner for draft in drafts if (name := _named(draft))}
        self._found: dict[tuple[str, UUID], Calendar] = {}
        family.lock_rows(timing.calendars_called((name, owner) for (name, _), owner in named.items()))
        for (name, pk), owner in named.items():
            with suppress(InvalidRequest):
                self._found[name, pk] = timing.calendar_called(name, seen_by=owner, keep=True)

    def of(self, draft: Draft) -> dict[str, Calendar]:
        """What stands for the name in the draft's fields; nothing for a name of none, which is refused with what else is wrong."""
        found = self._found.get((_named(draft), draft.owner.pk))
        return {"calendar": found} if found else {}


def _named(draft: Draft) -> str:
    name = draft.fields.get("calendar")
    return name if isinstance(name, str) else ""
