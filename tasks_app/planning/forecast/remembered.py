"""A schedule that is asked again and again for the same window: what it answered is kept."""

from bisect import bisect_right
from dataclasses import replace
from datetime import UTC, datetime
from itertools import takewhile
from typing import Self

from schedules import DstPolicy, Schedule
from schedules.series import in_utc
from schedules.timing import instants_after
from tasks_app.planning.forecast.subject import Subject


def remembering(subject: Subject) -> Subject:
    """The same task, whose schedule is evaluated once."""
    return replace(subject, timing=replace(subject.timing, schedule=Remembered(subject.timing.schedule)))


class Remembered:
    """Answers as `schedule` does, in UTC. What follows the first moment asked for is kept as far as it was asked for."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._under: dict[DstPolicy, Self] = {}
        self._from: datetime | None = None
        self._instants: list[datetime] = []
        self._ended = False

    @property
    def dst_policy(self) -> DstPolicy | None:
        return self._schedule.dst_policy

    def with_policy(self, policy: DstPolicy) -> Self:
        if policy not in self._under:
            self._under[policy] = type(self)(self._schedule.with_policy(policy))
        return self._under[policy]

    def after(self, moment: datetime, limit: int = 1) -> list[datetime]:
        moment = in_utc(moment)
        self._from = self._from or moment
        known_until = self._instants[-1] if self._instants else self._from
        if not self._from <= moment <= known_until:
            return self._schedule.after(moment, limit)
        index = bisect_right(self._instants, moment)
        missing = index + limit - len(self._instants)
        if missing > 0 and not self._ended:
            found = self._schedule.after(known_until, missing)
            self._instants += [instant.astimezone(UTC) for instant in found]
            self._ended = len(found) < missing
        return self._instants[index : index + limit]

    def between(self, start: datetime, end: datetime) -> list[datetime]:
        last = in_utc(end)
        return list(takewhile(lambda instant: instant <= last, instants_after(self, start)))
