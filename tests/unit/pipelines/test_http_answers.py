"""What an HTTP answer means."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pipelines import ErrorClass
from pipelines.egress.answers import Answer, answer_failure, output_of, retry_after


def answer(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, "example.org")


@pytest.mark.parametrize(
    ("status", "expected", "error_class"),
    [
        (200, None, None),
        (204, None, None),
        (301, None, ErrorClass.PERMANENT),
        (400, None, ErrorClass.PERMANENT),
        (404, None, ErrorClass.PERMANENT),
        (404, (200, 404), None),
        (200, (201,), ErrorClass.PERMANENT),
        (408, None, ErrorClass.RETRYABLE),
        (425, None, ErrorClass.RETRYABLE),
        (429, None, ErrorClass.RETRYABLE),
        (500, None, ErrorClass.RETRYABLE),
        (503, None, ErrorClass.RETRYABLE),
        (503, (503,), None),
        (599, None, ErrorClass.RETRYABLE),
    ],
)
def test_a_status_is_success_or_one_class_of_error(
    status: int, expected: tuple[int, ...] | None, error_class: ErrorClass | None
) -> None:
    failure = answer_failure(answer(status), expected=expected)

    assert (failure and failure.error_class) == error_class


def test_a_failure_says_who_answered_what() -> None:
    failed = answer_failure(answer(404, b"no\nsuch page"), expected=None)
    moved = answer_failure(answer(302, location="/login"), expected=None)
    odd = answer_failure(answer(599), expected=None)

    assert failed is not None
    assert failed.message == "example.org answered 404 Not Found: 'no\\nsuch page'"
    assert moved is not None
    assert moved.message == "example.org answered 302 Found to '/login'; set follow_redirects, or call that URL"
    assert odd is not None
    assert odd.message == "example.org answered 599 (unknown status)"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("999999", 86_400.0),
        ("Sat, 24 Oct 2026 12:01:30 GMT", 90.0),
        ("Sat, 24 Oct 2026 12:01:30 -0000", 90.0),
        ("Sat, 24 Oct 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, now=datetime(2026, 10, 24, 12, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    ("content_type", "body", "result"),
    [
        ("application/json", b'{"a": 1}', {"json": {"a": 1}}),
        ("application/problem+json; charset=utf-8", b"[]", {"json": []}),
        ("application/json", b"not json", {"text": "not json"}),
        ("application/json", b"[" * 100_000, {"text": "[" * 100_000}),
        ("text/plain; charset=latin-1", "é".encode("latin-1"), {"text": "é"}),
        ("text/plain; charset=nonsense", "é".encode(), {"text": "é"}),
        ("", b"\xff", {"text": "\ufffd"}),
    ],
)
def test_a_body_is_json_or_text(content_type: str, body: bytes, result: dict[str, Any]) -> None:
    headers = {"content-type": content_type}

    assert output_of(Answer(200, headers, body, "h")) == {"status": 200, "headers": headers, **result}
