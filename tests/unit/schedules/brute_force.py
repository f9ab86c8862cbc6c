"""What a recurrence means, said as plainly as possible and as slowly: an oracle that shares nothing with the engine.

Every day, hour, minute and second of every period is looked at, and kept when the table of RFC 5545 (3.3.10) allows it.
A local time is resolved by looking at which offsets the zone has in UTC. Seconds are counted from 0001-01-01, day
numbers are ordinals.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 86_400
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
UNIT = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}


@dataclass
class Case:
    """A recurrence in parts. Rules map names to what stands behind `=`; moments are naive (local) or aware."""

    rules: list[dict[str, str]]
    start: datetime
    zone: str = "UTC"
    gap: str = "rfc"
    fold: str = "first"
    subdaily: str = "elapsed"
    rdates: list[datetime] = field(default_factory=list)
    exdates: list[datetime] = field(default_factory=list)


def instants(case: Case, begin: datetime, end: datetime) -> list[datetime]:
    """Every instant in (begin, end], in UTC. `end` must lie far enough to hold what a change of clocks may move."""
    low, high = _second(begin), _second(end)
    found: set[int] = set()
    for rule in case.rules:
        found.update(_of_rule(rule, case, low, high))
    found |= {_instant_of(moment, case.zone) for moment in case.rdates}
    found -= {_instant_of(moment, case.zone) for moment in case.exdates}
    return [_moment(second).replace(tzinfo=UTC) for second in sorted(found) if low < second <= high]


def _of_rule(rule: dict[str, str], case: Case, low: int, high: int) -> list[int]:
    begin = low if "COUNT" not in rule else 0
    if rule["FREQ"] in UNIT and case.subdaily == "elapsed":
        found = sorted(set(_elapsed(rule, case, begin, high)))
    else:
        locals_ = _local(rule, case, *_readings_of(case.zone, begin, high))
        found = sorted({instant for local in locals_ for instant in _resolved(local, case.zone, case.gap, case.fold)})
    if "COUNT" in rule:
        found = found[: int(rule["COUNT"])]
    if "UNTIL" in rule:
        last = _until(rule["UNTIL"], case.zone)
        found = [instant for instant in found if instant <= last]
    return found


def _until(text: str, zone: str) -> int:
    if text.endswith("Z"):
        return _second(datetime.strptime(text, "%Y%m%dT%H%M%SZ"))  # noqa: DTZ007
    local = _second(datetime.strptime(text[:8], "%Y%m%d")) + DAY - 1  # noqa: DTZ007
    if "T" in text:
        local = _second(datetime.strptime(text, "%Y%m%dT%H%M%S"))  # noqa: DTZ007
    return _resolved(local, zone, "rfc", "second")[-1]


def _instant_of(moment: datetime, zone: str) -> int:
    return _second(moment) if moment.tzinfo else _resolved(_second(moment), zone, "rfc", "first")[0]


# --- local times -----------------------------------------------------------------------------------------------------


def _local(rule: dict[str, str], case: Case, low: int, high: int) -> Iterator[int]:
    start = _second(case.start)
    if rule["FREQ"] in UNIT:
        periods: Iterator[list[int]] = _wall_periods(rule, case.start, low, high)
    else:
        periods = _day_periods(rule, case.start, low, high)
    for times in periods:
        for local in _positioned(rule, times):
            if local >= start:
                yield local


def _positioned(rule: dict[str, str], times: list[int]) -> list[int]:
    if "BYSETPOS" not in rule:
        return times
    chosen = set()
    for position in _numbers(rule, "BYSETPOS"):
        if position > 0 and position <= len(times):
            chosen.add(times[position - 1])
        if position < 0 and -position <= len(times):
            chosen.add(times[position])
    return sorted(chosen)


def _day_periods(rule: dict[str, str], start: datetime, low: int, high: int) -> Iterator[list[int]]:
    """The times of each period that touches [low, high]."""
    interval = int(rule.get("INTERVAL", "1"))
    hours = _numbers(rule, "BYHOUR") or {start.hour}
    minutes = _numbers(rule, "BYMINUTE") or {start.minute}
    seconds = _numbers(rule, "BYSECOND") or {start.second}
    times = [
        hour * 3600 + minute * 60 + second
        for hour in range(24)
        if hour in hours
        for minute in range(60)
        if minute in minutes
        for second in range(60)
        if second in seconds
    ]
    first = _period(rule, start.date())
    days: dict[int, list[int]] = {}
    for day in range(max(low // DAY - 366, start.toordinal() - 366), high // DAY + 367):
        number = _period(rule, date.fromordinal(day))
        if number >= first and (number - first) % interval == 0:
            days.setdefault(number, [])
            if _is_day(rule, day, start):
                days[number].append(day)
    for number in sorted(days):
        yield [day * DAY + time for day in days[number] for time in times]


def _period(rule: dict[str, str], day: date) -> int:
    match rule["FREQ"]:
        case "YEARLY":
            return day.year
        case "MONTHLY":
            return day.year * 12 + day.month
        case "WEEKLY":
            return (day.toordinal() - 1 - WEEKDAYS.index(rule.get("WKST", "MO"))) // 7
        case _:
            return day.toordinal()


def _is_day(rule: dict[str, str], day: int, start: datetime) -> bool:
    when = date.fromordinal(day)
    frequency = rule["FREQ"]
    names = {"BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"} & set(rule)
    if not names and frequency in {"YEARLY", "MONTHLY"} and when.day != start.day:
        return False
    if not names and frequency == "YEARLY" and "BYMONTH" not in rule and when.month != start.month:
        return False
    if ((frequency == "WEEKLY" and not names) or names == {"BYWEEKNO"}) and when.weekday() != start.weekday():
        return False
    return (
        ("BYMONTH" not in rule or when.month in _numbers(rule, "BYMONTH"))
        and ("BYMONTHDAY" not in rule or bool(set(_places_in_month(when)) & set(_numbers(rule, "BYMONTHDAY"))))
        and ("BYYEARDAY" not in rule or bool(set(_places_in_year(when)) & set(_numbers(rule, "BYYEARDAY"))))
        and ("BYWEEKNO" not in rule or bool(set(_week_numbers(when, rule)) & set(_numbers(rule, "BYWEEKNO"))))
        and ("BYDAY" not in rule or any(_is_weekday(item, when, rule) for item in rule["BYDAY"].split(",")))
    )


def _is_weekday(item: str, when: date, rule: dict[str, str]) -> bool:
    if WEEKDAYS[when.weekday()] != item[-2:]:
        return False
    if len(item) == 2:
        return True
    in_month = rule["FREQ"] == "MONTHLY" or "BYMONTH" in rule
    first, last = _places_in_month(when) if in_month else _places_in_year(when)
    from_first, from_last = (first - 1) // 7 + 1, (-last - 1) // 7 + 1
    return int(item[:-2]) in {from_first, -from_last}


def _places_in_month(when: date) -> tuple[int, int]:
    length = next(n for n in (31, 30, 29, 28) if _exists(when.year, when.month, n))
    return when.day, when.day - length - 1


def _places_in_year(when: date) -> tuple[int, int]:
    place = when.toordinal() - date(when.year, 1, 1).toordinal() + 1
    length = date(when.year, 12, 31).toordinal() - date(when.year, 1, 1).toordinal() + 1
    return place, place - length - 1


def _week_numbers(when: date, rule: dict[str, str]) -> tuple[int, int]:
    """A week belongs to the year that holds its fourth day, and so most of it."""
    wkst = WEEKDAYS.index(rule.get("WKST", "MO"))
    fourth = when + timedelta(days=3 - (when.weekday() - wkst) % 7)
    fourths = [day for day in range(1, 8) if date(fourth.year, 1, day).weekday() == fourth.weekday()]
    number = (_places_in_year(fourth)[0] - fourths[0]) // 7 + 1
    weeks = sum(1 for n in range(53) if (date(fourth.year, 1, fourths[0]) + timedelta(weeks=n)).year == fourth.year)
    return number, number - weeks - 1


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _wall_periods(rule: dict[str, str], start: datetime, low: int, high: int) -> Iterator[list[int]]:
    unit = UNIT[rule["FREQ"]]
    step = unit * int(rule.get("INTERVAL", "1"))
    period = _second(start) // unit * unit
    if period < low:
        period += (low - period) // step * step
    while period <= high:
        yield [
            second for second in _worth_reading(rule, period, 0, 0) if _is_read(rule, second, second - period, start)
        ]
        period += step


def _worth_reading(rule: dict[str, str], period: int, first_offset: int, last_offset: int) -> Iterator[int]:
    """The seconds of a period, but for those minutes that begin and end in hours and minutes which are not allowed."""
    unit = UNIT[rule["FREQ"]]
    hours, minutes = _numbers(rule, "BYHOUR") or range(24), _numbers(rule, "BYMINUTE") or range(60)
    for begin in range(period, period + unit, 60):
        end = min(begin + 59, period + unit - 1)
        ends = [at + offset for at in (begin, end) for offset in (first_offset, last_offset)]
        if any(at % DAY // 3600 in hours and at // 60 % 60 in minutes for at in ends):
            yield from range(begin, end + 1)


def _is_read(rule: dict[str, str], local: int, into: int, start: datetime) -> bool:
    """Whether a reading is allowed; `into` is how far it lies from the period's beginning, for the parts left out."""
    unit = UNIT[rule["FREQ"]]
    began = (start.minute * 60 + start.second) % unit
    second = local % DAY
    if "BYHOUR" in rule and second // 3600 not in _numbers(rule, "BYHOUR"):
        return False
    if "BYMINUTE" not in rule and into // 60 != began // 60:
        return False
    if "BYSECOND" not in rule:
        aligned = "BYMINUTE" in rule and unit == 3600
        if (second % 60 != start.second) if aligned else (into % 60 != began % 60):
            return False
    return (
        ("BYSECOND" not in rule or second % 60 in _numbers(rule, "BYSECOND"))
        and ("BYMINUTE" not in rule or second // 60 % 60 in _numbers(rule, "BYMINUTE"))
        and _is_day_cached(tuple(rule.items()), local // DAY, start)
    )


@lru_cache(maxsize=4096)
def _is_day_cached(items: tuple[tuple[str, str], ...], day: int, start: datetime) -> bool:
    return _is_day(dict(items), day, start)


def _elapsed(rule: dict[str, str], case: Case, low: int, high: int) -> Iterator[int]:
    unit = UNIT[rule["FREQ"]]
    step = unit * int(rule.get("INTERVAL", "1"))
    anchor = _instant_of(case.start, case.zone)
    period = anchor - (case.start.minute * 60 + case.start.second) % unit
    if period < low:
        period += (low - period) // step * step
    while period <= high:
        times = [
            instant
            for instant in _worth_reading(
                rule, period, offset_at(case.zone, period), offset_at(case.zone, period + unit - 1)
            )
            if _is_read(rule, instant + offset_at(case.zone, instant), instant - period, case.start)
        ]
        yield from (instant for instant in _positioned(rule, times) if instant >= anchor)
        period += step


# --- zones -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=20_000)
def changes_of(zone: str, year: int) -> list[tuple[int, int, int]]:
    """(instant, offset before, offset after) for every change of a year in UTC, found by looking once a day."""
    found = []
    second, end = _second(datetime(year, 1, 1)), _second(datetime(year + 1, 1, 1))  # noqa: DTZ001
    before = _looked_up(zone, second)
    while second < end:
        following = min(second + DAY, end)
        after = _looked_up(zone, following)
        if after != before:
            while following - second > 1:
                middle = (second + following) // 2
                if _looked_up(zone, middle) == before:
                    second = middle
                else:
                    following = middle
            found.append((following, before, after))
        second, before = following, after
    return found


def offset_at(zone: str, second: int) -> int:
    offset, changes = _offsets_of_day(zone, second // DAY)
    for at, _, after in changes:
        if at <= second:
            offset = after
    return offset


@lru_cache(maxsize=20_000)
def _offsets_of_day(zone: str, day: int) -> tuple[int, list[tuple[int, int, int]]]:
    """The offset as the day begins in UTC, and the changes in it."""
    changes = changes_of(zone, date.fromordinal(day).year)
    return _looked_up(zone, day * DAY), [change for change in changes if 0 < change[0] - day * DAY < DAY]


def _readings_of(zone: str, low: int, high: int) -> tuple[int, int]:
    """Between which local times all lie whose instants are in [low, high], however they may be shifted."""
    near = [_offsets_near(zone, second // 3600) for second in (low or high, high)]
    return low + min(near[0]) - (max(near[0]) - min(near[0])), high + 2 * max(near[1]) - min(near[1])


@lru_cache(maxsize=20_000)
def _offsets_near(zone: str, hour: int) -> frozenset[int]:
    return frozenset(offset_at(zone, (hour + hours) * 3600) for hours in range(-27, 28, 3))


def _looked_up(zone: str, second: int) -> int:
    local = _moment(second).replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    return _second(local.replace(tzinfo=None)) - second


def _resolved(local: int, zone: str, gap: str, fold: str) -> list[int]:
    offsets = _offsets_near(zone, local // 3600)
    read = sorted(local - offset for offset in offsets if offset_at(zone, local - offset) == offset)
    if len(read) > 1:
        return {"first": read[:1], "second": read[-1:], "both": read}[fold]
    if read or gap == "skip":
        return read
    years = {_moment(local + days * DAY).year for days in (-2, 2)}
    [(at, before)] = [
        (at, before)
        for year in years
        for at, before, after in changes_of(zone, year)
        if at + before <= local < at + after
    ]
    return [at if gap == "next_valid" else local - before]


# --- numbers ---------------------------------------------------------------------------------------------------------


def _numbers(rule: dict[str, str], name: str) -> frozenset[int]:
    return _parsed(rule[name]) if name in rule else frozenset()


@lru_cache(maxsize=10_000)
def _parsed(text: str) -> frozenset[int]:
    return frozenset(int(item) for item in text.split(","))


def _second(moment: datetime) -> int:
    naive = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return naive.toordinal() * DAY + naive.hour * 3600 + naive.minute * 60 + naive.second


def _moment(second: int) -> datetime:
    return datetime.fromordinal(second // DAY) + timedelta(seconds=second % DAY)
