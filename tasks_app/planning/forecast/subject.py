"""One task as it is forecast."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final

from schedules.timing import Timing
from tasks_app.models import Task

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)  # beyond these the calendar's own ends are near
LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)
UNKNOWN_DURATION: Final = timedelta(seconds=1)
_TENTH: Final = timedelta(milliseconds=100)


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` up to, not including, `end` (UTC), both between `EARLIEST` and `LATEST`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """A task, its timing, and how long a run of it lasts."""

    task: Task
    timing: Timing
    lasts: timedelta = UNKNOWN_DURATION


def rounded_up(seconds: float) -> timedelta:
    """To a tenth of a second, and no less than one: a forecast must not change with every millisecond measured."""
    return max(ceil(seconds * 10), 1) * _TENTH
