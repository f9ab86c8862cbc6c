"""The production engine on a virtual clock: every instant of the window is decided by `decide_on`, as the tick would.

What goes on before the window is not known to it: no run waits or goes on when it begins, and nothing of an owner's day is
used up. Runs end after the time that the task's earlier ones took, none fails, none is retried.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heapreplace
from typing import Final
from uuid import UUID

import schedules
from schedules.occurrence import BLACKOUT, Occurrence
from tasks_app.models import Task
from tasks_app.planning.decide import Plan, decide_on
from tasks_app.planning.forecast.subject import Subject, Window
from tasks_app.planning.forecast.tally import Collision, Hour, Tally
from tasks_app.planning.forecast.workers import Workers
from tasks_app.planning.standing import Standing

_JUST_BEFORE: Final = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What will happen in a window.

    looked_until: the end, or, when `truncated`, the moment before which every instant was looked at. starts: by the number of
    the subject, the seconds from `base` at which its runs may begin. waiting: runs that have not begun at the end, though
    their time has come. unreadable: tasks whose schedule cannot be evaluated; a tick would pause them.
    """

    window: Window
    looked_until: datetime
    truncated: bool
    subjects: Sequence[Subject]
    hours: Sequence[Hour]
    collisions: Sequence[Collision]
    collisions_left_out: int
    base: datetime
    starts: Mapping[int, Sequence[int]]
    canceled: int
    waiting: int
    longest_waiting: float
    unreadable: Sequence[Task]

    @property
    def fires(self) -> int:
        return sum(hour.fires for hour in self.hours)

    @property
    def started(self) -> int:
        return sum(hour.started for hour in self.hours)

    @property
    def skipped(self) -> dict[str, int]:
        total: Counter[str] = Counter()
        for hour in self.hours:
            total.update(hour.skipped)
        return dict(sorted(total.items()))


def forecast(
    subjects: Sequence[Subject],
    *,
    window: Window,
    slots: int,
    budget: int,
    runs_per_day: Mapping[UUID, int] | None = None,
) -> Forecast:
    """Let the tasks live through `window` with `slots` runs at a time, looking at `budget` instants at most.

    runs_per_day: the limit of each owner that has one.
    """
    ordered = sorted(subjects, key=lambda subject: subject.task.pk)
    return _Engine(ordered, window, slots=slots, budget=budget, limits=runs_per_day or {}).forecast()


@dataclass(slots=True)
class _Course:
    """A task on its way through the window. Its `task` is a copy, which is moved on as its row would be."""

    subject: Subject
    instants: Iterator[Occurrence]
    next: Occurrence


