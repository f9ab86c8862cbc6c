"""When a task is due, all told: its schedule within its bounds, its calendar, its jitter and its quiet hours.

    schedule ─▶ gaps of the clock ─▶ calendar ─▶ bounds ─▶ jitter ─▶ snoozes ─▶ quiet hours ─▶ Occurrence
                (gap policy skip)    (withheld or moved)             (put off)  (deferred or withheld)

What comes out is every nominal instant, ascending: those that make a run, and those withheld, with the reason. The same
stream serves the tick, the preview and the simulation, so that what is shown is what later happens.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import chain, takewhile
from typing import Final
from zoneinfo import ZoneInfo

from schedules.calendars import CalendarPolicy, DateSet, roll
from schedules.dst import DstPolicy
from schedules.occurrence import BLACKOUT, DST_GAP, HOLIDAY, Occurrence
from schedules.quiet_hours import NO_QUIET_HOURS, QuietHours
from schedules.recurrence.text import LAST_YEAR
from schedules.series import Schedule, in_utc
from schedules.snoozes import Snooze, next_arrival, put_off

_JUST_BEFORE: Final = timedelta(microseconds=1)
_FIRST_CHUNK: Final = 8  # after the next instant, which is most often all that is wanted
_LARGEST_CHUNK: Final = 1000
_MOST_LEAPS: Final = 200
_YEARS_AHEAD: Final = 3  # in which a business day is looked for
_REMEMBERED: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Everything that decides when one task is due. Immutable.

    starts_at, ends_at: instants (UTC) outside of which none counts. calendar: the days on which it does not run as planned.
    jitter: the width of the window in which the run begins; spread: where in it, 0 <= spread < 1, always the same for one task.
    snoozes: single instants that somebody put off.
    """

    schedule: Schedule
    zone: ZoneInfo
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    calendar: DateSet | None = None
    calendar_policy: CalendarPolicy = "exclude"
    jitter: timedelta = timedelta()
    spread: float = 0.0
    snoozes: tuple[Snooze, ...] = ()
    quiet_hours: QuietHours = NO_QUIET_HOURS

    @property
    def plain(self) -> bool:
        """Whether every instant of the schedule makes a run at once."""
        return not (
            self.starts_at
            or self.ends_at
            or self.calendar is not None
            or self.jitter
            or self.snoozes
            or self.quiet_hours.windows
            or self._skips_gaps
        )

    def after(self, moment: datetime, *, deferred_to: datetime | None = None) -> Iterator[Occurrence]:
        """Every nominal instant strictly after `moment`, ascending, found one by one: there may be no end.

        deferred_to: the end of the quiet hours (UTC) that a run was deferred to last.
        """
        moment = in_utc(moment)
        if self.plain:
            return self._kept(moment)
        if self.starts_at:
            moment = max(moment, self.starts_at - _JUST_BEFORE)
        occurrences = self._jittered(self._bounded(self._on_days(moment)))
        if self.snoozes:
            occurrences = put_off(occurrences, self.snoozes, after=moment)
        return self._outside_quiet_hours(occurrences, deferred_to)

    def next_fire(self, moment: datetime, *, deferred_to: datetime | None = None) -> datetime | None:
        """The first instant after `moment` that makes a run; None when there is none, or none after long stretches without one.

        Days off and quiet hours are leapt over, so that a dense schedule costs no more there than a sparse one.
        """
        start: datetime | None = moment
        for _ in range(_MOST_LEAPS):
            each = next(self.after(start, deferred_to=deferred_to), None) if start else None
            if each is None:
                return None
            if not each.withheld:
                return each.at
            start, deferred_to = self._end_of_withheld(each, deferred_to)
            if arrival := next_arrival(self.snoozes, after=each.at):  # which may lie within what is leapt over
                start = min(start or arrival, arrival - _JUST_BEFORE)
        return None

    def _end_of_withheld(
        self, each: Occurrence, deferred_to: datetime | None
    ) -> tuple[datetime | None, datetime | None]:
        """Up to when everything from a withheld instant on is withheld, too, None for ever; and the quiet hours that are
        deferred to by then.
        """
        if each.withheld == HOLIDAY:
            business_day = self._business_day_after(each.at)
            return business_day and max(business_day - _JUST_BEFORE, each.at), deferred_to
        quiet_until = self.quiet_hours.end_after(each.start, zone=self.zone) if each.withheld == BLACKOUT else None
        if quiet_until is None:
            return each.at, deferred_to
        return max(quiet_until - self.spread * self.jitter - _JUST_BEFORE, each.at), quiet_until

    def _business_day_after(self, moment: datetime) -> datetime | None:
        """The beginning (UTC) of the first day outside the calendar after that of `moment`; None within years."""
        assert self.calendar is not None
        today = moment.astimezone(self.zone).date()
        if today.year > LAST_YEAR - _YEARS_AHEAD:
            return moment
        days = (today + timedelta(days=number) for number in range(1, 366 * _YEARS_AHEAD))
        business_day = next((day for day in days if self.calendar.name_of(day) is None), None)
        if business_day is None:
            return None
        return datetime.combine(business_day, time(), tzinfo=self.zone).astimezone(UTC)

    def occurrence_at(self, moment: datetime) -> Occurrence | None:
        """What something that happens at `moment` is to the task, whatever its schedule; None outside of its bounds.

        Of several within the same quiet hours each waits for their end: unlike a schedule's instants, no two are alike.
        """
        moment = in_utc(moment)
        if (self.starts_at and moment < self.starts_at) or (self.ends_at and moment > self.ends_at):
            return None
        day = moment.astimezone(self.zone).date()
        if self.calendar is not None and (name := self.calendar.name_of(day)) is not None:
            return Occurrence(moment, moment, HOLIDAY, name)
        start = moment + self.spread * self.jitter
        return Occurrence(moment, self.quiet_hours.end_after(start, zone=self.zone) or start)

    @property
    def _skips_gaps(self) -> bool:
        return self.schedule.dst_policy is not None and self.schedule.dst_policy.gap == "skip"

    def _on_days(self, moment: datetime) -> Iterator[Occurrence]:
        if self.calendar is None:
            return self._with_gaps(moment) if self._skips_gaps else self._kept(moment)
        # A moved instant is read again on its new day: there, too, a time may not exist.
        rolled = roll(
            lambda start: instants_after(self.schedule, start),
            after=moment,
            zone=self.zone,
            days=self.calendar,
            policy=self.calendar_policy,
            dst=self.schedule.dst_policy or DstPolicy(),
        )
        occurrences = (
            Occurrence(each.at, each.at, HOLIDAY if each.withheld else "", each.withheld or "", each.moved_from)
            for each in rolled
        )
        return _with_gaps_of(self._with_gaps(moment), occurrences) if self._skips_gaps else occurrences

    def _kept(self, moment: datetime) -> Iterator[Occurrence]:
        return (Occurrence(at, at) for at in instants_after(self.schedule, moment))

    def _with_gaps(self, moment: datetime) -> Iterator[Occurrence]:
        """With the instants that the schedule would have if it did not skip the times that clocks leave out."""
        policy = self.schedule.dst_policy
        assert policy is not None
        nominal = self.schedule.with_policy(replace(policy, gap="rfc"))
        kept = instants_after(self.schedule, moment)
        next_kept = next(kept, None)
        for at in instants_after(nominal, moment):
            if at == next_kept:
                yield Occurrence(at, at)
                next_kept = next(kept, None)
            else:
                yield Occurrence(at, at, DST_GAP, "This time of day did not exist on that day.")
        while next_kept is not None:  # COUNT ends the rule later when it skips
            yield Occurrence(next_kept, next_kept)
            next_kept = next(kept, None)

    def _bounded(self, occurrences: Iterator[Occurrence]) -> Iterator[Occurrence]:
        end = self.ends_at
        return occurrences if end is None else takewhile(lambda each: each.at <= end, occurrences)

    def _jittered(self, occurrences: Iterator[Occurrence]) -> Iterator[Occurrence]:
        if not self.jitter:
            yield from occurrences
            return
        this = next(occurrences, None)
        while this is not None:
            following = next(occurrences, None)
            window = min(self.jitter, following.at - this.at) if following else self.jitter
            yield this if this.withheld else replace(this, start=this.at + self.spread * window)
            this = following

    def _outside_quiet_hours(
        self, occurrences: Iterator[Occurrence], deferred_to: datetime | None
    ) -> Iterator[Occurrence]:
        """The first of a window waits for its end, the others of that window have nothing left to do."""
        if not self.quiet_hours.windows:
            yield from occurrences
            return
        taken = deferred_to
        for each in occurrences:
            end = None if each.withheld else self.quiet_hours.end_after(each.start, zone=self.zone)
            if end is None:
                yield each
            elif taken is not None and end == taken:
                yield replace(
                    each, withheld=BLACKOUT, detail=f"A run waits for the quiet hours to end at {end:%H:%M} UTC."
                )
            else:
                taken = end
                yield replace(each, start=end, deferred=True)


