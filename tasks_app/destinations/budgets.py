"""Budgets: whether a call may begin by what its agent's calls of this minute, and its task's of this day (UTC), have used up.

    before the call    charge: one call, in one guarded statement for each limit; refused when it does not fit
    in the call        charge: what it will use up at most, if it knows
    afterwards         settle: what it has used up, in the place of that; counted where the call was

What was charged before a crash stays charged: the call may have been made. So a budget is never overspent by calls, nor by what
calls have told beforehand.
"""

import logging
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from pipelines import ErrorClass, Postponed, StepError, StepFailed
from pipelines.usage import Usage
from tasks_app.destinations.clerk import NoAnswer
from tasks_app.queue_sql import execute
from tasks_app.states import WaitingFor

# Of a call that does not say what it will take, the least: it begins while there is something left.
_CHARGE: Final = """
WITH allowed AS (
    SELECT calls_per_{unit} AS calls, tokens_per_{unit} AS tokens, microdollars_per_{unit} AS microdollars,
           date_trunc('{unit}', clock_timestamp(), 'UTC') AS begins_at
      FROM {table}
     WHERE id = %(owner)s
), asked AS (
    SELECT %(calls)s::bigint AS calls, %(tokens)s::bigint AS tokens, %(microdollars)s::bigint AS microdollars,
           greatest(%(tokens)s::bigint, %(calls)s::bigint) AS tokens_left,
           greatest(%(microdollars)s::bigint, %(calls)s::bigint) AS microdollars_left
), fits AS (
    SELECT begins_at, asked.*
      FROM allowed, asked
     WHERE coalesce(asked.calls <= allowed.calls, true)
       AND coalesce(tokens_left <= allowed.tokens, true)
       AND coalesce(microdollars_left <= allowed.microdollars, true)
), charged AS (
    INSERT INTO tasks_spending AS spent (owner, begins_at, calls, tokens, microdollars)
    SELECT %(owner)s, begins_at, calls, tokens, microdollars
      FROM fits
        ON CONFLICT (owner, begins_at) DO UPDATE
       SET calls = spent.calls + excluded.calls,
           tokens = spent.tokens + excluded.tokens,
           microdollars = spent.microdollars + excluded.microdollars
     WHERE (SELECT coalesce(spent.calls + asked.calls <= allowed.calls, true)
               AND coalesce(spent.tokens + tokens_left <= allowed.tokens, true)
               AND coalesce(spent.microdollars + microdollars_left <= allowed.microdollars, true)
              FROM allowed, asked)
 RETURNING owner
)
SELECT begins_at, begins_at + interval '1 {unit}',
       extract(epoch FROM begins_at + interval '1 {unit}' - clock_timestamp())::float8,
       EXISTS (SELECT FROM fits), EXISTS (SELECT FROM charged), calls, tokens, microdollars
  FROM allowed
"""
_CHARGES: Final = {
    "minute": _CHARGE.format(unit="minute", table="tasks_agent"),
    "day": _CHARGE.format(unit="day", table="tasks_task"),
}
_SETTLE: Final = """
UPDATE tasks_spending
   SET tokens = greatest(tokens + %(tokens)s, 0),
       microdollars = greatest(microdollars + %(microdollars)s, 0)
 WHERE owner = %(owner)s
   AND begins_at = %(begins_at)s
RETURNING owner
"""
_SHORTEST_WAIT: Final = 0.1  # seconds
_ASK_AGAIN: Final = 5.0  # seconds, of which 50 to 100 % are waited

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """Whose budget of which unit, minute or day, a call is charged to."""

    owner: UUID
    unit: str


@dataclass(frozen=True, slots=True)
class Charge:
    """Something that was charged, and to which minute or day."""

    account: Account
    begins_at: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """By how much what was charged is to be corrected."""

    charge: Charge
    tokens: int
    microdollars: int


