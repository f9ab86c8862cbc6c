"""What does an HTTP answer mean for a step: a result, or which kind of failure?"""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from pipelines.errors import ErrorClass, StepError

_RETRYABLE = frozenset({408, 425, 429})
_EXCERPT = 200
_LONGEST_RETRY_AFTER = 86_400.0  # seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read whole. Header names are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes
    host: str


def output_of(answer: Answer) -> dict[str, Any]:
    """What http.request returns: `json` if the answer says that it is JSON and it is, else `text`."""
    output: dict[str, Any] = {"status": answer.status, "headers": answer.headers}
    content_type = _content_type(answer)
    if _is_json(content_type):
        # What calls itself JSON and is not is returned as the text it is.
        with suppress(ValueError, RecursionError):
            return {**output, "json": json.loads(answer.body)}
    return {**output, "text": _text(answer.body, content_type.get_content_charset("utf-8"))}


def content_of(answer: Answer) -> Any:
    """The body alone: the JSON value that it is, `{"text": ...}` for anything else, None where there is none.

    A body of which the answer does not say what it is may be JSON, too.
    """
    if not answer.body.strip():
        return None
    content_type = _content_type(answer)
    if _is_json(content_type) or not answer.headers.get("content-type"):
        with suppress(ValueError, RecursionError):
            return json.loads(answer.body)
    return {"text": _text(answer.body, content_type.get_content_charset("utf-8"))}


def answer_failure(answer: Answer, *, expected: tuple[int, ...] | None) -> StepError | None:
    """Why this answer fails its step, or None if it does not.

    `expected` lists the statuses that count as success; without it that is any 2xx.
    408, 425, 429 and 5xx may pass by themselves (RFC 9110, 15.5 and 15.6; RFC 6585); others will not.
    """
    status = answer.status
    succeeded = 200 <= status < 300 if expected is None else status in expected
    if succeeded:
        return None
    message = f"{answer.host} answered {status} {_phrase(status)}{_hint(answer)}{_excerpt(answer.body)}"
    if status in _RETRYABLE or status >= 500:
        return StepError(ErrorClass.RETRYABLE, "http_status", message, retry_after(answer.headers))
    return StepError(ErrorClass.PERMANENT, "http_status", message)


def retry_after(headers: dict[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds to wait, from a Retry-After header in either of its forms (RFC 9110, 10.2.3); a day at most."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), _LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:  # "-0000": UTC, says RFC 5322
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)


def _content_type(answer: Answer) -> Message:
    content_type = Message()
    content_type["content-type"] = answer.headers.get("content-type", "")
    return content_type


def _is_json(content_type: Message) -> bool:
    subtype = content_type.get_content_subtype()
    return subtype == "json" or subtype.endswith("+json")


def _text(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "(unknown status)"


def _hint(answer: Answer) -> str:
    if 300 <= answer.status < 400 and "location" in answer.headers:
        return f" to {answer.headers['location'][:200]!a}; set follow_redirects, or call that URL"
    return ""


def _excerpt(body: bytes) -> str:
    text = body[:_EXCERPT].decode("utf-8", errors="replace").strip()
    return f": {text!a}" if text else ""
