"""Calls, and rows of destinations, for tests."""

from typing import Any
from uuid import uuid4

from django.db import connection

from tasks_app.destinations import breakers
from tasks_app.destinations.breakers import Counts
from tasks_app.destinations.permits import Call
from tasks_app.destinations.rules import Rules
from tasks_app.models import CallTally, Destination

API = "http.request api.example.org:443"
RULES = Rules()


def call_to(destination: str = API, **fields: Any) -> Call:
    values: dict[str, Any] = {
        "run": uuid4(), "agent": uuid4(), "tool": destination.partition(" ")[0], "destination": destination,
        "seconds": 30.0,
    }  # fmt: skip
    return Call(**(values | fields))


def counted(calls: int, failures: int) -> Counts:
    """Failures between successes, as far as there are any."""
    counts = Counts()
    for _ in range(failures):
        counts.failed()
    for _ in range(calls - failures):
        counts.answered()
    return counts


def told(calls: int, failures: int, *, of: str = API, rules: Rules = RULES) -> list[str]:
    """Record calls; answers the destination if its breaker is open by now."""
    return [
        name for name, state in breakers.record({of: counted(calls, failures)}, rules=rules).items() if state == "open"
    ]


def opened(name: str = API, *, cooled: bool = True, rules: Rules = RULES) -> Destination:
    """A destination whose breaker is open, and whose cool-down is over unless it is not `cooled`."""
    assert told(10, 10, of=name, rules=rules) == [name]
    if cooled:
        cool(name)
    return Destination.objects.get(name=name)


def cool(name: str = API) -> None:
    _execute("UPDATE tasks_destination SET next_trial_at = clock_timestamp() WHERE name = %s", [name])


def lose_trial(name: str = API) -> None:
    """Let the worker that tries have said nothing for too long."""
    _execute("UPDATE tasks_destination SET trial_until = clock_timestamp() WHERE name = %s", [name])


def let_pass(seconds: float) -> None:
    """Move everything that has been recorded into the past."""
    past = f"interval '{seconds} seconds'"
    _execute(f"UPDATE tasks_rateline SET used_until = used_until - {past}, line_until = line_until - {past}")
    _execute(f"UPDATE tasks_postponedcall SET since = since - {past}, promised_at = promised_at - {past}")
    tallies = list(CallTally.objects.values())
    CallTally.objects.all().delete()  # their slots would meet while they move
    for tally in tallies:
        number = tally["number"] - int(seconds) // 10
        CallTally.objects.create(**(tally | {"number": number, "slot": number % 6}))
    _execute(f"UPDATE tasks_destination SET called_at = called_at - {past}, failing_since = failing_since - {past}")
    _execute(f"UPDATE tasks_destination SET next_trial_at = next_trial_at - {past}, trial_until = trial_until - {past}")


def _execute(sql: str, parameters: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
