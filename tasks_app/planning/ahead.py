"""Which instants of a task are still to come, read as the ticks will read them."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from schedules.occurrence import Occurrence
from schedules.timing import Timing
from tasks_app.models import Task
from tasks_app.planning.decide import decide, from_cursor
from tasks_app.planning.standing import Standing
from tasks_app.states import TaskStatus

_ROUNDS: Final = 10
_JUST: Final = timedelta(microseconds=1)
_STEP: Final = timedelta(minutes=15)
_LONGEST_QUIET: Final = timedelta(days=8)  # windows that follow on each other leave some time in every week


@dataclass(frozen=True)
class Ahead:
    """A task as it stands once every instant that has come is decided on."""

    task: Task
    timing: Timing
    standing: Standing

    @classmethod
    def of(cls, task: Task, timing: Timing, *, standing: Standing, now: datetime) -> "Ahead":
        """Decide on what has come up to `now`, as the next tick will; `task` itself stays as it is."""
        settled = copy(task)
        for _ in range(_ROUNDS):
            if settled.due_at is None or settled.due_at > now:
                break
            plan = decide(settled, timing, now=now, standing=standing)
            settled.occurrences += len(plan.fires)
            settled.due_at = plan.due_at
            if plan.fires:
                standing = replace(standing, deferred_to=plan.fires[-1].start)
        return cls(settled, timing, standing)

    def walk(self, moment: datetime) -> Iterator[Occurrence]:
        """The instants from `moment` (UTC) on, ascending, to the last one of the series.

        Earlier ones come first where they matter for what follows: with max_occurrences, and where a run may wait for the end
        of the quiet hours.
        """
        left = self.left
        if left is None:
            yield from self._from(moment)
            return
        for each in self._from_cursor() if left > 0 else ():
            yield each
            left -= self.fires(each)
            if left == 0:
                return

    @property
    def left(self) -> int | None:
        """How many runs its schedule still gives, where that is limited."""
        return self.task.max_occurrences - self.task.occurrences if self.task.max_occurrences else None

    def fires(self, each: Occurrence) -> bool:
        """Whether it makes a run, as far as that can be known before its time."""
        return not each.withheld and self.task.status != TaskStatus.PAUSED

    def _from(self, moment: datetime) -> Iterator[Occurrence]:
        start = _before_quiet_hours(moment, self.timing)
        if self.task.due_at is None or start < self.task.due_at:
            return self._from_cursor()
        return self.timing.after(start)

    def _from_cursor(self) -> Iterator[Occurrence]:
        return from_cursor(self.task, self.timing, self.standing) if self.task.due_at else iter(())


def _before_quiet_hours(moment: datetime, timing: Timing) -> datetime:
    """A moment from which on it is clear which instant is the first in the quiet hours that `moment` may lie in."""
    quiet = timing.quiet_hours
    start = moment
    while quiet.end_after(start, zone=timing.zone) and moment - start < _LONGEST_QUIET:
        start -= _STEP
    return start - timing.jitter if quiet.windows else moment
