"""When something that happens once is due, and what is never due."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from schedules.dst import instant_of
from schedules.errors import InvalidSchedule
from schedules.recurrence.text import FIRST_YEAR, LAST_YEAR
from schedules.series import Series
from schedules.zones import zone

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)


class Once(Series):
    """One ISO 8601 instant, such as 2026-03-01T09:00 (local to `timezone`) or 2026-03-01T09:00Z.

    A local time in a gap is read with the offset before it; an ambiguous one is the first. `written` is the local time
    (naive) as it was given, None for an instant with an offset. Immutable. Raises `InvalidSchedule` with the cure.
    """

    def __init__(self, expr: str, *, timezone: str) -> None:
        self.zone = zone(timezone)
        moment = _parsed(expr.strip().upper())
        self.written: datetime | None = None if moment.tzinfo else moment
        try:
            if moment.tzinfo is None:
                moment = instant_of(moment, zone=self.zone)
            self.instant = moment.astimezone(self.zone)
        except OverflowError as error:
            raise _beyond() from error
        if not FIRST_YEAR <= self.instant.year <= LAST_YEAR:
            raise _beyond()

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, Once) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Once({self.instant.isoformat()!r}, timezone={self.zone.key!r})"

    @property
    def _key(self) -> tuple[datetime, str]:
        return self.instant.astimezone(UTC), self.zone.key

    def _instants_after(self, moment: datetime) -> Iterator[datetime]:
        if self.instant.astimezone(UTC) > moment:
            yield self.instant


class Never(Series):
    """What has no times of its own: a manual task, or one that answers to events or to a condition."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Never) or NotImplemented

    def __hash__(self) -> int:
        return hash(Never)

    def __repr__(self) -> str:
        return "Never()"

    def _instants_after(self, moment: datetime) -> Iterator[datetime]:
        return iter(())


def _beyond() -> InvalidSchedule:
    return InvalidSchedule("schedule_expr", f"the instant must lie in the years {FIRST_YEAR} to {LAST_YEAR}")


def _parsed(text: str) -> datetime:
    if _INSTANT.fullmatch(text) is None:
        raise InvalidSchedule(
            "schedule_expr", f"{text[:40]!r} is not an ISO 8601 instant: write 2026-03-01T09:00 or 2026-03-01T09:00Z"
        )
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidSchedule("schedule_expr", f"{text} is not a possible date: {error}") from error
