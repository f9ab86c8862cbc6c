"""What an RRULE's text says, read strictly by RFC 5545 (3.3.10, errata 1913, 3747, 3779, 4414).

Looser readers take `BYMONTHDAY=0` for every day and never return from `INTERVAL=0`, so every part is checked here, and
the error names it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from typing import Any

from schedules.errors import InvalidRecurrence
from schedules.recurrence.rule import WEEKDAYS, Frequency, Rule

_LONGEST_NUMBER = 10
_NUMBER = re.compile(r"\d+", re.ASCII)
_SIGNED = re.compile(r"[+-]?\d+", re.ASCII)
_WEEKDAY = re.compile(r"([+-]?\d+)?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_DATE_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z)?)?", re.ASCII)

# No instance lies beyond these, and every zone's reading of them is within the calendar.
_EARLIEST_UNTIL = datetime(2, 1, 1)  # noqa: DTZ001  local to whichever zone
_LATEST_UNTIL = datetime(9998, 12, 31)  # noqa: DTZ001

# The field of Rule, the smallest and the largest value; a negative smallest one excludes 0.
_LISTS: Mapping[str, tuple[str, int, int]] = {
    "BYSECOND": ("seconds", 0, 60),
    "BYMINUTE": ("minutes", 0, 59),
    "BYHOUR": ("hours", 0, 23),
    "BYMONTHDAY": ("month_days", -31, 31),
    "BYYEARDAY": ("year_days", -366, 366),
    "BYWEEKNO": ("week_numbers", -53, 53),
    "BYMONTH": ("months", 1, 12),
    "BYSETPOS": ("positions", -366, 366),
}
_REFUSED: Mapping[str, str] = {
    "RSCALE": "RSCALE is not supported: rules follow the Gregorian calendar",
    "SKIP": "SKIP is not supported: impossible dates are left out",
    "BYEASTER": "BYEASTER is not part of RFC 5545: list the dates as RDATE",
}


def parse_rule(text: str) -> Rule:
    """Read the value of an RRULE, in any case; `InvalidRecurrence` names the part at fault."""
    parts = _split(text.upper())
    if "FREQ" not in parts:
        raise InvalidRecurrence("FREQ", "FREQ is missing: begin with one of FREQ=" + ", ".join(Frequency.__members__))
    values: dict[str, Any] = {}
    for name, value in parts.items():
        values |= _read_part(name, value)
    rule = Rule(**values)
    _check_together(rule, parts)
    return rule


def parse_date_time(part: str, text: str) -> tuple[datetime, bool]:
    """A DATE or DATE-TIME, naive, and whether it is UTC (`Z`). A DATE is that day at 00:00."""
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        raise InvalidRecurrence(
            part, f"{part} must look like 20261231, 20261231T235959 or 20261231T235959Z, not {_shown(text)}"
        )
    year, month, day, hour, minute, second = (int(group or 0) for group in match.groups()[:6])
    try:
        value = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  RFC local time
    except ValueError as error:
        raise InvalidRecurrence(part, f"{part} is not a possible date: {text}") from error
    return value, match[7] is not None


def _split(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for item in text.split(";"):
        name, equals, value = item.partition("=")
        if not equals or not value:
            raise InvalidRecurrence(name, f"{_shown(item)} is not a part of a rule: write NAME=value, parted by ';'")
        if name in parts:
            raise InvalidRecurrence(name, f"{name} is given twice: give each part once")
        parts[name] = value
    return parts


def _read_part(name: str, value: str) -> dict[str, Any]:
    if name in _LISTS:
        field, smallest, largest = _LISTS[name]
        return {field: _integers(name, value, smallest, largest)}
    if name in _REFUSED:
        raise InvalidRecurrence(name, _REFUSED[name])
    if name not in _READERS:
        raise InvalidRecurrence(name, f"{_shown(name)} is not a part of RFC 5545")
    return _READERS[name](value)


def _frequency(value: str) -> dict[str, Any]:
    if value not in Frequency.__members__:
        raise InvalidRecurrence("FREQ", f"FREQ must be one of {', '.join(Frequency.__members__)}, not {_shown(value)}")
    return {"frequency": Frequency[value]}


def _interval(value: str) -> dict[str, Any]:
    return {"interval": _positive("INTERVAL", value)}


def _count(value: str) -> dict[str, Any]:
    return {"count": _positive("COUNT", value)}


def _until(value: str) -> dict[str, Any]:
    until, in_utc = parse_date_time("UNTIL", value)
    if len(value) == 8:
        until = datetime.combine(until, time(23, 59, 59))
    until = min(max(until, _EARLIEST_UNTIL), _LATEST_UNTIL)
    return {"until": until.replace(tzinfo=UTC) if in_utc else until}


def _week_start(value: str) -> dict[str, Any]:
    if value not in WEEKDAYS:
        raise InvalidRecurrence("WKST", f"WKST must be one of {', '.join(WEEKDAYS)}, not {_shown(value)}")
    return {"week_start": WEEKDAYS.index(value)}


def _days(value: str) -> dict[str, Any]:
    plain: set[int] = set()
    numbered: set[tuple[int, int]] = set()
    for item in value.split(","):
        match = _WEEKDAY.fullmatch(item)
        if match is None:
            raise InvalidRecurrence("BYDAY", f"BYDAY takes days such as MO, 1MO or -1FR, not {_shown(item)}")
        weekday = WEEKDAYS.index(match[2])
        if match[1] is None:
            plain.add(weekday)
        else:
            numbered.add((_integer("BYDAY", match[1], -53, 53), weekday))
    return {"weekdays": tuple(sorted(plain)), "numbered_weekdays": tuple(sorted(numbered))}


_READERS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "FREQ": _frequency,
    "INTERVAL": _interval,
    "COUNT": _count,
    "UNTIL": _until,
    "WKST": _week_start,
    "BYDAY": _days,
}


def _check_together(rule: Rule, parts: Mapping[str, str]) -> None:
    frequency = rule.frequency
    if rule.count is not None and rule.until is not None:
        raise InvalidRecurrence("COUNT", "COUNT and UNTIL exclude each other: give one of them")
    if rule.month_days and frequency == Frequency.WEEKLY:
        raise InvalidRecurrence("BYMONTHDAY", "BYMONTHDAY cannot be used with FREQ=WEEKLY: use FREQ=MONTHLY or DAILY")
    if rule.year_days and frequency in {Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY}:
        raise InvalidRecurrence("BYYEARDAY", f"BYYEARDAY cannot be used with FREQ={frequency.name}: use FREQ=YEARLY")
    if rule.week_numbers and frequency != Frequency.YEARLY:
        raise InvalidRecurrence("BYWEEKNO", "BYWEEKNO can only be used with FREQ=YEARLY")
    if rule.numbered_weekdays and frequency not in {Frequency.MONTHLY, Frequency.YEARLY}:
        raise InvalidRecurrence("BYDAY", "BYDAY takes numbers, as in 1MO, only with FREQ=MONTHLY or YEARLY")
    if rule.numbered_weekdays and rule.week_numbers:
        raise InvalidRecurrence("BYDAY", "BYDAY takes no numbers beside BYWEEKNO")
    if rule.positions and not any(name.startswith("BY") and name != "BYSETPOS" for name in parts):
        raise InvalidRecurrence("BYSETPOS", "BYSETPOS chooses among what other BY parts give: add one of them")


def _integers(name: str, value: str, smallest: int, largest: int) -> tuple[int, ...]:
    return tuple(sorted({_integer(name, item, smallest, largest) for item in value.split(",")}))


def _integer(name: str, text: str, smallest: int, largest: int) -> int:
    pattern = _SIGNED if smallest < 0 else _NUMBER
    if pattern.fullmatch(text) is None or len(text) > _LONGEST_NUMBER:
        raise InvalidRecurrence(name, f"{name} takes whole numbers parted by commas, not {_shown(text)}")
    number = int(text)
    if not smallest <= number <= largest or (number == 0 and smallest < 0):
        values = f"1 to {largest} or -1 to {smallest}" if smallest < 0 else f"{smallest} to {largest}"
        raise InvalidRecurrence(name, f"{name} must be {values}, not {number}")
    return number


def _positive(name: str, text: str) -> int:
    if _NUMBER.fullmatch(text) is None:
        raise InvalidRecurrence(name, f"{name} must be a whole number, not {_shown(text)}")
    if len(text) > _LONGEST_NUMBER:
        raise InvalidRecurrence(name, f"{name} must have at most {_LONGEST_NUMBER} digits")
    if int(text) < 1:
        raise InvalidRecurrence(name, f"{name} must be at least 1")
    return int(text)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
