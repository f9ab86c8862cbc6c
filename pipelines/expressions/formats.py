"""How is a moment written?

By letters (`date:yyyy-MM-dd`), or by those directives of `strftime` that mean the same on every system. The names of days
and months are English, whatever the machine's language is.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

MAX_LENGTH = 100  # characters

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_LETTERS = {
    "yyyy": "%Y",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
    "ww": "%V",
    "dow": "%u",
}
_LETTER_GROUP = re.compile(rf"{'|'.join(_LETTERS)}|[-/.:_ T]")


def formatted(moment: datetime, directives: str) -> str:
    """Write `moment` by `%d.%m.%Y` and the like. Raises `ValueError`, as `check_directives` does."""
    return "".join(part if isinstance(part, str) else part(moment) for part in _parts(directives))


def check_directives(directives: str) -> None:
    """Raise a `ValueError` that names what is not a directive here."""
    _parts(directives)


def directives_for(letters: str) -> str:
    """`%d.%m.%Y` for `dd.MM.yyyy`. Beside a week (`ww`), `yyyy` is the week's year (ISO 8601). Raises `ValueError`."""
    position, groups = 0, []
    while position < len(letters):
        found = _LETTER_GROUP.match(letters, position)
        if found is None:
            raise ValueError(
                f"{letters[position:]!r} is not understood in a date's format; known are {' '.join(_LETTERS)}, with - / . : or _"
                " between them (in `a ? b : c`, put spaces around the colon)"
            )
        groups.append(found.group())
        position = found.end()
    if {"ww", "yyyy"} <= set(groups):
        return _week_directives(groups)
    return "".join(_LETTERS.get(group, group) for group in groups)


def _week_directives(groups: list[str]) -> str:
    if {"MM", "dd"} & set(groups):
        raise ValueError(
            "beside ww, yyyy is the year of the week, which may not be that of the day;"
            " write two formats: ${date:yyyy-MM-dd} and ${date:ww/yyyy}"
        )
    return "".join("%G" if group == "yyyy" else _LETTERS.get(group, group) for group in groups)


@lru_cache(maxsize=256)
def _parts(directives: str) -> tuple[str | Callable[[datetime], str], ...]:
    if len(directives) > MAX_LENGTH:
        raise ValueError(f"a date's format has at most {MAX_LENGTH} characters")
    plain, *rest = re.split(r"%(-?.?)", directives, flags=re.DOTALL)
    parts: list[str | Callable[[datetime], str]] = [plain]
    for directive, text in zip(rest[::2], rest[1::2], strict=True):
        if directive not in _DIRECTIVES:
            known = " ".join(f"%{letter}" for letter in _DIRECTIVES)
            raise ValueError(f"%{directive} is not a date directive here; known are {known}")
        parts += (_DIRECTIVES[directive], text)
    return tuple(parts)


def _offset(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("%z: a day without a time has no offset")
    return f"{moment:%z}"


_DIRECTIVES: dict[str, Callable[[datetime], str]] = {
    "Y": lambda moment: f"{moment.year:04}",
    "y": lambda moment: f"{moment.year % 100:02}",
    "m": lambda moment: f"{moment.month:02}",
    "d": lambda moment: f"{moment.day:02}",
    "j": lambda moment: f"{moment.timetuple().tm_yday:03}",
    "H": lambda moment: f"{moment.hour:02}",
    "I": lambda moment: f"{moment.hour % 12 or 12:02}",
    "p": lambda moment: "AM" if moment.hour < 12 else "PM",
    "M": lambda moment: f"{moment.minute:02}",
    "S": lambda moment: f"{moment.second:02}",
    "G": lambda moment: f"{moment.isocalendar().year:04}",
    "V": lambda moment: f"{moment.isocalendar().week:02}",
    "u": lambda moment: str(moment.isoweekday()),
    "a": lambda moment: _DAYS[moment.weekday()][:3],
    "A": lambda moment: _DAYS[moment.weekday()],
    "b": lambda moment: _MONTHS[moment.month - 1][:3],
    "B": lambda moment: _MONTHS[moment.month - 1],
    "z": _offset,
    "%": lambda _moment: "%",
}
