"""The one shape of every refusal: `application/problem+json` (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, JsonResponse

from tasks_app.exceptions import MOST_FAULTS, Fault, untold

MEDIA_TYPE: Final = "application/problem+json"
_LONGEST: Final = 1000  # characters of a pointer, and of a message


def body(status: int, *, code: str, detail: str, request_id: str, faults: Sequence[Fault] = ()) -> dict[str, Any]:
    """`code` is for programs, `detail` and each fault's message for people; a pointer leads into the request.

    `errors` lists the first hundred faults, each within two thousand characters; `more_errors` counts the rest.
    """
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
        "errors": [
            {"pointer": fault.pointer[:_LONGEST], "message": fault.message[:_LONGEST]} for fault in faults[:MOST_FAULTS]
        ],
        "more_errors": untold(faults),
    }


def response(
    request: HttpRequest, status: int, *, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> JsonResponse:
    """A problem told outside of any API view."""
    told = body(status, code=code, detail=detail, request_id=request_id_of(request))
    answer = JsonResponse(told, status=status, content_type=MEDIA_TYPE, headers=dict(headers or {}))
    answer.headers["Content-Length"] = str(len(answer.content))
    return answer


def request_id_of(request: HttpRequest) -> str:
    """The id that this request was given on its way in."""
    given: str = request.META.get("HTTP_X_REQUEST_ID", "")
    return given
