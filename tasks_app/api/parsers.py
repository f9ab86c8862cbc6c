"""JSON as the platform takes it: UTF-8, without anything that it could not keep."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any, Final

from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from tasks_app.api.errors import MalformedBody, PayloadTooLarge, escaped

MOST_BYTES: Final = 1024 * 1024
DEEPEST: Final = 32
_LARGEST, _SMALLEST = 2**63 - 1, -(2**63)
_LONGEST_NUMBER: Final = 20  # the digits of a 64-bit integer and its sign


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        assert parser_context is not None
        request: Request = parser_context["request"]
        encoding = request.headers.get("Content-Encoding", "identity")
        if encoding.strip().lower() != "identity":
            raise UnsupportedMediaType(encoding, "Send the body as it is, without a Content-Encoding.")
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in {"utf-8", "utf8"}:
            raise MalformedBody("JSON is UTF-8: send it so, and name no other charset.")
        return self.value_in(_content(stream))

    def value_in(self, content: bytes) -> Any:
        """Raises `MalformedBody`."""
        return read(content)


class CalendarFileParser(BaseParser):
    """An iCalendar file (RFC 5545), as text."""

    media_type = "text/calendar"

    def parse(  # type: ignore[override]  # of one text, where forms are foreseen
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> str:
        try:
            text = _content(stream).decode("utf-8")
        except UnicodeDecodeError as error:
            raise MalformedBody(f"The file is not UTF-8 (byte {error.start}).") from error
        _check_text(text, "")
        return text


def _content(stream: IO[bytes]) -> bytes:
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise PayloadTooLarge(f"The body is over {MOST_BYTES} bytes: send less.")
    return content


def read(content: bytes) -> Any:
    """The JSON value in `content`. Raises `MalformedBody` for what is no JSON or cannot be kept in Postgres."""
    try:
        value = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_float,
        )
    except UnicodeDecodeError as error:
        raise MalformedBody(f"The body is not UTF-8 (byte {error.start}).") from error
    except json.JSONDecodeError as error:
        raise MalformedBody(
            f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from error
    except RecursionError as error:
        raise MalformedBody(f"The body is nested deeper than {DEEPEST} levels.") from error
    check(value)
    return value


def check(value: Any) -> None:
    """Refuse what Postgres could not keep, or what is nested too deep. Raises `MalformedBody`."""
    _check(value, "", DEEPEST)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise MalformedBody(f"The key {twice[:100]!r} is there twice in one object.")
    return made


def _integer(digits: str) -> int:
    value = int(digits) if len(digits) <= _LONGEST_NUMBER else _LARGEST + 1
    if not _SMALLEST <= value <= _LARGEST:
        raise MalformedBody(f"The number {digits[:30]} does not fit into 64 bits.")
    return value


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise MalformedBody(f"The number {digits[:30]} is too large.")
    return value


def _refuse_constant(name: str) -> None:
    raise MalformedBody(f"{name} is not JSON.")


def _check(value: Any, pointer: str, levels_left: int) -> None:
    if isinstance(value, str):
        _check_text(value, pointer)
    elif isinstance(value, dict | list):
        if levels_left == 0:
            raise MalformedBody(f"The body is nested deeper than {DEEPEST} levels.", pointer=pointer)
        if isinstance(value, dict):
            for key, inner in value.items():
                _check_text(key, pointer)
                _check(inner, f"{pointer}/{escaped(key)}", levels_left - 1)
        else:
            for position, inner in enumerate(value):
                _check(inner, f"{pointer}/{position}", levels_left - 1)


def _check_text(text: str, pointer: str) -> None:
    if "\0" in text:
        raise MalformedBody("A text holds the character NUL, which cannot be kept.", pointer=pointer)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedBody("A text holds half of a surrogate pair.", pointer=pointer) from error
