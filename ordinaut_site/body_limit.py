"""How large a request may be, decided before any of it is read: Django would write it to disk first."""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope

from ordinaut_site.request_ids import HEADER, accepted
from tasks_app.api import problems
from tasks_app.api.parsers import MOST_BYTES


class BodyLimit:
    """An ASGI application around another. The server itself holds a body to the length that was announced."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http" and (refusal := _refusal(scope)):
            await tell(scope, send, *refusal)
        else:
            await self._application(scope, receive, send)


def _refusal(scope: HTTPScope) -> tuple[HTTPStatus, str, str] | None:
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return HTTPStatus.LENGTH_REQUIRED, "length_required", "Send the body whole, with a Content-Length."
    length = headers.get(b"content-length", b"0")
    most = MOST_BYTES_OF_A_LOGIN if scope["path"].startswith(_LOGINS) else MOST_BYTES
    if not length.isdigit() or int(length[:20]) > most:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "payload_too_large", f"The body is over {most} bytes: send less."
    return None


MOST_BYTES_OF_A_LOGIN: Final = 16 * 1024  # who sends it has proven nothing yet
_LOGINS: Final = ("/auth/", "/api/v1/auth/", "/admin/login/")


async def tell(scope: HTTPScope, send: ASGISendCallable, status: HTTPStatus, code: str, detail: str) -> None:
    """Answer with a problem, and close the connection: what of the body is still to come is not read."""
    request_id = accepted(dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1"))
    told: dict[str, Any] = problems.body(status, code=code, detail=detail, request_id=request_id)
    headers = [
        (b"content-type", problems.MEDIA_TYPE.encode()),
        (HEADER.lower().encode(), request_id.encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": json.dumps(told).encode(), "more_body": False})
