"""Flower behind the operators' login: a proxy to the unix socket that it listens on.

Flower shows; it does not steer. Its buttons (shut a worker down, shrink a pool, revoke a message) would go around
the services, their rules and the audit, so only requests that read are let through. Of its POSTs that is one:
the tasks table fetches its rows with it, which is also why Django's CSRF token is not asked for.
Operations go through the admin.
"""

import ssl
from http import HTTPStatus
from typing import Final

import httpx2
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from ordinaut_site.embedded import locations

_READING_POST: Final = "/flower/tasks/datatable"
_TIMEOUT: Final = httpx2.Timeout(15, connect=2)

# Allow-lists: no cookie, no credential and no hop-by-hop header (RFC 9110, 7.6.1) passes in either direction.
_ASKED: Final = ("Accept", "Accept-Language", "Content-Type", "If-None-Match", "If-Modified-Since", "X-Requested-With")
_ANSWERED: Final = ("Content-Type", "Content-Length", "Cache-Control", "ETag", "Last-Modified", "Expires", "Location")


@csrf_exempt
async def flower(request: HttpRequest) -> HttpResponseBase:
    """Any page of Flower's, for active staff; others are sent to the admin's login. The request's thread waits for it."""
    user = await request.auser()
    if not (user.is_active and user.is_staff):
        return redirect_to_login(request.get_full_path(), login_url=reverse("admin:login"))
    if request.method not in {"GET", "HEAD"} and not (request.method == "POST" and request.path == _READING_POST):
        words = "Flower only shows what is there: operations go through the admin."
        allowed = ["GET", "HEAD", *(["POST"] if request.path == _READING_POST else [])]
        return HttpResponseNotAllowed(allowed, words, content_type="text/plain; charset=utf-8")
    return await _forward(request)


async def _forward(request: HttpRequest) -> HttpResponseBase:
    headers = {name: request.headers[name] for name in _ASKED if name in request.headers}
    async with _client() as client:
        asked = client.build_request(
            request.method or "GET",
            f"http://flower{request.get_full_path()}",
            headers=headers | {"Accept-Encoding": "identity"},
            content=request.body,
        )
        try:
            answer = await client.send(asked, stream=True)
            body = b"".join([chunk async for chunk in answer.aiter_raw()])
        except httpx2.TransportError:
            words = "Flower does not answer: it has not started yet, or it is not running."
            return HttpResponse(words, status=HTTPStatus.BAD_GATEWAY, content_type="text/plain; charset=utf-8")
        await answer.aclose()
    kept = {name: answer.headers[name] for name in _ANSWERED if name in answer.headers}
    return HttpResponse(body, status=answer.status_code, headers=kept)


def _client() -> httpx2.AsyncClient:
    # An empty TLS context: nothing here speaks TLS, and the default one reads all certificates at each request.
    transport = httpx2.AsyncHTTPTransport(
        uds=str(locations.flower_socket(settings.ENV.home)), verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    )
    return httpx2.AsyncClient(transport=transport, timeout=_TIMEOUT, follow_redirects=False)
