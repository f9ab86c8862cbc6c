"""What do the filters after `|` make of a value?

Each is a function whose first argument is the value. Those of which JMESPath has no function of that name can be called
as one, too: `value | round(2)` is `round(value, 2)`. What a filter builds is measured before it is built; the lists and
objects that it is given have been measured by the interpreter.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pipelines.expressions import times
from pipelines.expressions.formats import formatted
from pipelines.expressions.functions import FUNCTIONS
from pipelines.values import MAX_BYTES, spend

_MOST_PARTS = 100_000
_MOST_DIGITS = 10
_WHOLE_FROM = 2**53  # from here on a float has no fraction


@dataclass(frozen=True, slots=True)
class Filter:
    """`apply` is given the value and from `least` to `most` arguments; it raises `ValueError`.

    `work` is how long a call takes, in visits of a node, besides what it takes to read its arguments.
    """

    example: str
    apply: Callable[..., Any]
    least: int = 0
    most: int = 0
    work: int = 1

    @property
    def arguments(self) -> str:
        if not self.most:
            return "nothing"
        return "one argument" if self.least else "at most one argument"


def _iso(value: Any) -> str:
    moment = _time("iso", value)
    return times.as_text(moment) if isinstance(moment, datetime) else moment.isoformat()


def _date(value: Any, directives: Any = "%Y-%m-%d") -> str:
    if not isinstance(directives, str):
        raise _refused("date", "a format such as '%d.%m.%Y'", directives)
    moment = _time("date", value)
    at_midnight = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    return formatted(at_midnight, directives)


def _add_days(value: Any, days: Any) -> datetime | str:
    if not _is_whole(days):
        raise _refused("add_days", "a whole number of days", days)
    moment, by = _time("add_days", value), times.Offset(days=abs(days))
    if isinstance(moment, datetime):
        return times.moved(moment, by, back=days < 0)
    midnight = datetime.combine(moment, time(), tzinfo=UTC)
    return times.moved(midnight, by, back=days < 0).date().isoformat()


def _week_number(value: Any) -> int:
    return _time("week_number", value).isocalendar().week


def _round(value: Any, digits: Any = 0) -> int | float:
    """Round half away from zero, as people do on paper: 2.675 is 2.68 where binary rounding makes it 2.67."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _refused("round", "a number", value)
    if not _is_whole(digits) or not 0 <= digits <= _MOST_DIGITS:
        raise _refused("round", f"from 0 to {_MOST_DIGITS} digits", digits)
    if isinstance(value, int) or abs(value) >= _WHOLE_FROM:
        return value if digits else int(value)
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return float(rounded) if digits else int(rounded)


def _length(value: Any) -> Any:
    return FUNCTIONS.call_function("length", [value])


def _sum(value: Any) -> Any:
    return FUNCTIONS.call_function("sum", [value])


def _join(value: Any, separator: Any = "") -> Any:
    if isinstance(value, list) and not all(isinstance(item, str) for item in value):
        raise ValueError("join() takes a list of texts; what is none becomes one by [].to_string(@)")
    return FUNCTIONS.call_function("join", [separator, value])


def _split(value: Any, separator: Any) -> list[str]:
    if not isinstance(separator, str) or not separator:
        raise _refused("split", "a separator such as ','", separator)
    text = _text("split", value)
    if text.count(separator) >= _MOST_PARTS:
        raise ValueError(f"split() would make a list of more than {_MOST_PARTS}")
    return text.split(separator)


def _json(value: Any) -> str:
    if isinstance(value, datetime):
        value = times.as_text(value)
    if not isinstance(value, list | dict):
        spend(value, MAX_BYTES)
    return json.dumps(value, ensure_ascii=False)


def _upper(value: Any) -> str:
    return _text("upper", value).upper()


def _lower(value: Any) -> str:
    return _text("lower", value).lower()


def _default(_missing: None, fallback: Any) -> Any:
    return fallback  # a value that is there is never brought here


FILTERS = {
    "iso": Filter("iso", _iso, work=5),
    "date": Filter("date('%d.%m.%Y')", _date, most=1, work=40),
    "add_days": Filter("add_days(7)", _add_days, least=1, most=1, work=10),
    "week_number": Filter("week_number", _week_number, work=5),
    "round": Filter("round(2)", _round, most=1, work=10),
    "length": Filter("length", _length),
    "join": Filter("join(', ')", _join, most=1),
    "split": Filter("split(',')", _split, least=1, most=1),
    "sum": Filter("sum", _sum),
    "json": Filter("json", _json),
    "upper": Filter("upper", _upper),
    "lower": Filter("lower", _lower),
    "default": Filter("default('none')", _default, least=1, most=1),
}
CALLABLE = frozenset(FILTERS) - frozenset(FUNCTIONS.FUNCTION_TABLE)


def _time(name: str, value: Any) -> datetime | date:
    """A moment; or a day, where the text is no more than that (`now_date`)."""
    moment = times.as_moment(value)
    if moment is not None:
        return moment
    day = times.as_day(value)
    if day is None:
        raise _refused(name, "a time: now, ISO 8601 text with an offset, or a day such as '2026-10-24'", value)
    return day


def _text(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        return times.as_text(value)
    if not isinstance(value, str):
        raise _refused(name, "text; to_string() makes it", value)
    return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _refused(name: str, wanted: str, given: Any) -> ValueError:
    kind = FUNCTIONS.call_function("type", [given]) or ("a time" if isinstance(given, datetime) else "an expression")
    shown = f" {given[:40]!r}" if isinstance(given, str) else ""
    return ValueError(f"{name}() takes {wanted}; it was given {kind}{shown}")
