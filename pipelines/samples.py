"""Which value fits a JSON Schema, when any will do?

Always the same one, and the richest of the plain ones: with the optional properties, and with one item in a list. What a schema
offers itself (const, default, examples, enum) comes first. It is checked in the end: what does not fit is never answered.
"""

from collections.abc import Callable, Iterator, Mapping
from math import ceil
from typing import Any, Final

from pipelines.schemas import SchemaMismatch, compile_schema
from pipelines.values import MAX_BYTES, UnfitValue, pointer_part, spend

_DEEPEST: Final = 12
_MOST_MADE: Final = 10_000  # values, of one sample
_LONGEST_TEXT: Final = 10_000
_OFFERED: Final = ("const", "default", "examples", "enum")
_FORMATS: Final = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "00:00:00Z",
    "duration": "PT1H",
    "email": "someone@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/",
    "uri-reference": "/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "json-pointer": "",
    "regex": ".*",
    "expression": "@",
}
# Tried where a pattern is asked for: nobody can make a text for every pattern.
_TEXTS: Final = (
    "text", "a", "A", "1", "abc", "abc-1", "a.b", "A1", "ABC", "00", "123456", "0.0", "/", "a@example.org", "+15550100",
    "EUR", "en", "en-US", *_FORMATS.values(),
)  # fmt: skip


