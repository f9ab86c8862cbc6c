"""What is counted while the virtual clock runs."""

from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tasks_app.models import Task
from tasks_app.planning.forecast.subject import Window

HOUR: Final = timedelta(hours=1)
_SECOND: Final = timedelta(seconds=1)
MOST_COLLISIONS: Final = 100
MOST_TASKS_OF_ONE: Final = 20


@dataclass(slots=True)
class Hour:
    """fires, skipped: instants in this hour, the latter by reason. started: runs that began in it. deepest: the most runs whose
    time had come and that had not begun. longest_wait: seconds that one which began in it had waited.
    """

    start: datetime
    fires: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    started: int = 0
    deepest: int = 0
    longest_wait: float = 0.0


@dataclass(slots=True)
class Collision:
    """A time in which more runs of one agent wanted a concurrency key than it admits.

    until: when none waited any more, None if some did at the end of the forecast. tasks: the holders, then those who waited,
    each with the run's nominal instant. longest_wait: seconds that one of them waited for the key.
    """

    agent: UUID
    key: str
    limit: int
    at: datetime
    until: datetime | None = None
    tasks: list[tuple[Task, datetime]] = field(default_factory=list)
    tasks_left_out: int = 0
    longest_wait: float = 0.0

    def involve(self, task: Task, at: datetime) -> None:
        if len(self.tasks) < MOST_TASKS_OF_ONE:
            self.tasks.append((task, at))
        else:
            self.tasks_left_out += 1


class Tally:
    """Its `starts` hold, by the number of the subject, the second of each run's start, counted from `base`."""

    def __init__(self, window: Window) -> None:
        self.base = window.start.replace(minute=0, second=0, microsecond=0)
        self.window = window
        self.hours: list[Hour] = []
        self.starts: defaultdict[int, array[int]] = defaultdict(lambda: array("q"))
        self.canceled = 0
        self.collisions: list[Collision] = []
        self.collisions_left_out = 0
        self._depth = 0

    def fired(self, number: int, at: datetime, start: datetime) -> None:
        self._hour(at).fires += 1
        if start < self.window.end:
            self.starts[number].append((start - self.base) // _SECOND)

    def skipped(self, at: datetime, reason: str) -> None:
        self._hour(at).skipped[reason] += 1

    def began(self, now: datetime, waited: timedelta) -> None:
        hour = self._hour(now)
        hour.started += 1
        hour.longest_wait = max(hour.longest_wait, waited.total_seconds())

    def depth(self, now: datetime, depth: int) -> None:
        """So many wait from now on."""
        hour = self._hour(now)
        hour.deepest = max(hour.deepest, depth)
        self._depth = depth

    def collision(self, run_of: Task, *, now: datetime) -> Collision:
        """One that begins now, since a run of the task finds no place under its key."""
        collision = Collision(run_of.created_by_id, run_of.concurrency_key, run_of.concurrency_limit, now)
        if len(self.collisions) < MOST_COLLISIONS:
            self.collisions.append(collision)
        else:
            self.collisions_left_out += 1
        return collision

    def close(self, until: datetime) -> None:
        """Let every hour up to `until` have its row."""
        if until > self.base:
            self._hour(until - timedelta(microseconds=1))

    def _hour(self, moment: datetime) -> Hour:
        number = (moment - self.base) // HOUR
        while len(self.hours) <= number:  # those who wait wait on while nothing happens
            self.hours.append(Hour(self.base + len(self.hours) * HOUR, deepest=self._depth))
        return self.hours[number]
