"""What does the next instant of a recurrence cost, beside python-dateutil, and does it depend on how old the rule is?

Each of ours is asked for the next instant after many moments of the years 2026 to 2030, in a zone that changes its
clocks, and answers in instants. The peer walks naive local times from DTSTART for one such moment, for a few seconds at most.
"""

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median, quantiles
from time import perf_counter
from typing import NamedTuple

import pytest
from dateutil.rrule import rrulestr

from schedules import InvalidRecurrence, Recurrence

ZONE = "America/New_York"
MOMENTS = 500
ROUNDS = 5
PEER_SECONDS = 5.0
LONGEST_ANSWER = 0.001
LONGEST_VALIDATION = 0.050
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
SEED = 5545

SHAPES = {
    "yearly": "RRULE:FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=25;BYHOUR=9",
    "monthly, first Monday": "RRULE:FREQ=MONTHLY;BYDAY=1MO",
    "monthly, last working day": "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "weekly, every other": "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
    "daily": "RRULE:FREQ=DAILY",
    "daily, three hours": "RRULE:FREQ=DAILY;BYHOUR=9,13,17",
    "daily, ended by COUNT": "RRULE:FREQ=DAILY;COUNT=21000",
    "daily, one EXDATE": "RRULE:FREQ=DAILY\nEXDATE:20281225T000000",
    "hourly": "RRULE:FREQ=HOURLY",
    "minutely, every 7": "RRULE:FREQ=MINUTELY;INTERVAL=7",
    "secondly, every 90": "RRULE:FREQ=SECONDLY;INTERVAL=90",
}
# The last is the day before the first of the moments.
STARTS = {year: datetime(year, 1, 1) for year in (1970, 2000)} | {2025: datetime(2025, 12, 31)}  # noqa: DTZ001  local


def _all(count: int, first: int = 0) -> str:
    return ",".join(map(str, range(first, first + count)))


HOSTILE = {
    "INTERVAL=0": "FREQ=DAILY;INTERVAL=0",
    "INTERVAL of 900 digits": "FREQ=DAILY;INTERVAL=" + "9" * 900,
    "BYMONTH=13": "FREQ=YEARLY;BYMONTH=13",
    "30 February, daily": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "30 February, secondly": "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
    "a weekday never met": "FREQ=DAILY;INTERVAL=7;BYDAY=FR",
    "a second never met": "FREQ=SECONDLY;INTERVAL=86400;BYSECOND=1",
    "29 February never met": "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",
    "29 February on a Monday": "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
    "COUNT=10**9": "FREQ=SECONDLY;COUNT=1000000000",
    "COUNT=10**9, days chosen": "FREQ=DAILY;BYDAY=MO,WE;BYMONTHDAY=1,2,3,4;BYHOUR=1,2,3;COUNT=1000000000",
    "COUNT=10**9, minutes chosen": "FREQ=MINUTELY;INTERVAL=7;BYHOUR=1,2,3;BYDAY=MO;COUNT=1000000000",
    "COUNT=10**9, seconds chosen": "FREQ=SECONDLY;INTERVAL=13;BYMINUTE=1,7;BYSECOND=5,9,58;COUNT=1000000000",
    "COUNT and a position": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=1000000000",
    "position beyond the set": "FREQ=SECONDLY;BYSECOND=5;BYSETPOS=366",
    "last second of a year": f"FREQ=YEARLY;BYHOUR={_all(24)};BYMINUTE={_all(60)};BYSECOND={_all(60)};BYSETPOS=-1",
    "long lists, secondly": f"FREQ=SECONDLY;BYSECOND={_all(60)};BYMINUTE={_all(60)};BYHOUR={_all(24)};BYYEARDAY={_all(99, 1)}",
    "long lists, yearly": f"FREQ=YEARLY;BYMONTHDAY={_all(31, 1)};BYYEARDAY={_all(80, 1)};BYWEEKNO={_all(53, 1)};BYHOUR={_all(24)};BYMINUTE={_all(60)}",
    "long lists, hourly": f"FREQ=HOURLY;INTERVAL=999983;BYMINUTE={_all(60)};BYSECOND={_all(60)};BYMONTHDAY={_all(31, 1)}",
    "a list of 1,000 characters": ("FREQ=YEARLY;BYYEARDAY=" + _all(366, 1))[:1000].rpartition(",")[0],
    "a megabyte": "FREQ=DAILY;BYHOUR=" + "1," * 500_000 + "1",
    "a megabyte of lines": "RRULE:FREQ=DAILY\n" * 60_000,
    "a megabyte of digits": "FREQ=DAILY;COUNT=" + "1" * 1_000_000,
    "a megabyte of nothing": ";" * 1_000_000,
}


