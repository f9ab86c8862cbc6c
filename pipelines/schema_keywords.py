"""How are the words of JSON Schema checked, in time that is bounded?

The `jsonschema` package's own, but for those whose time may grow out of proportion; and each of them looks at the clock.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from time import thread_time
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from pipelines.patterns import holds

LONGEST_CHECK: Final = 2.0  # seconds of processor time; the largest values that fit take half a second on a free core
_LOOK_EVERY: Final = 16  # words

Words = Iterator[ValidationError]


class CheckTooLong(Exception):
    """The check of a value took all the time that it may."""


class _Clock(threading.local):
    words = 0
    until = 0.0


_clock = _Clock()


def begin_check() -> None:
    """To be called before each check: its time begins."""
    _clock.words = 0


def _tick() -> None:
    clock = _clock
    clock.words += 1
    if clock.words % _LOOK_EVERY:
        return
    if clock.words == _LOOK_EVERY:  # most checks end before, and need no time
        clock.until = thread_time() + LONGEST_CHECK
    elif thread_time() > clock.until:
        raise CheckTooLong


def _on_the_clock(check: Callable[..., Any]) -> Callable[..., Any]:
    def checked(validator: Any, wanted: Any, instance: Any, schema: Any) -> Any:
        _tick()
        return check(validator, wanted, instance, schema)

    return checked


def _pattern(validator: Any, wanted: str, instance: Any, _schema: Any) -> Words:
    if validator.is_type(instance, "string") and not holds(wanted, instance):
        yield ValidationError("does not match")


def _properties(validator: Any, wanted: Mapping[str, Any], instance: Any, _schema: Any) -> Words:
    if validator.is_type(instance, "object"):
        for name, part in wanted.items():
            if name in instance:
                yield from _of_part(validator, instance[name], part, name)


def _of_part(validator: Any, value: Any, schema: Any, place: str | int) -> Words:
    """What the usual check says of a part; it alone loses the place of one that is not allowed at all."""
    for error in validator.descend(value, schema):
        error.path.appendleft(place)
        yield error


def _pattern_properties(validator: Any, wanted: Mapping[str, Any], instance: Any, _schema: Any) -> Words:
    if not validator.is_type(instance, "object"):
        return
    for pattern, part in wanted.items():
        for name, value in instance.items():
            _tick()
            if holds(pattern, name):
                yield from _of_part(validator, value, part, name)


def _additional_properties(validator: Any, wanted: Any, instance: Any, schema: Mapping[str, Any]) -> Words:
    if wanted is True or not validator.is_type(instance, "object"):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, value in instance.items():
        if name in known or _is_matched(name, patterns):
            continue
        if wanted is False:
            yield ValidationError("is not known", path=[name])
        else:
            yield from validator.descend(value, wanted, path=name)


def _is_matched(name: str, patterns: Mapping[str, Any]) -> bool:
    for pattern in patterns:
        _tick()
        if holds(pattern, name):
            return True
    return False


def _items(validator: Any, wanted: Any, instance: Any, schema: Mapping[str, Any]) -> Words:
    """The usual one prepares the part's schema anew for each item, which takes longer than most checks."""
    if wanted is True or not validator.is_type(instance, "array"):
        return
    first = len(schema.get("prefixItems", ()))
    if wanted is False:
        if len(instance) > first:
            yield from _of_part(validator, instance[first], wanted, first)
        return
    part = validator.evolve(schema=wanted)
    for position in range(first, len(instance)):
        for error in part.iter_errors(instance[position]):
            error.path.appendleft(position)
            yield error


def _any_of(validator: Any, wanted: list[Any], instance: Any, _schema: Any) -> Words:
    """Without what each of them has against the value, which may be long and many."""
    if not any(_fits(validator, instance, each) for each in wanted):
        yield ValidationError("fits none of them")


def _one_of(validator: Any, wanted: list[Any], instance: Any, _schema: Any) -> Words:
    fitting = 0
    for each in wanted:
        fitting += _fits(validator, instance, each)
        if fitting > 1:
            break
    if fitting != 1:
        yield ValidationError("does not fit exactly one of them")


def _fits(validator: Any, instance: Any, schema: Any) -> bool:
    return next(validator.descend(instance, schema), None) is None


def _unique_items(validator: Any, wanted: bool, instance: Any, _schema: Any) -> Words:
    if not wanted or not validator.is_type(instance, "array"):
        return
    seen: set[Any] = set()
    for item in instance:
        _tick()
        before = len(seen)
        seen.add(_comparable(item))
        if len(seen) == before:
            yield ValidationError("is there twice")
            return


def _comparable(value: Any) -> Any:
    """Equal for equal JSON values alone: 1 and 1.0 are the same there, 1 and true are not (core, 4.2.2)."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, dict):
        return ("object", frozenset((name, _comparable(inner)) for name, inner in value.items()))
    if isinstance(value, list):
        return ("array", tuple(_comparable(inner) for inner in value))
    return value


_OWN: Final[Mapping[str, Callable[..., Any]]] = {
    "pattern": _pattern,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "items": _items,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "uniqueItems": _unique_items,
}

Validator: Final[Any] = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {word: _on_the_clock(_OWN.get(word, usual)) for word, usual in Draft202012Validator.VALIDATORS.items()},
)
