"""What do `now` and its offsets mean?

Seconds, minutes and hours are elapsed time; days and weeks are calendar days of the task's zone: `now + 1d` is the same
local time tomorrow, also when the clocks change tonight. A local time that does not exist moves forward by the gap.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

TIME_WORDS = frozenset({"now", "now_iso", "now_date", "date"})
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_PARTS = re.compile(r"(\d+)([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_DAYS = {"d": 1, "w": 7}
_MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Offset:
    """A distance in time: calendar days, then elapsed seconds."""

    days: int = 0
    seconds: float = 0


def words_for(now: datetime) -> dict[str, Any]:
    """What the time words stand for in a run whose moment is `now`."""
    day = now.date().isoformat()
    return {"now": now, "now_iso": as_text(now), "now_date": day, "date": day}


def as_text(moment: datetime) -> str:
    """ISO 8601 with offset, to the second."""
    return moment.isoformat(timespec="seconds")


def offset(text: str) -> Offset:
    """Read `24h`, `7d`, `1h30m`."""
    parts = [(int(count), unit) for count, unit in _PARTS.findall(text)]
    return Offset(
        days=sum(count * _DAYS[unit] for count, unit in parts if unit in _DAYS),
        seconds=sum(count * _SECONDS[unit] for count, unit in parts if unit in _SECONDS),
    )


def moved(moment: datetime, by: Offset, *, back: bool = False) -> datetime:
    """The moment `by` later, or earlier. Raises `ValueError` beyond a hundred years."""
    if by.days + by.seconds / 86_400 > _MOST_DAYS:
        raise ValueError("a time can be moved by a hundred years at most")
    sign = -1 if back else 1
    there = (moment + timedelta(days=sign * by.days)).astimezone(UTC) + timedelta(seconds=sign * by.seconds)
    return there.astimezone(moment.tzinfo)


def as_moment(value: Any) -> datetime | None:
    """A time, or ISO 8601 text with an offset, as a time; None for anything else."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def as_day(value: Any) -> date | None:
    """`2026-10-24` as a day; None for anything else."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
