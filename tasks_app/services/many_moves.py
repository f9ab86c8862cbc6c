"""Verbs for many tasks at once: what can be moved is, in one transaction, and of each task it is told what became of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import TextChoices

from tasks_app import queue
from tasks_app.catalogue import catalogue
from tasks_app.events import outbox, wakeup
from tasks_app.events.types import EventType
from tasks_app.exceptions import IllegalMove, InvalidRequest
from tasks_app.models import Agent, Run, Task
from tasks_app.models.clock import database_now
from tasks_app.planning.advance import complete, lock_dedupe_keys
from tasks_app.planning.budget import Budgets
from tasks_app.planning.cursor import settle_all
from tasks_app.planning.new_run import new_run
from tasks_app.planning.resume import catch_up
from tasks_app.services import allowance, audit, steering, task_moves, task_rules
from tasks_app.services.actor import Actor
from tasks_app.states import TaskMode, Trigger

MOST: Final = 1000
MOST_RUNS: Final = 20_000  # that are canceled with their tasks
_RUNS_A_STATEMENT: Final = 1000


class Outcome(TextChoices):
    MOVED = "moved"
    ALREADY = "already"
    ILLEGAL = "illegal"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of one task. detail: why it was not moved, and the cure. run: the one that was made."""

    id: UUID
    outcome: Outcome
    detail: str = ""
    run: UUID | None = None


class Many:
    """The tasks among `ids` that `agent` may see, locked; and what is to be told of each."""

    def __init__(self, agent: Agent, ids: Sequence[UUID]) -> None:
        self._ids = ids
        rows = Task.objects.owned_by(agent).filter(pk__in=ids).select_related("created_by").order_by("pk")
        self.tasks = list(rows.select_for_update(of=("self",)))
        self._illegal: dict[UUID, str] = {}
        self._runs: Mapping[UUID, UUID] = {}
        self.moved: list[Task] = []

    def sort(self, move: Callable[[Task], bool], among: Sequence[Task] | None = None) -> None:
        """Keep in `moved` those that `move` has changed; it answers whether it did, or raises why it may not."""
        for task in self.tasks if among is None else among:
            try:
                if move(task):
                    self.moved.append(task)
            except (IllegalMove, InvalidRequest) as error:
                self._illegal[task.pk] = str(error)

    def movable(self, check: Callable[[Task], None]) -> list[Task]:
        """Those of which `check` does not raise why they may not be moved."""
        found: list[Task] = []

        def look(task: Task) -> bool:
            check(task)
            found.append(task)
            return False

        self.sort(look)
        return found

    def made(self, runs: Mapping[UUID, UUID]) -> None:
        """Each moved task's new run."""
        self._runs = runs

    def told(self) -> list[Moved]:
        seen, moved = {task.pk for task in self.tasks}, {task.pk for task in self.moved}
        return [self._told(each, seen, moved) for each in self._ids]

    def _told(self, pk: UUID, seen: set[UUID], moved: set[UUID]) -> Moved:
        if pk not in seen:
            return Moved(pk, Outcome.NOT_FOUND, "There is nothing here that you may see.")
        if pk in self._illegal:
            return Moved(pk, Outcome.ILLEGAL, self._illegal[pk])
        return Moved(pk, Outcome.MOVED, run=self._runs.get(pk)) if pk in moved else Moved(pk, Outcome.ALREADY)


@transaction.atomic
def pause(agent: Agent, ids: Sequence[UUID], *, actor: Actor) -> list[Moved]:
    """As `tasks.pause`; the answers are in the order of `ids`."""
    many, now = Many(agent, ids), database_now()
    with steering.steered(many.tasks) as steer:
        many.sort(lambda task: task_moves.pause(task, now=now))
        steer(many.moved)
    _announce(EventType.TASK_PAUSED, many.moved, actor)
    return many.told()


@transaction.atomic
def resume(agent: Agent, ids: Sequence[UUID], *, actor: Actor) -> list[Moved]:
    """As `tasks.resume`."""
    many, now, tools = Many(agent, ids), database_now(), catalogue()
    paused = many.movable(task_moves.require_paused)
    settle_all(paused, now=now)
    over: set[UUID] = set()

    def go_on(task: Task) -> bool:
        if task_moves.go_on(task, now=now, tools=tools):
            over.add(task.pk)
        return True

    with steering.steered(paused) as steer:
        many.sort(go_on, paused)
        if catch_up(many.moved, now=now):
            wakeup.send_after_commit()
        for task in many.moved:
            task.paused_at = None
        steer(many.moved)
    _announce(EventType.TASK_RESUMED, many.moved, actor)
    for task in many.moved:
        if task.pk in over or task_moves.is_used_up(task):
            complete(task)
    return many.told()


