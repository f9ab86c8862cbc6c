"""`Idempotency-Key`: a POST that is sent again is carried out once, and answered as the first time (draft-ietf-httpapi-
idempotency-key-header).
"""

from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tasks_app.api.authentication import agent_of
from tasks_app.api.errors import PayloadTooLarge
from tasks_app.api.parsers import MOST_BYTES
from tasks_app.api.tags import tag_of
from tasks_app.services import kept_answers
from tasks_app.services.kept_answers import Answer, Keyed

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
LONGEST: Final = 255  # characters
_KEPT_HEADERS: Final = ("Location", "Cache-Control", "ETag")
# Refusals that say nothing of the request itself: asked again, it may be answered otherwise.
_PASSING: Final = frozenset({401, 403, 408, 425, 429})


class BadKey(ParseError):
    default_code = "bad_idempotency_key"
    default_detail = f"An {HEADER} has 1 to {LONGEST} printable ASCII characters: a UUID does well."


def key_of(request: Request) -> str | None:
    """The request's key; None without one. Raises `BadKey`."""
    key: str | None = request.headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key.strip()) <= len(key) <= LONGEST or not (key.isascii() and key.isprintable()):
        raise BadKey
    return key


def once(
    view: APIView, handler: Callable[..., Response], keyed: Keyed, request: Request, *args: Any, **kwargs: Any
) -> HttpResponseBase:
    """Handle the request, unless it was handled under its key before; the answer is kept with what it changed.

    An answer that says nothing for good (5xx, 429, ...) is not kept: the key is free for another try.
    """
    with transaction.atomic():
        if kept := kept_answers.claim(keyed):
            return _replayed(kept)
        try:
            with transaction.atomic():
                response = handler(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - as the framework does around every handler: a refusal is an answer, too
            response = view.handle_exception(error)
        if response.status_code < 500 and response.status_code not in _PASSING:
            _keep(keyed, response, view, request)
    return response


def keyed(request: Request, key: str) -> Keyed:
    """The request as the key knows it, its body not yet parsed. Raises `PayloadTooLarge`."""
    asked = request._request  # noqa: SLF001 - the body as it was sent, which the framework reads afterwards
    if int(asked.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise PayloadTooLarge(f"The body is over {MOST_BYTES} bytes: send less.")
    query = asked.META.get("QUERY_STRING", "")
    return Keyed.of(key, agent=agent_of(request).pk, path=asked.path, query=query, body=asked.body)


def _keep(keyed: Keyed, response: Response, view: APIView, request: Request) -> None:
    renderer = request.accepted_renderer
    body = b"" if response.data is None else renderer.render(response.data, renderer.media_type, {"view": view})
    body = body.encode() if isinstance(body, str) else body
    if tag := tag_of(view, response, body):
        response.headers["ETag"] = tag
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    if body:
        headers["Content-Type"] = response.content_type or renderer.media_type
    answer = Answer(status=response.status_code, headers=headers, body=body)
    kept_answers.keep(keyed, answer, is_secret="no-store" in headers.get("Cache-Control", ""))


def _replayed(kept: Answer) -> HttpResponse:
    return HttpResponse(kept.body, status=kept.status, headers={**kept.headers, REPLAYED: "true"})
