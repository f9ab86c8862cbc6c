"""May a JSON Schema be used here, so that no value can make its check endless?

A schema refers to itself only, by JSON pointers to its own parts; it is small; what its references come to for one value is
bounded; and its patterns are ones that RE2 knows, whose time grows with the text alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

from pipelines.patterns import InvalidPattern, compiled
from pipelines.values import UnfitValue, ValueTooLarge, pointer_part, spend

MAX_SCHEMA_BYTES: Final = 16_000
MOST_APPLIED: Final = 1_000  # schemas that one value is checked against at one place, references followed
DEEPEST_REFERENCE: Final = 32

# Where schemas stand in a schema (JSON Schema 2020-12, core, 10 and 11; `definitions` is of older drafts).
_ONE: Final = frozenset(
    {"additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"}
    | {"unevaluatedItems", "unevaluatedProperties"}
)
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_BY_NAME: Final = frozenset({"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"})
# Those that look at the very value that their schema is for, not at a part of it.
_OF_THE_SAME: Final = frozenset({"allOf", "anyOf", "dependentSchemas", "else", "if", "not", "oneOf", "then"})
_ELSEWHERE: Final = {
    "$id": "names an address",
    "$anchor": "names a part",
    "$dynamicAnchor": "names a part",
    "$dynamicRef": "leads somewhere that only a run knows",
    "$recursiveRef": "leads somewhere that only a run knows",
    "$recursiveAnchor": "leads somewhere that only a run knows",
}

_Path: TypeAlias = tuple[str, ...]


class InvalidSchema(ValueError):
    """A schema cannot be used; `pointer` (RFC 6901) leads to the part of it that is wrong."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"the schema is not valid at {pointer or '/'}: {reason}")
        self.pointer = pointer
        self.reason = reason


def check_size(schema: Any) -> None:
    """Raise `InvalidSchema` for one that is too large, too deep or no JSON."""
    try:
        spend(schema, MAX_SCHEMA_BYTES)
    except ValueTooLarge as too_large:
        raise InvalidSchema(too_large.pointer, f"a schema has at most {MAX_SCHEMA_BYTES} bytes") from None
    except UnfitValue as unfit:
        raise InvalidSchema(unfit.pointer, unfit.reason) from None


def check_parts(schema: Mapping[str, Any] | bool) -> None:
    """Raise `InvalidSchema` for a reference or a pattern that is refused. The schema's form has been checked."""
    parts = dict(_parts(schema, ()))
    for path, part in parts.items():
        if isinstance(part, dict):
            _check_words(part, path)
            _check_patterns(part, path)
            _check_reference(part, path, parts)
    _check_unevaluated(parts)
    applied: dict[_Path, int] = {}
    for path in parts:
        _count_applied(path, parts, applied, within=())


def _parts(schema: Any, path: _Path) -> Iterator[tuple[_Path, Any]]:
    """Every schema in a schema, and where it stands."""
    yield path, schema
    if not isinstance(schema, dict):
        return
    for word, value in schema.items():
        if word in _ONE:
            yield from _parts(value, (*path, word))
        elif word in _LISTS:
            for position, each in enumerate(value):
                yield from _parts(each, (*path, word, str(position)))
        elif word in _BY_NAME:
            for name, each in value.items():
                yield from _parts(each, (*path, word, name))


def _check_words(part: dict[str, Any], path: _Path) -> None:
    for word, does in _ELSEWHERE.items():
        if word in part:
            raise InvalidSchema(
                _pointer(*path, word), f'{does}; refer to parts of the schema by {{"$ref": "#/$defs/..."}}'
            )


def _check_patterns(part: dict[str, Any], path: _Path) -> None:
    patterns = [((*path, "patternProperties", text), text) for text in part.get("patternProperties", ())]
    if "pattern" in part:
        patterns.append(((*path, "pattern"), part["pattern"]))
    for place, text in patterns:
        try:
            compiled(text)
        except InvalidPattern as invalid:
            raise InvalidSchema(_pointer(*place), str(invalid)) from None


def _check_reference(part: dict[str, Any], path: _Path, parts: Mapping[_Path, Any]) -> None:
    if "$ref" not in part:
        return
    target = _target(part["$ref"])
    if target is None:
        message = (
            "leads out of the schema, and nothing is fetched; put the other schema into $defs, and write #/$defs/name"
        )
        raise InvalidSchema(_pointer(*path, "$ref"), message)
    if target not in parts:
        raise InvalidSchema(_pointer(*path, "$ref"), "leads to no schema here; write #/$defs/name")


def _check_unevaluated(parts: Mapping[_Path, Any]) -> None:
    """What has been evaluated is found out with Python's own patterns, which may take for ever."""
    by_pattern = any(isinstance(part, dict) and "patternProperties" in part for part in parts.values())
    for path, part in parts.items():
        if by_pattern and isinstance(part, dict) and "unevaluatedProperties" in part:
            place = _pointer(*path, "unevaluatedProperties")
            raise InvalidSchema(place, "does not go together with patternProperties; use additionalProperties")


def _count_applied(
    path: _Path, parts: Mapping[_Path, Any], applied: dict[_Path, int], *, within: tuple[_Path, ...]
) -> int:
    """How many schemas a value at this place is checked against. Raises `InvalidSchema`."""
    if path in applied:
        return applied[path]
    if path in within:
        raise InvalidSchema(_pointer(*path), "leads back to itself for the same value, and would never end")
    if len(within) > DEEPEST_REFERENCE:
        raise InvalidSchema(
            _pointer(*path), f"stands at the end of more than {DEEPEST_REFERENCE} references in a chain"
        )
    count = 1
    for other in _of_the_same(path, parts[path]):
        count += _count_applied(other, parts, applied, within=(*within, path))
        if count > MOST_APPLIED:
            message = f"comes to more than {MOST_APPLIED} schemas for one value, references followed; make it simpler"
            raise InvalidSchema(_pointer(*path), message)
    applied[path] = count
    return count


def _of_the_same(path: _Path, part: Any) -> Iterator[_Path]:
    if not isinstance(part, dict):
        return
    for word in _OF_THE_SAME & part.keys():
        value = part[word]
        if word in _LISTS:
            yield from ((*path, word, str(position)) for position in range(len(value)))
        elif word in _BY_NAME:
            yield from ((*path, word, name) for name in value)
        else:
            yield (*path, word)
    if "$ref" in part:
        target = _target(part["$ref"])
        assert target is not None, "references are checked before"
        yield target


def _target(reference: str) -> _Path | None:
    """Where a reference within the schema leads (RFC 6901, 6); None for any other one."""
    if reference == "#":
        return ()
    if not reference.startswith("#/"):
        return None
    return tuple(unquote(part).replace("~1", "/").replace("~0", "~") for part in reference[2:].split("/"))


def _pointer(*path: str) -> str:
    return "".join("/" + pointer_part(part) for part in path)