def instants_after(schedule: Schedule, moment: datetime) -> Iterator[datetime]:
    """The instants of a schedule strictly after `moment`, in UTC, asked for in growing handfuls."""
    instant = next_after(schedule, moment)
    size = _FIRST_CHUNK
    while instant is not None:
        yield instant
        chunk = [each.astimezone(UTC) for each in schedule.after(instant, limit=size)]
        yield from chunk[:-1]
        instant = chunk[-1] if len(chunk) == size else None
        if chunk and instant is None:
            yield chunk[-1]
        size = min(size * 8, _LARGEST_CHUNK)


@lru_cache(maxsize=_REMEMBERED)
def next_after(schedule: Schedule, moment: datetime) -> datetime | None:
    """The first instant after `moment`, in UTC. Remembered, as what is due together is often due by the same schedule."""
    found = schedule.after(moment)
    return found[0].astimezone(UTC) if found else None


def spread_of(key: bytes) -> float:
    """A number from 0 up to 1 that is always the same for one key, and evenly spread over many."""
    return int.from_bytes(blake2b(key, digest_size=6).digest()) / 2**48


def _with_gaps_of(marked: Iterator[Occurrence], occurrences: Iterator[Occurrence]) -> Iterator[Occurrence]:
    """`occurrences`, with the gaps of `marked` between them; of that no more is read than lies before the next one."""
    one = next(marked, None)
    for each in occurrences:
        while one is not None and one.at <= each.at:
            if one.withheld and one.at < each.at:
                yield one
            one = next(marked, None)
        yield each
    if one is not None:
        yield from (each for each in chain([one], marked) if each.withheld)