class NoSample(ValueError):
    """No value was found for the schema's part at `pointer` (RFC 6901, into the schema)."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"{pointer or '/'} {reason}")
        self.pointer = pointer
        self.reason = reason


def sample_of(schema: Mapping[str, Any] | bool) -> Any:
    """A value that fits `schema` (draft 2020-12). Raises `NoSample`."""
    failure: NoSample | None = None
    for rich in (True, False):
        try:
            value = _Maker(schema, rich=rich).value(schema, "", 0)
            _check(schema, value)
        except NoSample as no_sample:
            failure = no_sample
        else:
            return value
    assert failure is not None, "either it was answered, or it is known why not"
    raise failure


def _check(schema: Mapping[str, Any] | bool, value: Any) -> None:
    try:
        spend(value, MAX_BYTES)
        if check := compile_schema(schema):
            check(value)
    except UnfitValue as unfit:
        raise NoSample("", f"asks for what cannot be stored: {unfit.reason}") from None
    except SchemaMismatch as mismatch:
        message = f"is fulfilled by no value that was tried, which {mismatch.reason}; give the tool an example"
        raise NoSample(_of_schema(mismatch.pointer), message) from None


def _of_schema(pointer: str) -> str:
    """Where in a schema the part of a value is spoken of, in most schemas."""
    return "".join("/items" if part.isdigit() else f"/properties/{part}" for part in pointer.split("/")[1:])


class _Maker:
    def __init__(self, root: Mapping[str, Any] | bool, *, rich: bool) -> None:
        self._root = root
        self._rich = rich  # with what is optional
        self._left = _MOST_MADE

    def value(self, schema: Any, place: str, depth: int) -> Any:
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise NoSample(place, "is nested too deep, or too large, to be made up; give the tool an example")
        if schema is False:
            raise NoSample(place, "allows no value")
        if not isinstance(schema, Mapping):
            return {}
        schema = self._merged(schema, place, depth)
        offered = list(_offered(schema))
        fits = _judge(schema) if offered else bool
        for candidate in offered:
            if fits(candidate):
                return candidate
        kind = _kind(schema)
        return self._makers[kind](self, schema, place, depth)

    def _merged(self, schema: Mapping[str, Any], place: str, depth: int) -> Mapping[str, Any]:
        """With what it refers to, all of `allOf`, and the first that can be made of `anyOf` and `oneOf`, written into it."""
        merged = {name: value for name, value in schema.items() if name not in ("$ref", "allOf", "anyOf", "oneOf")}
        if "$ref" in schema:
            merged = _joined(merged, self._referred(schema["$ref"], place, depth))
        for number, part in enumerate(schema.get("allOf", ())):
            merged = _joined(merged, self._resolved(part, f"{place}/allOf/{number}", depth))
        for word in ("anyOf", "oneOf"):
            if word in schema:
                merged = _joined(merged, self._chosen(schema[word], merged, f"{place}/{word}", depth))
        return merged

    def _chosen(self, options: list[Any], merged: Mapping[str, Any], place: str, depth: int) -> Mapping[str, Any]:
        failure = NoSample(place, "allows no value")
        for number, option in enumerate(options):
            try:
                resolved = self._resolved(option, f"{place}/{number}", depth)
                self.value(_joined(merged, resolved), f"{place}/{number}", depth + 1)
            except NoSample as no_sample:
                failure = no_sample
            else:
                return resolved
        raise failure

    def _resolved(self, schema: Any, place: str, depth: int) -> Mapping[str, Any]:
        if schema is False:
            raise NoSample(place, "allows no value")
        return self._merged(schema, place, depth + 1) if isinstance(schema, Mapping) else {}

    def _referred(self, reference: str, place: str, depth: int) -> Mapping[str, Any]:
        """A part of the same schema."""
        if depth > _DEEPEST or not reference.startswith("#"):
            raise NoSample(f"{place}/$ref", "leads too far to be made up; give the tool an example")
        found: Any = self._root
        for part in reference[1:].split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, Mapping) else None
        if found is None:
            raise NoSample(f"{place}/$ref", f"leads nowhere: {reference[:100]}")
        return self._resolved(found, reference[1:], depth)

    def _object(self, schema: Mapping[str, Any], place: str, depth: int) -> dict[str, Any]:
        required = schema.get("required", [])
        properties = schema.get("properties", {})
        made = {}
        for name in [*properties, *(name for name in required if name not in properties)]:
            try:
                made[name] = self.value(properties.get(name, {}), f"{place}/properties/{pointer_part(name)}", depth + 1)
            except NoSample:
                if name in required:
                    raise
            if name in made and name not in required and not self._rich:
                del made[name]
        for number in range(schema.get("minProperties", 0) - len(made)):
            made[f"property_{number + 1}"] = self.value(schema.get("additionalProperties", {}), place, depth + 1)
        return made

    def _array(self, schema: Mapping[str, Any], place: str, depth: int) -> list[Any]:
        first = schema.get("prefixItems", [])
        fewest, most = schema.get("minItems", 0), schema.get("maxItems", _MOST_MADE)
        number = min(max(fewest, len(first), 1 if self._rich and schema.get("items", {}) is not False else 0), most)
        if number > self._left:
            raise NoSample(f"{place}/minItems", "asks for too many items to be made up; give the tool an example")
        made = []
        for position in range(number):
            inner, where = (
                (first[position], f"prefixItems/{position}")
                if position < len(first)
                else (schema.get("items", {}), "items")
            )
            made.append(self.value(inner, f"{place}/{where}", depth + 1))
        return made

    def _string(self, schema: Mapping[str, Any], place: str, _depth: int) -> str:
        fewest, most = schema.get("minLength", 0), schema.get("maxLength", _LONGEST_TEXT)
        if fewest > _LONGEST_TEXT:
            raise NoSample(f"{place}/minLength", "asks for a text too long to be made up; give the tool an example")
        texts = (_FORMATS[schema["format"]],) if schema.get("format") in _FORMATS else _TEXTS
        fits = _judge(schema)
        for text in texts:
            for fitted in (text, text + text[-1:] * (fewest - len(text)), text[:most]):
                if fits(fitted):
                    return fitted
        asked = "pattern" if "pattern" in schema else "format" if "format" in schema else "minLength"
        raise NoSample(f"{place}/{asked}", "is fulfilled by no text that was tried; give the tool an example")

    def _number(self, schema: Mapping[str, Any], place: str, _depth: int) -> float | int:
        whole = _kind(schema) == "integer"
        least = schema.get("minimum", schema.get("exclusiveMinimum"))
        greatest = schema.get("maximum", schema.get("exclusiveMaximum"))
        step = schema.get("multipleOf", 1)
        fits = _judge(schema)
        for candidate in _numbers(least, greatest, step):
            number = int(candidate) if whole and candidate == int(candidate) else candidate
            if fits(number):
                return number
        raise NoSample(place, "is fulfilled by no number that was tried; give the tool an example")

    def _boolean(self, _schema: Mapping[str, Any], _place: str, _depth: int) -> bool:
        return True

    def _null(self, _schema: Mapping[str, Any], _place: str, _depth: int) -> None:
        return None

    _makers: Final[dict[str, Callable[..., Any]]] = {
        "object": _object,
        "array": _array,
        "string": _string,
        "number": _number,
        "integer": _number,
        "boolean": _boolean,
        "null": _null,
    }


def _offered(schema: Mapping[str, Any]) -> Iterator[Any]:
    for word in _OFFERED:
        if word in schema:
            yield from schema[word] if word in ("examples", "enum") else (schema[word],)


def _judge(schema: Mapping[str, Any]) -> Callable[[Any], bool]:
    """Whether a value fits, as far as the schema itself says: what it refers to is judged in the end."""
    check = compile_schema({name: word for name, word in schema.items() if name in _OWN_WORDS})

    def fits(value: Any) -> bool:
        try:
            if check is not None:
                check(value)
        except SchemaMismatch:
            return False
        return True

    return fits


_OWN_WORDS: Final = frozenset(
    {
        "type", "const", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
        "maxLength", "pattern", "minItems", "maxItems", "minProperties", "maxProperties", "required",
    }
)  # fmt: skip


def _kind(schema: Mapping[str, Any]) -> str:
    """The type to make; of several the first that is something."""
    kinds = schema.get("type")
    if isinstance(kinds, str):
        return kinds
    if kinds:
        return str(next((kind for kind in kinds if kind != "null"), "null"))
    return next((kind for word, kind in _TYPE_OF_WORD.items() if word in schema), "object")


_TYPE_OF_WORD: Final = {
    "properties": "object", "required": "object", "additionalProperties": "object",
    "items": "array", "prefixItems": "array", "minItems": "array",
    "minLength": "string", "maxLength": "string", "pattern": "string", "format": "string",
    "minimum": "number", "maximum": "number", "exclusiveMinimum": "number", "exclusiveMaximum": "number", "multipleOf": "number",
}  # fmt: skip


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What both ask for, where they can be put together; for the rest the later one counts, and the check decides."""
    joined = {**one, **other}
    if "properties" in one and "properties" in other:
        joined["properties"] = {**one["properties"], **other["properties"]}
    if "required" in one and "required" in other:
        joined["required"] = [*one["required"], *(name for name in other["required"] if name not in one["required"])]
    return joined


def _numbers(least: float | None, greatest: float | None, step: float) -> Iterator[float | int]:
    start = 1 if least is None else least
    if least is None and greatest is not None and greatest < 1:
        start = greatest
    yield start
    if step > 0:
        multiple = ceil(start / step) * step
        yield from (multiple, multiple + step, multiple - step)
    yield from (start + 1, start - 1)
    if least is not None and greatest is not None:
        yield (least + greatest) / 2
