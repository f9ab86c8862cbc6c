"""What every schedule can be asked."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, takewhile
from typing import Final, Protocol, Self, runtime_checkable

from schedules.dst import DstPolicy

FIRST_MOMENT: Final = datetime(3, 1, 1, tzinfo=UTC)
LAST_MOMENT: Final = datetime(9999, 12, 3, tzinfo=UTC)


@runtime_checkable
class Schedule(Protocol):
    """When something is due: a set of distinct instants, read in ascending order.

    Every moment given must be aware (a naive one raises `ValueError`); every instant answered is aware, in the
    schedule's own zone. Do not compare two of them directly: datetimes of one zone compare without their offset.
    """

    @property
    def dst_policy(self) -> DstPolicy | None:
        """How it reads local times where clocks change; None when it has none to read."""
        ...

    def with_policy(self, policy: DstPolicy) -> Self:
        """The same schedule under another policy; itself when it has none. Costs no parsing."""
        ...

    def __hash__(self) -> int:
        """Equal schedules are interchangeable."""
        ...

    def after(self, moment: datetime, limit: int = 1) -> list[datetime]:
        """The first `limit` instants strictly after `moment`; fewer, or none, when the schedule ends before."""
        ...

    def between(self, start: datetime, end: datetime) -> list[datetime]:
        """Every instant t with `start` < t <= `end`, so that adjoining windows share none and miss none."""
        ...


class Series(ABC):
    """A schedule made from one ascending stream of instants."""

    dst_policy: DstPolicy | None = None

    def with_policy(self, policy: DstPolicy) -> Self:
        return self

    def after(self, moment: datetime, limit: int = 1) -> list[datetime]:
        return list(islice(self._instants_after(in_utc(moment)), limit))

    def between(self, start: datetime, end: datetime) -> list[datetime]:
        last = in_utc(end)
        return list(takewhile(lambda instant: instant.astimezone(UTC) <= last, self._instants_after(in_utc(start))))

    @abstractmethod
    def _instants_after(self, moment: datetime) -> Iterator[datetime]:
        """Distinct ascending instants strictly after `moment` (in UTC), each in the schedule's zone."""


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC; one at the ends of the calendar, where no schedule has instants, a little nearer."""
    if moment.tzinfo is None:
        raise ValueError("the moment must be aware: give it a time zone")
    if FIRST_MOMENT.year < moment.year < LAST_MOMENT.year:
        return moment.astimezone(UTC)
    return FIRST_MOMENT if moment.year <= FIRST_MOMENT.year else LAST_MOMENT
