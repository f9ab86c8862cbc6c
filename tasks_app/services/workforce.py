"""Who works: the workers and when each was last heard of, and the duties of beat and when each last did its round."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count

from tasks_app.models import DutyRound, Worker
from tasks_app.models.clock import database_now
from tasks_app.states import WorkerState

MOST_WORKERS: Final = 1000


@dataclass(frozen=True, kw_only=True)
class WorkerLine:
    """One process. held: runs in its hands; threads: how many it may have; times in seconds ago, by the database's clock."""

    name: str
    host: str
    pid: int
    state: str
    threads: int
    held: int
    seen_seconds: float
    started_seconds: float


def workers() -> list[WorkerLine]:
    """All that are known, by host and process; one that has gone stays for a day."""
    now = database_now()
    return [
        WorkerLine(
            name=each.name,
            host=each.host,
            pid=each.pid,
            state=each.state,
            threads=each.threads,
            held=each.held,
            seen_seconds=_seconds(now - each.seen_at),
            started_seconds=_seconds(now - each.started_at),
        )
        for each in Worker.objects.order_by("host", "pid", "id")[:MOST_WORKERS]
    ]


def workers_by_state() -> dict[str, int]:
    """How many there are in each state; 0 where there are none."""
    counted = dict(Worker.objects.order_by().values_list("state").annotate(number=Count("pk")))
    return {state.value: counted.get(state, 0) for state in WorkerState}


def seconds_since_rounds() -> dict[str, float]:
    """How long ago any beat last ended a round of each duty well. One that is missing was never done."""
    now = database_now()
    noted = DutyRound.objects.filter(name__in=settings.BEAT_DUTIES).order_by("name")
    return {each.name: _seconds(now - each.ended_at) for each in noted}


def _seconds(ago: timedelta) -> float:
    return max(round(ago.total_seconds(), 1), 0.0)
