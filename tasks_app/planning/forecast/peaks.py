"""The minutes in which the most runs are to begin."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nsmallest
from typing import Final

from tasks_app.planning.forecast.engine import Forecast

MOST_PEAKS: Final = 10


@dataclass(frozen=True, slots=True)
class Peak:
    """fires: runs that are to begin in the minute. subjects: the numbers of the tasks they are of, those with most first."""

    minute: datetime
    fires: int
    subjects: Sequence[int]


def load_of(starts: Iterable[Iterable[int]]) -> Counter[int]:
    """How many runs are to begin in each minute, counted from the forecast's base."""
    load: Counter[int] = Counter()
    for seconds in starts:
        load.update(second // 60 for second in seconds)
    return load


def peaks(forecast: Forecast) -> list[Peak]:
    """The highest minutes with more than one run, the highest first, of equal ones the earliest."""
    crowded = (item for item in load_of(forecast.starts.values()).items() if item[1] > 1)
    highest = nsmallest(MOST_PEAKS, crowded, key=lambda item: (-item[1], item[0]))
    return [
        Peak(forecast.base + timedelta(minutes=minute), fires, _subjects_in(forecast, minute))
        for minute, fires in highest
    ]


def _subjects_in(forecast: Forecast, minute: int) -> list[int]:
    runs = {number: _within(seconds, minute) for number, seconds in forecast.starts.items()}
    return sorted((number for number, many in runs.items() if many), key=lambda number: (-runs[number], number))


def _within(seconds: Sequence[int], minute: int) -> int:
    """How many of these ascending seconds lie in the minute."""
    return bisect_left(seconds, (minute + 1) * 60) - bisect_left(seconds, minute * 60)
