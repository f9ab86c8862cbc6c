"""How many tasks and calendars an agent may have."""

import time
from typing import Final, NamedTuple
from uuid import UUID

from tasks_app import admission
from tasks_app.conf import conf
from tasks_app.exceptions import LimitReached
from tasks_app.models import Agent, Calendar, Task

_FRESH: Final = 60.0  # seconds for which a process trusts its own count of an agent that is far from the bound
_NEAR: Final = 0.9  # of the bound: from there on it is counted each time


class _Seen(NamedTuple):
    tasks: int
    at: float


_seen: dict[UUID, _Seen] = {}


def refuse_too_many_tasks(owner: Agent, *, more: int = 1) -> None:
    """Raises `LimitReached` when `owner` would have more than it may with `more` new ones.

    To count a hundred thousand rows for each new one would cost more than the new one. So an agent that is far from the bound is
    counted once a minute and process; near it every time, and one after the other until the transaction ends.
    """
    most, now = conf().tasks_per_agent, time.monotonic()
    seen = _seen.get(owner.pk)
    if seen and now < seen.at + _FRESH and seen.tasks + more <= most * _NEAR:
        _seen[owner.pk] = _Seen(seen.tasks + more, seen.at)
        return
    admission.lock(f"tasks of {owner.pk}")
    present = Task.objects.present().filter(created_by=owner.pk).count()
    if present + more > most:
        raise LimitReached(
            f"The agent {owner} has {present} tasks, and may have {most}: delete some, or ask the operator to raise"
            " ORDINAUT_TASKS_PER_AGENT."
        )
    if len(_seen) > _MOST_REMEMBERED:
        _seen.clear()
    _seen[owner.pk] = _Seen(present + more, now)


_MOST_REMEMBERED: Final = 10_000


def refuse_too_many_calendars(owner: Agent) -> None:
    """The same of calendars; whoever asks keeps others from making any meanwhile."""
    most = conf().calendars_per_agent
    present = Calendar.objects.filter(created_by=owner.pk).count()
    if present >= most:
        raise LimitReached(
            f"The agent {owner} has {present} calendars, and may have {most}: delete some, or ask the operator to raise"
            " ORDINAUT_CALENDARS_PER_AGENT."
        )
