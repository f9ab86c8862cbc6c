"""JSON that is refused before any view sees it."""

import json

import pytest

from tasks_app.api.errors import MalformedBody
from tasks_app.api.parsers import DEEPEST, read


def test_ordinary_json_is_read_as_it_is() -> None:
    value = {"a": [1, -2.5, "ü🙂", True, None, {"b": {}}], "": 2**63 - 1, "least": -(2**63)}

    assert read(json.dumps(value).encode()) == value
    assert read(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'{"a": 1, "b": 2, "a": 3}', "'a' is there twice"),
        (b'[{"x": {"y": 1, "y": 1}}]', "'y' is there twice"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"a": -Infinity}', "-Infinity is not JSON"),
        (b'{"a": 1e400}', "too large"),
        (b'{"a": 9223372036854775808}', "64 bits"),
        (b'{"a": -9223372036854775809}', "64 bits"),
        (b'{"a": ' + b"9" * 5000 + b"}", "64 bits"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"\\udfff": 1}', "surrogate"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"\\u0000": 1}', "NUL"),
        (b"[" * 100_000, "nested deeper"),
        (b'{"a":' * 100_000, "nested deeper"),
    ],
)
def test_what_is_no_json_or_cannot_be_kept_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(MalformedBody, match=said):
        read(content)


def test_nesting_is_allowed_down_to_the_deepest_level_and_no_further() -> None:
    def nested(levels: int) -> bytes:
        return b"[" * levels + b"]" * levels

    assert read(nested(DEEPEST)) is not None
    with pytest.raises(MalformedBody, match="nested deeper"):
        read(nested(DEEPEST + 1))


def test_the_place_of_what_cannot_be_kept_is_told() -> None:
    with pytest.raises(MalformedBody) as caught:
        read(b'{"payload": {"a/b": ["fine", "\\u0000"]}}')

    assert caught.value.pointer == "/payload/a~1b/1"