class Bill:
    """What one call is charged to, and what of it the call has not used up yet. One thread has it."""

    __slots__ = ("_accounts", "_books", "_charges", "_reserved")

    def __init__(self, accounts: Sequence[Account], books: "Books") -> None:
        self._accounts = accounts
        self._books = books
        self._charges: Sequence[Charge] = ()
        self._reserved = Usage()

    def begin(self) -> None:
        """Charge one call. Raises `Postponed` until the next minute, and `StepFailed` when the day's budget is used up."""
        self._charges = self._books.charge(self._accounts, calls=1)

    def reserve(self, usage: Usage) -> None:
        """Charge what the call is about to use up at most. Raises as `begin` does."""
        self._charges = self._books.charge(self._accounts, usage=usage)
        self._reserved = usage

    def settle(self, usage: Usage) -> None:
        """Charge what has been used up, of which what was reserved is a part."""
        reserved, self._reserved = self._reserved, Usage()
        tokens = _tokens(usage) - _tokens(reserved)
        microdollars = usage.microdollars - reserved.microdollars
        self._books.settle([Settlement(each, tokens, microdollars) for each in self._charges])


class Books:
    """The bills of one process. `ask` does something on a connection, or raises `NoAnswer`."""

    def __init__(self, ask: Callable[[Callable[[], Any]], Any]) -> None:
        self._ask = ask
        self._unsettled: deque[Sequence[Settlement]] = deque()

    def open(self, accounts: Sequence[Account]) -> Bill:
        """A bill to which one call is charged. Raises as `Bill.begin` does."""
        bill = Bill(accounts, self)
        bill.begin()
        return bill

    def charge(self, accounts: Sequence[Account], **asked: Any) -> Sequence[Charge]:
        try:
            charges: Sequence[Charge] = self._ask(partial(charge, accounts, **asked))
        except NoAnswer:  # what nobody can count is not called
            raise Postponed(_ASK_AGAIN * random.uniform(0.5, 1.0), reason=WaitingFor.BUDGET) from None  # noqa: S311 - spreads load
        return charges

    def settle(self, settlements: Sequence[Settlement]) -> None:
        """Write them down now or, while Postgres does not answer, later."""
        try:
            self._ask(partial(settle, settlements))
        except NoAnswer:
            logger.warning("What a call has used up cannot be written down now; it will be later")
            self._unsettled.append(settlements)

    def settle_late(self) -> None:
        """What could not be written down before. On the clerk's thread."""
        while self._unsettled:
            settle(self._unsettled[0])
            self._unsettled.popleft()


@transaction.atomic
def settle(settlements: Sequence[Settlement]) -> None:
    """Correct what was charged."""
    for each in settlements:
        changes = {"tokens": each.tokens, "microdollars": each.microdollars}
        execute(_SETTLE, {"owner": each.charge.account.owner, "begins_at": each.charge.begins_at, **changes})


@transaction.atomic
def charge(accounts: Sequence[Account], *, calls: int = 0, usage: Usage = Usage()) -> list[Charge]:  # noqa: B008 - immutable
    """Charge it to all of the accounts or, where one has not that much left, to none. Raises as `Bill.begin` does."""
    asked = {"calls": calls, "tokens": _tokens(usage), "microdollars": usage.microdollars}
    charges = []
    for account in accounts:
        for begins_at, ends_at, seconds, fits, charged, *limits in execute(
            _CHARGES[account.unit], {"owner": account.owner, **asked}
        ):
            if not charged:
                _refuse(account.unit, ends_at, seconds, possible=fits, asked=asked, limits=limits)
            charges.append(Charge(account, begins_at))
    return charges


def _refuse(  # noqa: PLR0913 - what is known of the refusal
    unit: str, ends_at: datetime, seconds: float, *, possible: bool, asked: dict[str, int], limits: Sequence[Any]
) -> None:
    if unit == "minute" and possible:
        raise Postponed(max(seconds, _SHORTEST_WAIT), reason=WaitingFor.BUDGET)
    whose = "agent" if unit == "minute" else "task"
    allowed = ", ".join(f"{limit} {name}" for name, limit in zip(asked, limits, strict=True) if limit is not None)
    if not possible:
        message = f"The call would use up more than the {whose}'s budget of one {unit} ({allowed}): raise it, or ask for less."
    else:
        again = ends_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        message = f"The {whose}'s budget of this {unit} ({allowed}) is used up: it is free again from {again} on."
    raise StepFailed(StepError(ErrorClass.PERMANENT, "budget_exhausted", message))


def _tokens(usage: Usage) -> int:
    return usage.tokens_in + usage.tokens_out
