"""Which values may enter the database and another step, and how large are they?

Everything that a tool returns or is given passes here, so that no tool can hand the database something it cannot
store (NUL, lone surrogates, numbers without a JSON form) or something that is too large to handle.
"""

from math import isfinite
from typing import Any

MAX_DEPTH = 32
MAX_BYTES = 1_000_000
_LONGEST_PART = 100  # characters
_LEAST_INTEGER = -(2**63)
_GREATEST_INTEGER = 2**64 - 1


class UnfitValue(ValueError):
    """A value is not one that may be stored; `pointer` (RFC 6901) says which part of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self._path: list[str] = []

    def under(self, key: object) -> None:
        self._path.append(pointer_part(key))

    @property
    def pointer(self) -> str:
        return "".join(f"/{key}" for key in reversed(self._path))


def pointer_part(key: object) -> str:
    """A key as one part of a JSON pointer (RFC 6901), cut where nobody reads on: each of many faults repeats it."""
    return str(key)[:_LONGEST_PART].replace("~", "~0").replace("/", "~1")


class ValueTooLarge(UnfitValue):
    """The value is larger, written as JSON, than what is left of its budget."""


def spend(value: Any, left: int, *, depth: int = 0) -> int:
    """Return what `left` (bytes of JSON text, nearly) remains after `value`.

    Stops at the first byte too many, so a small value that refers to itself often cannot cost more than the budget.
    Raises `UnfitValue`.
    """
    kind = type(value)
    if kind is str:
        left -= 2 + _text_size(value)
    elif kind is dict:
        left = _spend_on_object(value, left - 2, depth=depth)
    elif kind is list:
        left = _spend_on_list(value, left - 2, depth=depth)
    else:
        left -= _scalar_size(value)
    if left < 0:
        raise ValueTooLarge("larger than allowed; pass a reference to the data instead of the data")
    return left


def _spend_on_object(value: dict[Any, Any], left: int, *, depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise UnfitValue(f"nested deeper than {MAX_DEPTH} levels")
    for key, item in value.items():
        if type(key) is not str:
            raise UnfitValue(f"an object's names are text, not {type(key).__name__}")
        left -= 4 + _text_size(key)
        try:
            if type(item) is str and (size := 2 + _text_size(item)) <= left:  # as most are: not worth a call of its own
                left -= size
            else:
                left = spend(item, left, depth=depth + 1)
        except UnfitValue as unfit:
            unfit.under(key)
            raise
    return left


def _spend_on_list(value: list[Any], left: int, *, depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise UnfitValue(f"nested deeper than {MAX_DEPTH} levels")
    for position, item in enumerate(value):
        try:
            left = spend(item, left - 1, depth=depth + 1)
        except UnfitValue as unfit:
            unfit.under(position)
            raise
    return left


def _text_size(text: str) -> int:
    if "\0" in text:
        raise UnfitValue("text with a NUL character cannot be stored")
    if text.isascii():
        return len(text)
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise UnfitValue("text with half of a surrogate pair is not Unicode") from None


def _scalar_size(value: Any) -> int:
    kind = type(value)
    if value is None or kind is bool:
        return 4
    if kind is int:
        if not _LEAST_INTEGER <= value <= _GREATEST_INTEGER:
            raise UnfitValue("an integer of more than 64 bits; send it as text")
        return 8
    if kind is float:
        if not isfinite(value):
            raise UnfitValue("NaN and infinity have no JSON form")
        return 8
    raise UnfitValue(f"{kind.__name__} is not a JSON value")
