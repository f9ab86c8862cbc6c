"""Which of an owner's tasks does an entry of a document mean?

The one of its `id` where that is given, else the one of its title that is active or paused, else a completed one. A canceled task
is meant by nobody. What could mean two is refused: nothing is ever done to a task that was not meant.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q

from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Agent, Task
from tasks_app.models.task import TaskQuerySet
from tasks_app.services.porting.shape import STATUSES, WantedTask
from tasks_app.states import TaskStatus


class Matches:
    """The tasks that a document's entries mean, and those that none means."""

    def __init__(self, owner: Agent, wanted: Sequence[WantedTask], *, prune: bool) -> None:
        self._wanted = wanted
        rows = _rows_of(owner, wanted, prune=prune)
        self._by_id = {task.pk: task for task in rows}
        self._by_title: defaultdict[str, list[Task]] = defaultdict(list)
        named = {each.id for each in wanted}
        for task in rows:
            if task.pk not in named:
                self._by_title[task.title].append(task)

    def pairs(self) -> list[tuple[WantedTask, Task | None]]:
        """Each entry with its task; None for one that is yet to be made. Raises `InvalidRequest`."""
        faults = [*_meant_twice(self._wanted)]
        pairs: list[tuple[WantedTask, Task | None]] = []
        for each in self._wanted:
            found = self._meant(each)
            if isinstance(found, Fault):
                faults.append(found)
            else:
                pairs.append((each, found))
        if faults:
            raise InvalidRequest(*faults)
        return pairs

    def unmeant(self, pairs: Iterable[tuple[WantedTask, Task | None]]) -> list[Task]:
        """Those active or paused that no entry means, in the order of their titles."""
        meant = {task.pk for _, task in pairs if task}
        left = [task for task in self._by_id.values() if task.pk not in meant and task.status in STATUSES]
        return sorted(left, key=lambda task: (task.title, task.pk))

    def _meant(self, wanted: WantedTask) -> Task | Fault | None:
        if wanted.id is not None:
            message = "The owner has no task of this id that is not canceled: leave it out to make a new one."
            return self._by_id.get(wanted.id) or Fault(f"{wanted.place}/id", message)
        called = self._by_title[wanted.title]
        living = [task for task in called if task.status in STATUSES] or called
        if len(living) > 1:
            ids = ", ".join(str(task.pk) for task in living[:3])
            message = f"{len(living)} tasks have this title ({ids} ...): give the `id` of the one that is meant."
            return Fault(f"{wanted.place}/title", message)
        return living[0] if living else None


def _rows_of(owner: Agent, wanted: Sequence[WantedTask], *, prune: bool) -> list[Task]:
    """Locked, so that what is found is what is changed, and in an order in which no two wait for each other."""
    meant = Q(title__in=[each.title for each in wanted]) | Q(pk__in=[each.id for each in wanted if each.id])
    if prune:
        meant |= Q(status__in=STATUSES)
    own: TaskQuerySet = Task.objects.present().filter(created_by=owner).exclude(status=TaskStatus.CANCELED)
    return list(own.filter(meant).select_for_update(no_key=True).order_by("pk"))


def _meant_twice(wanted: Sequence[WantedTask]) -> Iterable[Fault]:
    first: dict[str | UUID, str] = {}
    for each in wanted:
        before = first.setdefault(each.id or each.title, each.place)
        if before != each.place:
            name, cure = ("id", "name each task once") if each.id else ("title", "give each its own, or its `id`")
            yield Fault(f"{each.place}/{name}", f"{before} has this {name} already: {cure}.")
