"""The one shape of every refusal: `application/problem+json` (RFC 9457)."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, JsonResponse

from tasks_app.exceptions import Fault

MEDIA_TYPE: Final = "application/problem+json"
_MOST_FAULTS: Final = 50


def body(status: int, *, code: str, detail: str, request_id: str, faults: Iterable[Fault] = ()) -> dict[str, Any]:
    """`code` is for programs, `detail` and each fault's message for people; a pointer leads into the request."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
        "errors": [{"pointer": fault.pointer, "message": fault.message} for fault in faults][:_MOST_FAULTS],
    }


def response(
    request: HttpRequest, status: int, *, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> JsonResponse:
    """A problem told outside of any API view."""
    told = body(status, code=code, detail=detail, request_id=request_id_of(request))
    return JsonResponse(told, status=status, content_type=MEDIA_TYPE, headers=dict(headers or {}))


def request_id_of(request: HttpRequest) -> str:
    """The id that this request was given on its way in."""
    given: str = request.META.get("HTTP_X_REQUEST_ID", "")
    return given
