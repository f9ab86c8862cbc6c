"""Which id a request goes by: the caller's, when it can be written anywhere without harm, else a new one."""

import re
import uuid
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponseBase

HEADER: Final = "X-Request-ID"
_META: Final = "HTTP_X_REQUEST_ID"
_HARMLESS: Final = re.compile(r"[A-Za-z0-9._:+/=-]{1,64}")  # 64: the columns that keep it


def accepted(given: str) -> str:
    return given if _HARMLESS.fullmatch(given) else str(uuid.uuid4())


class RequestIdMiddleware:
    """Everything behind it finds the id where the caller would have put it; every response carries it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = accepted(request.META.get(_META, ""))
        request.META[_META] = request_id
        response = self._get_response(request)
        response.headers[HEADER] = request_id
        return response
