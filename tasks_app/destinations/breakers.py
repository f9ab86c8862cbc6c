"""Breakers: whether a destination is called at all.

```
    ten calls in succession failed, or half of the last minute's
   CLOSED ──────────────────────────────────────────────────────▶ OPEN ◀──┐ the trial failed:
     ▲                                                              │     │ twice the cool-down
     │ nobody is left in line                 after the cool-down   │     │
     │                                        ONE trial, wherever   ├─────┘
     └────────────── RECOVERING ◀─────────────────────────────────────── it was answered
                     slowly, in line          (half open)
```

Each arrow is one guarded statement, so any number of workers may ask for it at once.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import orjson
from django.db import transaction
from prometheus_client import Counter

from tasks_app.destinations import statements
from tasks_app.destinations.rules import LINE_OF_RETURN, RETURN_FACTOR, Rules
from tasks_app.queue_sql import execute
from tasks_app.states import BreakerState

logger = logging.getLogger(__name__)

_opened = Counter("orchestrator_breakers_opened_total", "How often the breaker of a destination opened.")


@dataclass(slots=True)
class Counts:
    """Calls that were answered or failed, how many of them failed, and how many since the last that was answered.

    `answered_at` is when that was, in monotonic seconds.
    """

    calls: int = 0
    failures: int = 0
    in_succession: int = 0
    answered_at: float | None = None

    def answered(self) -> None:
        self.calls += 1
        self.in_succession = 0
        self.answered_at = time.monotonic()

    def failed(self) -> None:
        self.calls += 1
        self.failures += 1
        self.in_succession += 1

    def before(self, later: "Counts") -> "Counts":
        """These, and `later` after them."""
        unbroken = later.answered_at is None
        return Counts(
            self.calls + later.calls,
            self.failures + later.failures,
            self.in_succession + later.in_succession if unbroken else later.in_succession,
            self.answered_at if unbroken else later.answered_at,
        )

    def told(self, name: str) -> dict[str, object]:
        ago = None if self.answered_at is None else time.monotonic() - self.answered_at
        return {
            "name": name,
            "calls": self.calls,
            "failures": self.failures,
            "in_succession": self.in_succession,
            "answered_ago": ago,
        }


@dataclass(frozen=True, slots=True)
class Breaker:
    """`next_trial` is in seconds from now; negative when its time has come."""

    state: BreakerState
    return_rate: float
    next_trial: float


def record(counts: Mapping[str, Counts], *, rules: Rules) -> dict[str, BreakerState]:
    """Add to the windows of the destinations named, and open the breakers that this is enough for.

    Answers the state of each.
    """
    told = [each.told(name) for name, each in counts.items()]
    failing = any(each.failures for each in counts.values())
    with transaction.atomic():
        known = execute(statements.RECORD, {"counts": orjson.dumps(told).decode()})
        ids = [row[0] for row in known]
        opened = execute(statements.OPEN, {"ids": ids, **rules.of_opening()}) if failing else []
    for name, calls, failures in opened:
        _opened.inc()
        logger.warning("The breaker of %s opened: %d of its last %d calls failed", name, failures, calls)
    states = {name: BreakerState(state) for _, name, state in known}
    return states | {name: BreakerState.OPEN for name, *_ in opened}


def troubled() -> dict[str, BreakerState]:
    """The destinations that are not called freely."""
    return {name: BreakerState(state) for name, state in execute(statements.TROUBLED, {})}


def breaker_of(destination: str) -> Breaker | None:
    """None for one that was never called."""
    found = execute(statements.BREAKER, {"name": destination})
    return Breaker(BreakerState(found[0][0]), *found[0][1:]) if found else None


def begin_trial(destination: str, *, lasting: timedelta) -> int | None:
    """The number of the trial, for the one that may call an open destination now; it must say what came of it.

    Somebody else may try when `lasting` has passed without a word.
    """
    begun = execute(statements.TRY, {"name": destination, "seconds": lasting.total_seconds()})
    return begun[0][0] if begun else None


def close(destination: str, *, trial: int) -> bool:
    """The trial was answered."""
    answer = {"name": destination, "trial": trial, "return_factor": RETURN_FACTOR}
    closed = bool(execute(statements.CLOSE, answer))
    if closed:
        logger.info("The breaker of %s closed: what waited returns in line", destination)
    return closed


def reopen(destination: str, *, trial: int, rules: Rules) -> bool:
    """The trial failed: stay open for longer."""
    return bool(execute(statements.REOPEN, {"name": destination, "trial": trial, **rules.of_cooldown()}))


def give_trial_back(destination: str, *, trial: int) -> bool:
    """The trial said nothing about the destination: the next one who comes tries."""
    return bool(execute(statements.GIVE_TRIAL_BACK, {"name": destination, "trial": trial}))


def end_recovery() -> list[str]:
    """Close where nobody is left in line."""
    return [name for (name,) in execute(statements.RECOVERED, {"prefix": LINE_OF_RETURN})]


def reset(destination: UUID) -> bool:
    """Close at once, without a trial, and forget the window. False when it was closed."""
    return bool(execute(statements.RESET, {"id": destination}))


def spend_retry(destination: str, *, rules: Rules) -> bool:
    """Whether one more retry is within the budget of the destination; it counts from now on if so."""
    with transaction.atomic():
        held = execute(statements.LOCK, {"name": destination})
        if not held:
            return True
        return bool(execute(statements.SPEND_RETRY, {"id": held[0][0], **rules.of_retries()}))
