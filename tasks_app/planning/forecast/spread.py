"""Which jitter would lower the peaks. What is proposed has been forecast: the peaks told are those under all of it.

A task's offset within its jitter is its own and stable, so the same tasks get the same proposal. Left alone are tasks that
have jitter already, that run once, or whose densest gap leaves no room.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from schedules import densest_gap
from schedules.occurrence import Occurrence
from schedules.timing import Timing, spread_of
from tasks_app.planning.forecast.engine import Forecast
from tasks_app.planning.forecast.peaks import load_of, peaks
from tasks_app.planning.forecast.subject import Subject
from tasks_app.states import ScheduleKind

MOST_PROPOSALS: Final = 200
_WIDTHS: Final = (120, 300, 600, 900, 1800, 3600)  # seconds
_MOST_ROUNDS: Final = 4
_MINUTE: Final = timedelta(minutes=1)

Again = Callable[[Sequence[Subject]], Forecast]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A jitter for one task, and the highest minute that it takes part in, before and after all proposals are followed."""

    subject: Subject
    jitter_seconds: int
    peak_before: int
    peak_after: int


@dataclass(frozen=True, slots=True)
class Spread:
    """left_out: tasks of the highest minutes that could be moved, too, but were more than are looked at."""

    proposals: Sequence[Proposal] = ()
    left_out: int = 0


def spread(before: Forecast, *, again: Again) -> Spread:
    """Propose jitter for the tasks of the highest minutes; nothing where nothing is gained.

    again: forecasts the same window with other subjects.
    """
    movable = _movable(before)
    widths = _widths(before, movable[:MOST_PROPOSALS])
    highest = _highest_minutes(before)
    for _ in range(_MOST_ROUNDS):
        if not widths:
            break
        after = _highest_minutes(again(_with_jitter(before.subjects, widths)))
        gained = {number: width for number, width in widths.items() if after.get(number, 0) < highest[number]}
        if len(gained) == len(widths):
            proposals = [
                Proposal(before.subjects[number], width, highest[number], after.get(number, 0))
                for number, width in sorted(widths.items(), key=lambda item: (-highest[item[0]], item[0]))
            ]
            return Spread(proposals, len(movable[MOST_PROPOSALS:]))
        widths = gained
    return Spread()


def _movable(forecast: Forecast) -> list[int]:
    """The tasks of the highest minutes that may be given jitter, those of the very highest first."""
    numbers = dict.fromkeys(number for peak in peaks(forecast) for number in peak.subjects)
    return [number for number in numbers if _may_move(forecast.subjects[number])]


def _may_move(subject: Subject) -> bool:
    return not subject.timing.jitter and subject.task.schedule_kind != ScheduleKind.ONCE


def _widths(forecast: Forecast, numbers: Sequence[int]) -> dict[int, int]:
    """For one task after the other the narrowest jitter under which its highest minute is lowest, if it helps at all."""
    load = load_of(forecast.starts.values())
    chosen: dict[int, int] = {}
    for number in numbers:
        subject, now = forecast.subjects[number], Counter(second // 60 for second in forecast.starts[number])
        load.subtract(now)
        offers = {0: now} | {width: _minutes(subject, width, forecast) for width in _fitting(subject)}
        width = min(
            offers, key=lambda width: max((load[minute] + own for minute, own in offers[width].items()), default=0)
        )
        load.update(offers[width])
        if width:
            chosen[number] = width
    return chosen


def _fitting(subject: Subject) -> list[int]:
    """The widths of at most half of the densest gap between its instants; none when it has only one."""
    gap = densest_gap(subject.task.schedule)
    return [width for width in _WIDTHS if gap and width <= gap.total_seconds() / 2]


def _minutes(subject: Subject, width: int, forecast: Forecast) -> Counter[int]:
    """How many runs begin in which minute under the jitter, if none is skipped."""
    return Counter(
        (each.start - forecast.base) // _MINUTE
        for each in _instants(_jittered(subject, width).timing, forecast)
        if not each.withheld and each.start < forecast.looked_until
    )


def _instants(timing: Timing, forecast: Forecast) -> Iterator[Occurrence]:
    """Those that were looked at, and the one after them."""
    for each in timing.after(forecast.window.start - timedelta(microseconds=1)):
        yield each
        if each.at >= forecast.looked_until:
            return


def _with_jitter(subjects: Sequence[Subject], widths: Mapping[int, int]) -> list[Subject]:
    return [
        _jittered(subject, widths[number]) if number in widths else subject for number, subject in enumerate(subjects)
    ]


def _jittered(subject: Subject, width: int) -> Subject:
    timing = replace(subject.timing, jitter=timedelta(seconds=width), spread=spread_of(subject.task.pk.bytes))
    return replace(subject, timing=timing)


def _highest_minutes(forecast: Forecast) -> dict[int, int]:
    """For each task with runs the highest minute that it takes part in."""
    load = load_of(forecast.starts.values())
    return {
        number: max(load[second // 60] for second in seconds) for number, seconds in forecast.starts.items() if seconds
    }
