"""What clocks, calendars, jitter and quiet hours did to an instant, in words.

A note is derived from the schedule itself: an instant that it would not have if it skipped gaps was moved out of one, and an
instant whose local reading has two offsets is one of a fold. Both are looked for only near a change of the zone's offset.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import Literal, Self
from zoneinfo import ZoneInfo

from schedules.dst import Gap as GapPolicy
from schedules.dst import transition_between
from schedules.occurrence import BLACKOUT, DST_GAP, HOLIDAY, Occurrence
from schedules.once import Once
from schedules.series import Schedule
from schedules.timing import Timing, instants_after

Code = Literal[
    "gap_moved",
    "gap_skipped",
    "fold_first",
    "fold_second",
    "holiday",
    "rolled",
    "jitter",
    "snoozed",
    "deferred",
    "blackout",
]

_WIDEST = timedelta(days=1)  # of a gap: an island that crosses the date line leaves out a day
_JUST = timedelta(microseconds=1)
_MOST_NAMED = 3
_BUSINESS_DAY = {"next_business_day": "the next business day", "previous_business_day": "the business day before"}


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was done to an instant: a word for programs, a sentence for people."""

    code: Code
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Local times that clocks leave out: they go from `begin` to `end` (naive) at the instant `at` (UTC)."""

    at: datetime
    begin: datetime
    end: datetime

    @classmethod
    def before(cls, instant: datetime, *, zone: ZoneInfo) -> Self | None:
        """The gap out of which `instant` may have been moved: it lies no longer after the change than the gap is wide."""
        start = instant - _WIDEST
        if _offset(start, zone) >= _offset(instant, zone):
            return None
        at = transition_between(start, instant, zone=zone)
        gap = cls(at, _naive(at, _offset(start, zone)), _naive(at, _offset(instant, zone)))
        return gap if instant - at < gap.end - gap.begin else None

    @classmethod
    def around(cls, local: datetime, *, zone: ZoneInfo) -> Self | None:
        """The gap in which a naive local time lies; None for one that exists."""
        aware = local.replace(tzinfo=zone, fold=0)
        gap = cls.before(aware.astimezone(UTC), zone=zone)
        return gap if gap and gap.begin <= local < gap.end else None

    def nominal(self, instant: datetime) -> datetime:
        """The local time (naive) that an instant after the gap has by the offset before it (RFC 5545, 3.3.5)."""
        return self.begin + (instant - self.at)

    def __str__(self) -> str:
        return f"the clocks go from {_clock(self.begin)} to {_clock(self.end)}"


def notes_of(occurrence: Occurrence, *, timing: Timing) -> tuple[Note, ...]:
    """Everything that was done to an occurrence of `timing`, in the order in which it was done."""
    return tuple(
        note
        for note in (
            _calendar_note(occurrence, timing),
            _gap_note(occurrence, timing),
            _snooze_note(occurrence, timing),
            fold_note(occurrence.at, zone=_zone_of(occurrence, timing)),
            _start_note(occurrence, timing),
        )
        if note
    )


def fold_note(instant: datetime, *, zone: ZoneInfo) -> Note | None:
    """Which of two it is, for an instant whose local time happens twice."""
    local = instant.astimezone(zone)
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return None
    words: tuple[Code, str] = ("fold_second", "second") if local.fold else ("fold_first", "first")
    return Note(words[0], f"{_clock(local)} happens twice on {local:%Y-%m-%d}: this is the {words[1]}.")


def _calendar_note(occurrence: Occurrence, timing: Timing) -> Note | None:
    if occurrence.withheld == HOLIDAY:
        moved = _BUSINESS_DAY.get(timing.calendar_policy)
        day = f"{occurrence.at.astimezone(timing.zone):%Y-%m-%d} is a day off ({occurrence.detail})"
        return Note("holiday", f"{day}: moved to {moved}." if moved else f"{day}.")
    if occurrence.moved_from is None:
        return None
    assert timing.calendar is not None
    origin = occurrence.moved_from.astimezone(timing.zone)
    name = timing.calendar.name_of(origin.date())
    return Note("rolled", f"Moved here from {origin:%a %Y-%m-%d %H:%M}, which is a day off ({name}).")


def _gap_note(occurrence: Occurrence, timing: Timing) -> Note | None:
    zone = _zone_of(occurrence, timing)
    gap = None if occurrence.snoozed_from else Gap.before(occurrence.at, zone=zone)
    if gap is None:
        return None
    if occurrence.withheld == DST_GAP:
        return Note("gap_skipped", f"{_missing([gap.nominal(occurrence.at)], gap)}; skipped.")
    if occurrence.moved_from:
        nominal = _rolled_into(gap, occurrence.moved_from.astimezone(timing.zone).time())
    else:
        nominal = _moved_out_of(gap, occurrence.at, timing.schedule)
    if nominal is None:
        return None
    return Note("gap_moved", f"{_missing(nominal, gap)}; moved to {_clock(occurrence.at.astimezone(zone))}.")


def _rolled_into(gap: Gap, clock: time) -> list[datetime] | None:
    """The local time in the gap to which the calendar moved an instant of that clock time; None when it lies beside it."""
    times = (datetime.combine(day, clock.replace(fold=0)) for day in {gap.begin.date(), gap.end.date()})
    return [local for local in times if gap.begin <= local < gap.end] or None


def _moved_out_of(gap: Gap, instant: datetime, schedule: Schedule) -> list[datetime] | None:
    """The local times in the gap for which a schedule has `instant`, none if they cannot be told; None when it has it anyway."""
    if isinstance(schedule, Once):
        written = schedule.written
        return [written] if written and gap.begin <= written < gap.end else None
    policy = schedule.dst_policy
    if policy is None or _has(_under(schedule, "skip"), instant):
        return None
    return [gap.nominal(instant)] if policy.gap == "rfc" else _left_out(gap, schedule)


def _left_out(gap: Gap, schedule: Schedule) -> list[datetime]:
    """The local times that a schedule has in a gap; none when some cannot be told from those it has right after it."""
    closed = gap.at + (gap.end - gap.begin)
    shifted = takewhile(lambda each: each < closed, instants_after(_under(schedule, "rfc"), gap.at - _JUST))
    nominal = []
    for each in shifted:
        if _has(_under(schedule, "skip"), each):
            return []
        nominal.append(gap.nominal(each))
    return nominal


def _snooze_note(occurrence: Occurrence, timing: Timing) -> Note | None:
    if occurrence.snoozed_to:
        return snoozed_away(occurrence.snoozed_to, zone=timing.zone, reason=occurrence.detail)
    return snoozed_here(occurrence.snoozed_from, zone=timing.zone) if occurrence.snoozed_from else None


def snoozed_away(to: datetime, *, zone: ZoneInfo, reason: str) -> Note:
    """Of an instant that somebody put off to `to` (UTC)."""
    because = f": {reason}" if reason else "."
    return Note("snoozed", f"Snoozed to {_day_and_clock(to.astimezone(zone))}{because}")


def snoozed_here(origin: datetime, *, zone: ZoneInfo) -> Note:
    """Of an instant to which that of `origin` (UTC) was put off."""
    return Note("snoozed", f"Snoozed here from {_day_and_clock(origin.astimezone(zone))}.")


def _start_note(occurrence: Occurrence, timing: Timing) -> Note | None:
    start, zone = occurrence.start, timing.zone
    quiet = timing.quiet_hours
    if occurrence.withheld == BLACKOUT:
        end = quiet.end_after(start, zone=zone)
        until = f" until {_day_and_clock(end.astimezone(zone))}" if end else ""
        return Note("blackout", f"It lies in quiet hours{until}, for whose end an earlier one waits already.")
    if occurrence.withheld or start == occurrence.at:
        return None
    if quiet.windows and quiet.end_after(start - _JUST, zone=zone) == start:
        return Note(
            "deferred", f"It lies in quiet hours: it begins at their end, {_day_and_clock(start.astimezone(zone))}."
        )
    late = timedelta(seconds=round((start - occurrence.at).total_seconds()))
    return Note("jitter", f"Begins {_duration(late)} later.")


@lru_cache(maxsize=100)
def _under(schedule: Schedule, gap: GapPolicy) -> Schedule:
    """A schedule with another policy for gaps, kept for the instants beside: what it knows of its COUNT took time."""
    assert schedule.dst_policy is not None
    return schedule.with_policy(replace(schedule.dst_policy, gap=gap))


def _has(schedule: Schedule, instant: datetime) -> bool:
    return next(instants_after(schedule, instant - _JUST), None) == instant


def _zone_of(occurrence: Occurrence, timing: Timing) -> ZoneInfo:
    """Where its local time was read: a DTSTART with a TZID may name another zone than the task, by which calendars go."""
    own = None if occurrence.moved_from else getattr(timing.schedule, "zone", None)
    return own if isinstance(own, ZoneInfo) else timing.zone


def _missing(nominal: list[datetime], gap: Gap) -> str:
    if not nominal:
        return f"A time from {_clock(gap.begin)} to {_clock(gap.end)} does not exist on {gap.begin:%Y-%m-%d}: {gap}"
    named = ", ".join(_clock(each) for each in nominal[:_MOST_NAMED])
    more = " and more" if len(nominal) > _MOST_NAMED else ""
    verb = "does" if len(nominal) == 1 else "do"
    return f"{named}{more} {verb} not exist on {nominal[0]:%Y-%m-%d}: {gap}"


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _naive(instant: datetime, offset: timedelta) -> datetime:
    return instant.replace(tzinfo=None) + offset


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def _day_and_clock(local: datetime) -> str:
    return f"{local:%Y-%m-%d} {_clock(local)}"


def _duration(late: timedelta) -> str:
    minutes, seconds = divmod(int(late.total_seconds()), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