@dataclass(slots=True)
class _Engine:
    subjects: Sequence[Subject]
    window: Window
    slots: int
    budget: int
    limits: Mapping[UUID, int]
    tally: Tally = field(init=False)
    workers: Workers = field(init=False)
    unreadable: list[Task] = field(default_factory=list)
    spent: Counter[tuple[UUID, date]] = field(default_factory=Counter)
    deduplicated: dict[tuple[UUID, str], datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tally = Tally(self.window)
        self.workers = Workers(slots=self.slots, now=self.window.start, tally=self.tally)

    def forecast(self) -> Forecast:
        looked_until = self._go()
        self.workers.live_until(looked_until)
        self.tally.close(looked_until)
        waiting, longest_waiting = self.workers.left()
        return Forecast(
            window=self.window,
            looked_until=looked_until,
            truncated=looked_until < self.window.end,
            subjects=self.subjects,
            hours=self.tally.hours,
            collisions=self.tally.collisions,
            collisions_left_out=self.tally.collisions_left_out,
            base=self.tally.base,
            starts=self.tally.starts,
            canceled=self.tally.canceled,
            waiting=waiting,
            longest_waiting=longest_waiting,
            unreadable=self.unreadable,
        )

    def _go(self) -> datetime:
        """Answers until when every instant was looked at."""
        courses = [(course.next.at, number, course) for number, course in self._courses()]
        heapify(courses)
        looked_at, latest = 0, None
        while courses and courses[0][0] < self.window.end:
            at, number, course = courses[0]
            if looked_at >= self.budget and at != latest:  # an instant is looked at for all tasks or for none
                return max(at, self.window.start)
            looked_at, latest = looked_at + 1, at
            self._look(number, course)
            if self._goes_on(course):
                heapreplace(courses, (course.next.at, number, course))
            else:
                heappop(courses)
        return self.window.end

    def _courses(self) -> Iterator[tuple[int, _Course]]:
        for number, subject in enumerate(self.subjects):
            subject = replace(subject, task=copy(subject.task))  # noqa: PLW2901 - the caller's stays as it is
            subject.task.deferred_to = None
            instants = subject.timing.after(_beginning(subject.task, self.window) - _JUST_BEFORE)
            course = _Course(subject, instants, Occurrence(self.window.start, self.window.start))
            if self._goes_on(course):
                yield number, course

    def _goes_on(self, course: _Course) -> bool:
        """Move on to the task's next instant; false when its series has ended."""
        task = course.subject.task
        if task.max_occurrences and task.occurrences >= task.max_occurrences:
            return False
        try:
            following = next(course.instants, None)
        except schedules.InvalidSchedule:
            self.unreadable.append(task)
            return False
        if following is not None:
            course.next = following
        return following is not None

    def _look(self, number: int, course: _Course) -> None:
        task, at = course.subject.task, course.next.at
        if at < self.window.start:  # it is only counted: which of these runs are skipped is not looked at
            task.occurrences += not course.next.withheld
            return
        self.workers.live_until(at)
        plan = self._decide(course)
        if plan.ends_runs:
            self.workers.cancel_all(task)
        for fire in plan.fires:
            self.workers.plan(course.subject, fire)
            self.tally.fired(number, fire.at, fire.start)
            if task.dedupe_key:
                self.deduplicated[task.created_by_id, task.dedupe_key] = at
        for skip in plan.skips:
            self.tally.skipped(skip.at, skip.reason.value)
        task.occurrences += len(plan.fires)
        task.deferred_to = max((fire.start for fire in plan.fires if fire.deferred), default=task.deferred_to)

    def _decide(self, course: _Course) -> Plan:
        task, timing, come = course.subject.task, course.subject.timing, course.next
        standing = self._standing(task, come.at)
        if come.deferred or come.withheld == BLACKOUT:
            # The stream does not know whether a run was really deferred to the end of these quiet hours.
            come = next(timing.after(come.at - _JUST_BEFORE, deferred_to=standing.deferred_to))
        return decide_on(
            [come], task=task, timing=timing, now=come.at, standing=standing, afford=self._purse(task, come.at)
        )

    def _standing(self, task: Task, now: datetime) -> Standing:
        standing = replace(self.workers.standing(task), deferred_to=task.deferred_to)
        if not task.dedupe_key:
            return standing
        before = self.deduplicated.get((task.created_by_id, task.dedupe_key))
        repeated = before is not None and before > now - timedelta(seconds=task.dedupe_window_seconds)
        return replace(standing, repeated=repeated)

    def _purse(self, task: Task, now: datetime) -> Callable[[], bool]:
        limit = self.limits.get(task.created_by_id)
        return _without_limit if limit is None else lambda: self._take((task.created_by_id, now.date()), limit)

    def _take(self, day: tuple[UUID, date], limit: int) -> bool:
        if self.spent[day] >= limit:
            return False
        self.spent[day] += 1
        return True


def _beginning(task: Task, window: Window) -> datetime:
    """From when on its instants are looked at: a series that ends after so many runs is counted on from its cursor."""
    return task.due_at if task.max_occurrences and task.due_at else window.start


def _without_limit() -> bool:
    return True