@pytest.mark.timeout(600)
def test_next_instant_beside_dateutil() -> None:
    moments = _moments()
    table = {shape: _costs(rule, moments) for shape, rule in SHAPES.items()}
    peers = {
        shape: [_peer_seconds(rule, start, moments[0]) for start in STARTS.values()] for shape, rule in SHAPES.items()
    }

    print(f"\nThe next instant after {MOMENTS} moments (seed {SEED}), median of {ROUNDS} rounds; us, dateutil's in ms:")
    print(f"  {'':<27}{'since 1970':>10}{'2000':>7}{'yesterday':>10}{'p99':>6}{'parse + first':>14}", end="")
    print(f"   dateutil{'1970':>9}{'2000':>10}{'yesterday':>10}   dateutil : ours, since 1970")
    for shape, costs in table.items():
        print(f"  {shape:<27}{costs[1970].middle * 1e6:>10.0f}{costs[2000].middle * 1e6:>7.0f}", end="")
        print(f"{costs[2025].middle * 1e6:>10.0f}{_worst(costs) * 1e6:>6.0f}{costs[1970].first * 1e6:>14.0f}", end="")
        print(f"{'':>10}{''.join(f'{_shown(seconds):>10}' for seconds in peers[shape])}", end="")
        ratio = (peers[shape][0] or PEER_SECONDS) / costs[1970].middle
        print(f"{'>' if peers[shape][0] is None else '':>10}{ratio:>10,.0f} : 1")
    assert [shape for shape, costs in table.items() if costs[1970].middle > 1.5 * costs[2025].middle] == []
    assert [shape for shape, costs in table.items() if _worst(costs) >= LONGEST_ANSWER] == []


def test_judging_a_hostile_recurrence() -> None:
    verdicts = {name: _verdict(text) for name, text in HOSTILE.items()}
    seconds = {name: median(_seconds(partial(_verdict, text)) for _ in range(ROUNDS)) for name, text in HOSTILE.items()}

    print(f"\nJudging a recurrence, with its first instant, ms, median of {ROUNDS}:")
    for name, verdict in verdicts.items():
        print(f"  {name:<30}{seconds[name] * 1000:>8.2f}   {verdict}")
    assert [name for name in HOSTILE if seconds[name] >= LONGEST_VALIDATION] == []


class Cost(NamedTuple):
    """Seconds: to parse and answer once, then what half and 99 % of the answers cost at most."""

    first: float
    middle: float
    p99: float


def _costs(rule: str, moments: list[datetime]) -> dict[int, Cost]:
    """By the start's year. Starts take turns and a moment counts by its median, since the machine is others' too."""

    def parsed_and_asked(start: datetime) -> Recurrence:
        schedule = Recurrence(rule, dtstart=start, timezone=ZONE)
        schedule.after(moments[0])
        return schedule

    schedules = {year: parsed_and_asked(start) for year, start in STARTS.items()}
    firsts: dict[int, list[float]] = {year: [] for year in STARTS}
    rounds: dict[int, list[list[float]]] = {year: [] for year in STARTS}
    for _ in range(ROUNDS):
        for year, start in STARTS.items():
            firsts[year].append(_seconds(partial(parsed_and_asked, start)))
            rounds[year].append([_seconds(partial(schedules[year].after, moment)) for moment in moments])
    costs = {}
    for year in STARTS:
        each = [median(seconds) for seconds in zip(*rounds[year], strict=True)]
        costs[year] = Cost(median(firsts[year]), median(each), quantiles(each, n=100)[98])
    return costs


def _worst(costs: dict[int, Cost]) -> float:
    return max(cost.p99 for cost in costs.values())


def _peer_seconds(rule: str, start: datetime, moment: datetime) -> float | None:
    """Until dateutil's next instant; None when it takes too long."""
    local = moment.replace(tzinfo=None)
    begun = perf_counter()
    walk: Iterable[datetime] = rrulestr(rule, dtstart=start)
    for number, instant in enumerate(walk):
        if instant > local:
            break
        if number % 1000 == 0 and perf_counter() - begun > PEER_SECONDS:
            return None
    return perf_counter() - begun


def _shown(seconds: float | None) -> str:
    return f"> {PEER_SECONDS:.0f} s" if seconds is None else f"{seconds * 1000:.2f}"


def _verdict(text: str) -> str:
    try:
        first = Recurrence(text, dtstart=NEW_YEAR.replace(tzinfo=None), timezone=ZONE).after(NEW_YEAR)
    except InvalidRecurrence as error:
        return f"refused: {error!s:.80}"
    return f"first {first[0]:%Y-%m-%d %H:%M:%S}" if first else "never occurs"


def _seconds(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


def _moments() -> list[datetime]:
    rng = random.Random(SEED)
    return [NEW_YEAR + timedelta(seconds=rng.randrange(5 * 365 * 86_400)) for _ in range(MOMENTS)]
