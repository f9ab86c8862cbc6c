"""Turns errors into HTTP answers, in one table."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import Error
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response

from tasks_app import outages
from tasks_app.api import problems, refusals
from tasks_app.events.seats import NoSeatLeft, TooManyStreams
from tasks_app.exceptions import (
    Fault,
    IllegalMove,
    InvalidRequest,
    LeaseLost,
    LimitReached,
    NotAuthenticated,
    NotPermitted,
)
from tasks_app.services.guard import PreconditionFailed
from tasks_app.services.hook_intake import Unproven
from tasks_app.services.kept_answers import AnswerTooLarge, KeyInUse, KeyReused
from tasks_app.vault import NoKey

CHALLENGE: Final = 'Bearer realm="ordinaut"'


class PayloadTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "payload_too_large"


class MalformedBody(exceptions.ParseError):
    """The body is no JSON, or JSON that nothing here can store; `pointer` leads to the place where known."""

    default_code = "malformed_body"

    def __init__(self, detail: str, *, pointer: str = "") -> None:
        super().__init__(detail)
        self.pointer = pointer


class InvalidToken(exceptions.AuthenticationFailed):
    default_code = "invalid_token"
    default_detail = "The token is malformed, expired or no longer valid: ask for a new one at /auth/token."

    def __init__(self, detail: str | None = None, *, agent: UUID | None = None) -> None:
        """agent: to whom the token was given, where it proves that."""
        super().__init__(detail)
        self.agent = agent


class _Answer(NamedTuple):
    status: int
    code: str
    detail: str = ""  # empty: the error's own text, which is meant for the caller
    headers: dict[str, str] = {}


DATABASE_UNAVAILABLE: Final = ("database_unavailable", "The database does not answer now: try again in a moment.")
ANSWERS: Final[dict[type[Exception], _Answer]] = {
    InvalidRequest: _Answer(422, "invalid_request", "The request breaks a rule: see `errors`."),
    exceptions.ValidationError: _Answer(422, "invalid_request", "The request breaks a rule: see `errors`."),
    Unproven: _Answer(401, "not_authenticated", headers={"WWW-Authenticate": 'Signature realm="ordinaut"'}),
    NoKey: _Answer(503, "no_key", "The server cannot read its secrets now: its operator must act."),
    KeyInUse: _Answer(409, "idempotency_key_in_use", headers={"Retry-After": "1"}),
    KeyReused: _Answer(422, "idempotency_key_reused"),
    AnswerTooLarge: _Answer(422, "answer_too_large"),
    PreconditionFailed: _Answer(412, "precondition_failed"),
    IllegalMove: _Answer(409, "illegal_move"),
    LimitReached: _Answer(409, "limit_reached"),
    NotPermitted: _Answer(403, "not_permitted"),
    LeaseLost: _Answer(409, "lease_lost"),
    NotAuthenticated: _Answer(401, "not_authenticated", headers={"WWW-Authenticate": CHALLENGE}),
    InvalidToken: _Answer(401, "invalid_token", headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'}),
    exceptions.NotAuthenticated: _Answer(
        401,
        "not_authenticated",
        "Send `Authorization: Bearer <token>`: POST /auth/token gives one for an agent's id and secret.",
        {"WWW-Authenticate": CHALLENGE},
    ),
    TooManyStreams: _Answer(429, "too_many_streams", headers={"Retry-After": "5"}),
    NoSeatLeft: _Answer(503, "no_seat_left", headers={"Retry-After": "5"}),
    PermissionDenied: _Answer(403, "permission_denied", "You may not do this."),
    Http404: _Answer(404, "not_found", "There is nothing here that you may see."),
    ObjectDoesNotExist: _Answer(404, "not_found", "There is nothing here that you may see."),
}


def to_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """The problem to answer with; None for an error that nobody foresaw, which becomes a 500 without its text."""
    answer = _answer_to(error)
    if answer is None:
        return None
    try:
        refusals.note(error, context, status=answer.status, code=answer.code)
    except Error as failure:
        if not outages.is_outage(failure):
            raise
        return to_response(failure, context)  # no refusal without its entry
    told = problems.body(
        answer.status,
        code=answer.code,
        detail=answer.detail or f"{error}{_types_known(error, context['view'])}",
        request_id=problems.request_id_of(context["request"]),
        faults=_faults_of(error),
    )
    return Response(told, status=answer.status, headers=answer.headers, content_type=problems.MEDIA_TYPE)


def _answer_to(error: Exception) -> _Answer | None:
    if outages.is_outage(error):
        later = {"Retry-After": str(outages.retry_after(error))}
        return _Answer(status.HTTP_503_SERVICE_UNAVAILABLE, *DATABASE_UNAVAILABLE, headers=later)
    for kind in type(error).__mro__:
        if answer := ANSWERS.get(kind):
            return answer
    if isinstance(error, exceptions.Throttled):
        wait = math.ceil(getattr(error, "wait", None) or 1)
        return _Answer(error.status_code, "throttled", f"Too many tries: wait {wait} s.", {"Retry-After": str(wait)})
    if isinstance(error, exceptions.APIException):
        headers = {"WWW-Authenticate": CHALLENGE} if error.status_code == status.HTTP_401_UNAUTHORIZED else {}
        return _Answer(error.status_code, error.default_code, headers=headers)
    return None


def _types_known(error: Exception, view: Any) -> str:
    """What could be sent or asked for instead of a type that the address does not have; empty where that is said already."""
    if isinstance(error, exceptions.NotAcceptable):
        return f" Ask for {_names(view.get_renderers())}."
    if isinstance(error, exceptions.UnsupportedMediaType) and str(error).endswith("in request."):
        return f" Send {_names(view.get_parsers())}."
    return ""


def _names(kinds: Sequence[Any]) -> str:
    return " or ".join(dict.fromkeys(kind.media_type for kind in kinds))


def _faults_of(error: Exception) -> list[Fault]:
    if isinstance(error, InvalidRequest):
        return list(error.faults)
    if isinstance(error, exceptions.ValidationError):
        return list(flattened(error.detail))
    if isinstance(error, MalformedBody):
        return [Fault(error.pointer, str(error.detail))]
    return []


def with_more(message: str, more: int) -> exceptions.ErrorDetail:
    """A serializer's message that counts others beside it. Of a message the framework keeps the text and the code alone."""
    return exceptions.ErrorDetail(message, code=f"{_MORE}{more}")


def _more_of(detail: Any) -> int:
    code = getattr(detail, "code", None) or ""
    return int(code.removeprefix(_MORE)) if code.startswith(_MORE) else 0


_MORE: Final = "more:"


def flattened(detail: Any, pointer: str = "") -> Iterator[Fault]:
    """A serializer's nested messages, as pointers into the body (RFC 6901)."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            own = key == "non_field_errors"
            yield from flattened(inner, pointer if own else f"{pointer}/{escaped(str(key))}")
    elif isinstance(detail, list):
        for inner in detail:
            yield from flattened(inner, pointer)
    else:
        yield Fault(pointer, str(detail), more=_more_of(detail))


def escaped(key: str) -> str:
    """A key as one part of a JSON pointer, cut where nobody reads on."""
    return key[:100].replace("~", "~0").replace("/", "~1")
