"""How do the calls of a tool go: what became of those of the last minute, and is it called at all now?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from tasks_app import catalogue
from tasks_app.destinations.rules import WINDOW
from tasks_app.models import Agent, Destination, Tool
from tasks_app.states import BreakerState

MOST_DESTINATIONS: Final = 50
UNKNOWN: Final = "unknown"  # nothing of it was called lately
_WORST_FIRST: Final = (BreakerState.OPEN, BreakerState.RECOVERING, BreakerState.CLOSED)


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """Of the window's calls by all runs; `health` is the worst state of the breakers that stand before its destinations."""

    seconds: float
    calls: int
    failures: int
    retries: int
    waiting: int
    health: str
    destinations: list[dict[str, Any]]


def numbers_of(address: str, *, agent: Agent, now: datetime) -> Numbers:
    """At `now`, the database's time. Raises `Tool.DoesNotExist`.

    Where a tool goes wherever its input says, an agent is told only those destinations that its own runs wait for.
    """
    if address not in catalogue.builtin():
        Tool.objects.get(address=address)
    its_own = Q(name=address) | Q(name__startswith=f"{address} ")
    rows: list[dict[str, Any]] = list(Destination.objects.filter(its_own).in_numbers(now=now))
    states = {row["state"] for row in rows}
    health = next((state for state in _WORST_FIRST if state in states), UNKNOWN)
    told = rows
    if address in catalogue.builtin():
        seen = set(Destination.objects.filter(its_own).seen_by(agent).values_list("pk", flat=True))
        told = [row for row in rows if row["id"] in seen]
    return Numbers(
        seconds=WINDOW.total_seconds(),
        calls=sum(row["calls"] for row in rows),
        failures=sum(row["failures"] for row in rows),
        retries=sum(row["retries"] for row in rows),
        waiting=sum(row["waiting"] for row in rows),
        health=health,
        destinations=told[:MOST_DESTINATIONS],
    )
