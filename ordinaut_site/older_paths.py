"""Addresses found in older documents: what now stands below `/api/v1` once stood at the root.

Such a request is answered as one for today's address, by the same views under the same checks; the links in the answer lead to
today's. What came later than those documents has no other address.
"""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponseBase

_TODAY: Final = "/api/v1"
_OLDER: Final = frozenset(
    {"agents", "audit", "calendars", "events", "pipelines", "runs", "schedules", "tasks", "tools"}
)


class OlderPathsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.path_info
        if asked[1:].partition("/")[0] in _OLDER:
            request.path = f"{request.path.removesuffix(asked)}{_TODAY}{asked}"
            request.path_info = f"{_TODAY}{asked}"
        return self._get_response(request)
