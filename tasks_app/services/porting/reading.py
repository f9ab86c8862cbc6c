"""What value does a text hold, in YAML or in JSON?

Both are read as the same: the values of JSON, nothing twice in one object, nothing that Postgres could not keep. YAML is read by
its JSON schema (YAML 1.2.2, 10.2), but that a plain scalar which is no value of JSON is a text: `no`, `12:30:00` and
`2026-01-01` are texts. Anchors, aliases and tags are refused, so that a text makes no more than it holds.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import yaml

from pipelines.values import MAX_DEPTH, UnfitValue, pointer_part, spend
from tasks_app.exceptions import OrdinautError
from tasks_app.services.porting.forms import Form

MOST_BYTES: Final = 1024 * 1024
DEEPEST: Final = MAX_DEPTH + 3  # a payload as deep as it may be, in a task, in a list, in a document
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_LONGEST_NUMBER: Final = 40  # more digits than any number that can be kept exactly
_WORDS: Final[Mapping[str, Any]] = {"": None, "~": None, "null": None, "true": True, "false": False}
_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same events, thirty times as fast


class UnreadableDocument(OrdinautError):
    """The text is no YAML or no JSON, or holds what cannot be kept; `pointer` (RFC 6901) leads to the place where known."""

    def __init__(self, message: str, *, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


def read(content: bytes, *, form: Form, most_bytes: int = MOST_BYTES) -> Any:
    """The value in `content`, which is UTF-8. Raises `UnreadableDocument`."""
    if len(content) > most_bytes:
        raise UnreadableDocument(f"The document is over {most_bytes} bytes: send it in parts.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableDocument(f"The document is not UTF-8 (byte {error.start}).") from None
    value = _of_json(text) if form is Form.JSON else _of_yaml(text)
    try:
        spend(value, 8 * most_bytes, depth=MAX_DEPTH - DEEPEST)
    except UnfitValue as unfit:
        raise UnreadableDocument(f"A value is {unfit.reason}.", pointer=unfit.pointer) from None
    return value


def _of_json(text: str) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_number, parse_float=_number
        )
    except json.JSONDecodeError as error:
        message = f"The document is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        raise UnreadableDocument(message) from None
    except RecursionError:
        raise _too_deep("") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise UnreadableDocument(f"The key {key[:100]!r} is there twice in one object.")
        made[key] = value
    return made


def _no_constant(name: str) -> None:
    raise UnreadableDocument(f"{name} is not JSON.")


def _number(digits: str) -> int | float:
    if not digits.lstrip("-").isdigit():
        value = float(digits)
        if value in (float("inf"), float("-inf")):
            raise UnreadableDocument(f"The number {digits[:30]} is too large.")
        return value
    if len(digits) > _LONGEST_NUMBER or not -(2**63) <= int(digits) < 2**63:
        raise UnreadableDocument(f"The number {digits[:30]} does not fit into 64 bits.")
    return int(digits)


def _of_yaml(text: str) -> Any:
    try:
        return _Composer(yaml.parse(text, Loader=_Loader)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise UnreadableDocument(f"The document is not YAML: {error.problem}{place}.") from None
    except yaml.YAMLError as error:
        raise UnreadableDocument(f"The document is not YAML: {str(error).splitlines()[0]}.") from None


class _Composer:
    """Makes the value of one document of its events, as far as they are of the kind that is read here."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._makers: Mapping[type[Any], Callable[[Any, str, int], Any]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.SequenceStartEvent: self._list,
            yaml.MappingStartEvent: self._mapping,
            yaml.AliasEvent: self._alias,
        }

    def document(self) -> Any:
        next(self._events)  # the stream's start
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        value = self._node(next(self._events), "", 0)
        next(self._events)  # the document's end
        if not isinstance(next(self._events), yaml.StreamEndEvent):
            raise UnreadableDocument("The text holds several documents: send one.")
        return value

    def _node(self, event: Any, pointer: str, depth: int) -> Any:
        if event.anchor is not None and not isinstance(event, yaml.AliasEvent):
            raise UnreadableDocument(f"{_at(event)}: an anchor is not read: write out what is meant.", pointer=pointer)
        if getattr(event, "tag", None) is not None:
            raise UnreadableDocument(f"{_at(event)}: a tag is not read: leave it out.", pointer=pointer)
        return self._makers[type(event)](event, pointer, depth)

    def _alias(self, event: Any, pointer: str, _depth: int) -> None:
        raise UnreadableDocument(f"{_at(event)}: an alias is not read: write out what is meant.", pointer=pointer)

    def _scalar(self, event: Any, _pointer: str, _depth: int) -> Any:
        text: str = event.value
        is_plain = event.implicit[0]
        if not is_plain:
            return text
        if text in _WORDS:
            return _WORDS[text]
        return _number(text) if _NUMBER.fullmatch(text) else text

    def _list(self, _event: Any, pointer: str, depth: int) -> list[Any]:
        _descend(pointer, depth)
        made: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            made.append(self._node(event, f"{pointer}/{len(made)}", depth + 1))
        return made

    def _mapping(self, _event: Any, pointer: str, depth: int) -> dict[str, Any]:
        _descend(pointer, depth)
        made: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, pointer)
            if key in made:
                raise UnreadableDocument(
                    f"{_at(event)}: the key {key[:100]!r} is there twice in one object.", pointer=pointer
                )
            made[key] = self._node(next(self._events), f"{pointer}/{pointer_part(key)}", depth + 1)
        return made

    def _key(self, event: Any, pointer: str) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise UnreadableDocument(f"{_at(event)}: a key is a text.", pointer=pointer)
        self._node(event, pointer, 0)  # without anchor and tag
        return str(event.value)


def _descend(pointer: str, depth: int) -> None:
    if depth >= DEEPEST:
        raise _too_deep(pointer)


def _too_deep(pointer: str) -> UnreadableDocument:
    return UnreadableDocument(f"The document is nested deeper than {DEEPEST} levels.", pointer=pointer)


def _at(event: Any) -> str:
    return f"Line {event.start_mark.line + 1}, column {event.start_mark.column + 1}"
