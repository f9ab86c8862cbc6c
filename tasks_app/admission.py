"""Admission: which of the runs that wait for their turn go on.

    waiting for its lane's turn ──▶ waiting for a place under its key ──▶ waiting for a place of its agent's ──▶ queued
         takes_turn                      not takes_turn                        for `agent_limit`

A run that takes its turn goes on when no other run of its lane does, the oldest first. A run under a concurrency key goes on
while fewer than its limit of the same agent have such a place, the most urgent first, and keeps the place until it ends or
waits for a time. A run of an agent with `max_running` goes on while fewer of the agent's are queued or running, the most
urgent first. So nobody who waits for a place holds what those in front of it wait for, and none wait in a circle.

Whoever may have made room asks: it names the lanes, keys and agents, and each is looked at under a lock, in a transaction that
does nothing else. So any number may ask at once, nobody who holds rows waits for a lock, and what was committed before the
question is counted in the answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import transaction

from tasks_app import admission_sql, faults
from tasks_app.events import wakeup
from tasks_app.queue_sql import execute
from tasks_app.states import RunState

T = TypeVar("T")

_LOCKS_AT_ONCE: Final = 100  # they take room in a table that all connections share
_MOST_OF_AN_AGENT: Final = 1000  # at once, where a limit was lifted; the rest is found to be overlooked


@dataclass(slots=True)
class Openings:
    """Lanes, keys with their agent, and agents with a limit, in which a waiting run may find room."""

    lanes: set[str] = field(default_factory=set)
    keys: set[tuple[UUID, str]] = field(default_factory=set)
    agents: set[UUID] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.lanes or self.keys or self.agents)

    def add(self, lane: str, agent: UUID, key: str, limited: bool) -> None:
        """Empty texts stand for no lane and no key; limited: whether the agent's limit counts the run."""
        if lane:
            self.lanes.add(lane)
        if key:
            self.keys.add((agent, key))
        if limited:
            self.agents.add(agent)


def admit(openings: Openings) -> int:
    """Queue the waiting runs that find room; answers how many. Not inside a transaction, which would keep the locks."""
    queued, keys, limited = 0, set(openings.keys), set(openings.agents)
    for lanes in _portions(sorted(openings.lanes)):
        locks = [f"lane {lane}" for lane in lanes]
        for state, agent, key in _under_locks(locks, admission_sql.TAKE_TURNS, lanes=list(lanes)):
            if state == RunState.QUEUED:
                queued += 1
            elif key:
                keys.add((agent, key))
            else:
                limited.add(agent)
    for some in _portions(sorted(keys)):
        agents, names = [agent for agent, _ in some], [key for _, key in some]
        locks = [f"key {agent} {key}" for agent, key in some]
        for state, agent in _under_locks(locks, admission_sql.TAKE_PLACES, agents=agents, keys=names):
            if state == RunState.QUEUED:
                queued += 1
            else:
                limited.add(agent)
    for owners in _portions(sorted(limited)):
        locks = [f"agent {agent}" for agent in owners]
        asked = {"agents": list(owners), "most": _MOST_OF_AN_AGENT}
        queued += len(_under_locks(locks, admission_sql.TAKE_LIMITED_PLACES, **asked))
    return queued


def admit_after_commit(openings: Openings) -> None:
    """Admit once the transaction under way has committed, and wake a worker. What fails then is healed by `overlooked`."""
    if openings:
        transaction.on_commit(lambda: _admit_and_wake(openings), robust=True)


def overlooked(*, limit: int) -> Openings:
    """Where runs wait although there is room: somebody who should have asked died before it could."""
    found = Openings()
    for place in execute(admission_sql.OVERLOOKED, {"limit": limit}):
        found.add(*place)
    return found


def lock(*names: str) -> None:
    """Wait until nobody else holds a lock of these names, and hold them until the transaction ends."""
    execute(admission_sql.LOCK, {"names": list(names)})


def _admit_and_wake(openings: Openings) -> None:
    faults.hit("before_admission")
    if admit(openings):
        wakeup.send()


def _under_locks(names: list[str], sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with transaction.atomic(durable=True):
        lock(*names)
        return execute(sql, parameters)


def _portions(ordered: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(ordered), _LOCKS_AT_ONCE):
        yield ordered[start : start + _LOCKS_AT_ONCE]
