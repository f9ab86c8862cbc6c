"""Permits: whether a run's call may begin now, later, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from tasks_app.destinations import breakers, lines, statements
from tasks_app.destinations.breakers import Breaker
from tasks_app.destinations.rules import Rules, return_limit
from tasks_app.queue_sql import execute
from tasks_app.rate_limits import RateLimit
from tasks_app.states import BreakerState, WaitingFor

TRIAL_MARGIN: Final = timedelta(seconds=5)  # what a trial may take beyond its call's own time
SHORTEST_WAIT: Final = 1.0  # seconds
_WHILE_TRIED: Final = 5.0  # seconds after which to ask again when somebody else tries
_EARLY: Final = lines.PATIENCE_IN_LINE.total_seconds()


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a run wants to make, and the seconds that it may take. task: its task, if that has a budget."""

    run: UUID
    agent: UUID
    tool: str
    destination: str
    seconds: float
    task: UUID | None = None


@dataclass(frozen=True, slots=True)
class Go:
    """The call may begin in `wait` seconds, which are few. `trial` is its number if all others wait for what it finds."""

    wait: float = 0.0
    trial: int | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """The call may begin in `seconds`, not before; ask again then."""

    seconds: float
    waiting_for: WaitingFor


@dataclass(frozen=True, slots=True)
class Never:
    """The call has waited for its destination for too long, `waited` seconds."""

    waited: float


@dataclass(frozen=True, slots=True)
class _Place:
    """A place in line, in seconds: from now, and since the first question."""

    ahead: float
    waited: float


def ask(call: Call, *, rules: Rules) -> tuple[Go | Later | Never, BreakerState]:
    """Decide about one call, and take what it needs for that: a trial, a slot, or a place in line."""
    with transaction.atomic():
        place = _place_of(call)
        breaker = breakers.breaker_of(call.destination) if call.destination else None
        state = breaker.state if breaker else BreakerState.CLOSED
        trial = None
        if breaker and state == BreakerState.OPEN:
            trial = breakers.begin_trial(call.destination, lasting=timedelta(seconds=call.seconds) + TRIAL_MARGIN)
            if trial is None:
                return _turned_away(call, breaker, place, rules), state
        limits = _limits_of(call, breaker, rules)
        waiting_for = WaitingFor.BREAKER if state == BreakerState.RECOVERING else WaitingFor.RATE_LIMIT
        answer = _in_turn(call, limits, place, waiting_for)
        if isinstance(answer, Later):
            if trial is not None:
                breakers.give_trial_back(call.destination, trial=trial)
            return answer, state
        return Go(answer, trial), state


def _limits_of(call: Call, breaker: Breaker | None, rules: Rules) -> list[RateLimit]:
    limits = rules.limits_of(call.tool, call.destination)
    if breaker and breaker.state == BreakerState.RECOVERING:
        limits.append(return_limit(call.destination, breaker.return_rate))
    return limits


def _turned_away(call: Call, breaker: Breaker, place: _Place | None, rules: Rules) -> Later | Never:
    """In line for the time after the next trial, as fast as the destination was called before it failed."""
    if place and place.waited >= rules.patience.total_seconds():
        _postpone(call, 0.0, again=True)
        return Never(place.waited)
    if place and place.ahead > _EARLY and place.ahead > breaker.next_trial:
        return Later(place.ahead, WaitingFor.BREAKER)
    not_before = breaker.next_trial if breaker.next_trial > 0 else _WHILE_TRIED
    seconds = lines.get_in_line([return_limit(call.destination, breaker.return_rate)], not_before=not_before)
    return _later(call, seconds, WaitingFor.BREAKER, again=place is not None)


def _in_turn(call: Call, limits: Sequence[RateLimit], place: _Place | None, waiting_for: WaitingFor) -> float | Later:
    """The seconds until the call's slot, or when to come back for one."""
    if limits:
        if place and place.ahead > _EARLY:  # handed to another worker, perhaps: its place is still its own
            return Later(place.ahead, waiting_for)
        seconds = lines.take_slot(limits, in_line=place is not None)
        if seconds is None:
            return _later(call, lines.get_in_line(limits), waiting_for, again=place is not None)
    else:
        seconds = 0.0
    if place:
        execute(statements.GIVE_PLACE_UP, {"run": call.run})
    return seconds


def _later(call: Call, seconds: float, waiting_for: WaitingFor, *, again: bool) -> Later:
    seconds = max(seconds, SHORTEST_WAIT)
    _postpone(call, seconds, again=again)
    return Later(seconds, waiting_for)


def _place_of(call: Call) -> _Place | None:
    found = execute(statements.PLACE, {"run": call.run, "destination": call.destination})
    return _Place(*found[0]) if found else None


def _postpone(call: Call, seconds: float, *, again: bool) -> None:
    execute(
        statements.POSTPONE,
        {
            "run": call.run,
            "agent": call.agent,
            "destination": call.destination,
            "seconds": seconds,
            "again": again,
        },
    )