@transaction.atomic
def cancel(agent: Agent, ids: Sequence[UUID], *, actor: Actor) -> list[Moved]:
    """As `tasks.cancel`. Raises `IllegalMove` when more than `MOST_RUNS` runs would have to be canceled."""
    many = Many(agent, ids)
    with steering.steered(many.tasks) as steer:
        many.sort(task_moves.cancel)
        _cancel_runs(many.moved, task_moves.CANCELED)
        steer(many.moved)
    _announce(EventType.TASK_CANCELED, many.moved, actor)
    return many.told()


@transaction.atomic
def delete(agent: Agent, ids: Sequence[UUID], *, actor: Actor) -> list[Moved]:
    """As `tasks.delete`. Raises `IllegalMove` as `cancel` does."""
    many, now = Many(agent, ids), database_now()

    def be_deleted(task: Task) -> bool:
        task_moves.delete(task, now=now)
        return True

    with steering.steered(many.tasks) as steer:
        many.sort(be_deleted)
        _cancel_runs(many.moved, task_moves.DELETED)
        steer(many.moved)
    _announce(EventType.TASK_DELETED, many.moved, actor)
    return many.told()


@transaction.atomic
def run_now(
    agent: Agent,
    ids: Sequence[UUID],
    *,
    actor: Actor,
    params: Mapping[str, Any] | None = None,
    mode: TaskMode | None = None,
) -> list[Moved]:
    """As `tasks.run_now`, with the same `params` and `mode` for each. Raises `InvalidRequest` for params that cannot be stored."""
    task_rules.refuse_unfit(params or {})
    many, now = Many(agent, ids), database_now()
    runnable = many.movable(task_moves.require_runnable)
    live = [task for task in runnable if (mode or task.mode) != TaskMode.SIMULATE]
    lock_dedupe_keys(live)
    budgets = Budgets(runnable, now=now)
    many.sort(_Choice(live, budgets, now), runnable)
    budgets.keep()
    given = {"params": dict(params)} if params else None
    wanted = [
        new_run(
            task,
            trigger=Trigger.RUN_NOW,
            input=given,
            request_id=actor.request_id,
            simulated=(mode or task.mode) == TaskMode.SIMULATE,
        )
        for task in many.moved
    ]
    runs = dict(Run.objects.filter(pk__in=queue.enqueue(wanted)).values_list("task_id", "pk"))
    more = {"mode": mode} if mode else {}
    audit.note_all((("task.run_now", task, {"run": str(runs[task.pk]), **more}) for task in many.moved), actor=actor)
    if runs:
        wakeup.send_after_commit()
    many.made(runs)
    return many.told()


class _Choice:
    """Which of the tasks may have a run now: not the same again too soon, not more than the owner may have."""

    def __init__(self, live: Sequence[Task], budgets: Budgets, now: datetime) -> None:
        self._live = {task.pk for task in live}
        self._budgets = budgets
        self._now = now
        self._under: set[tuple[UUID, str]] = set()

    def __call__(self, task: Task) -> bool:
        key = (task.created_by_id, task.dedupe_key) if task.dedupe_key and task.pk in self._live else None
        if key in self._under:
            raise IllegalMove(f"Another of these tasks has the dedupe_key {task.dedupe_key!r}: it has the run.")
        if key:
            allowance.refuse_repeated(task)
        if not self._budgets.purse(task.created_by_id)():
            raise allowance.used_up(task, now=self._now)
        if key:
            self._under.add(key)
        return True


def _cancel_runs(moved: Sequence[Task], reason: str) -> None:
    unfinished = Run.objects.unfinished().filter(task__in=[task.pk for task in moved]).order_by("pk")
    runs = list(unfinished.values_list("pk", flat=True)[: MOST_RUNS + 1])
    if len(runs) > MOST_RUNS:
        raise IllegalMove(
            f"More than {MOST_RUNS} runs of these tasks would have to be canceled: name fewer tasks at a time."
        )
    for some in _portions(runs):
        queue.cancel(some, reason=reason)


def _portions(runs: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(runs), _RUNS_A_STATEMENT):
        yield runs[start : start + _RUNS_A_STATEMENT]


def _announce(event: EventType, moved: Sequence[Task], actor: Actor) -> None:
    outbox.record_each(event, [(task, {}) for task in moved], request_id=actor.request_id)
    audit.note_all(((event.value, task, {}) for task in moved), actor=actor)
