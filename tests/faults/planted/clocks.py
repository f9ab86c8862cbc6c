"""A wrong wall clock for one process: `+86400` is a day ahead, `-3600` an hour behind, `x1.25` gains 15 s a minute.

`time.time`, `time.time_ns`, `datetime.now`, `utcnow`, `today` and uuid7() follow it; the monotonic clock is right. What C
code asks the kernel for itself, such as `time.localtime()` without an argument, is not changed: only logs do that here.
"""

import datetime as datetimes
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import uuid_utils.compat

_right = time.time
_right_datetime = datetimes.datetime


def set_wrong(text: str) -> None:
    """Set the clock of this process. Whatever was imported before and kept `time.time` itself goes on with the right one."""
    wrong = _clock(text)
    time.time = wrong
    time.time_ns = lambda: int(wrong() * 1_000_000_000)
    datetimes.datetime = _class_of(wrong)  # type: ignore[misc]
    right_id = uuid_utils.compat.uuid7
    uuid_utils.compat.uuid7 = lambda: _made_at(wrong(), right_id())


def _made_at(seconds: float, made: UUID) -> UUID:
    return UUID(int=int(seconds * 1000) << 80 | made.int & ((1 << 80) - 1))


def _clock(text: str) -> Callable[[], float]:
    begun = _right()
    if text.startswith("x"):
        rate = float(text[1:])
        return lambda: begun + (_right() - begun) * rate
    ahead = float(text)
    return lambda: _right() + ahead


def _class_of(wrong: Callable[[], float]) -> type[datetimes.datetime]:
    class Kind(type):
        """What C code makes is of the right class, and yet an instance of this one."""

        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, _right_datetime)

        def __subclasscheck__(cls, other: type) -> bool:
            return issubclass(other, _right_datetime)

    class datetime(_right_datetime, metaclass=Kind):  # noqa: N801 - takes the place of that class
        __slots__ = ()  # of the size that C code expects

        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            return _right_datetime(*args, **kwargs)

        @classmethod
        def now(cls, tz: datetimes.tzinfo | None = None) -> Any:
            return _right_datetime.fromtimestamp(wrong(), tz)

        @classmethod
        def utcnow(cls) -> Any:
            return _right_datetime.fromtimestamp(wrong(), datetimes.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return _right_datetime.fromtimestamp(wrong())

    return datetime
