"""What is answered where no view answers: problems to programs, pages to people."""

import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.views import defaults

from tasks_app import outages
from tasks_app.api import problems
from tasks_app.api.errors import DATABASE_UNAVAILABLE

_OF_PROGRAMS: Final = ("/api/", "/auth/", "/health", "/hooks/", "/.well-known/", "/metrics", "/openapi.json")
_OF_PEOPLE: Final = ("/admin/", "/flower/", "/approvals/", "/docs", "/redoc", "/static/")
_DETAILS: Final = {
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method: `Allow` names those that it takes.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address: /openapi.json lists them.",
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_of_program(request):
        return problems.response(request, 400, code="bad_request", detail="The request cannot be understood.")
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_of_program(request):
        return problems.response(request, 404, code="not_found", detail=_DETAILS[HTTPStatus.NOT_FOUND])
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest, *_: Any) -> HttpResponse:
    # Django hands over no error, but calls this while it is being handled, wherever it was raised: in a view, or in a
    # middleware that asks for the session.
    error = sys.exception()
    if error and outages.is_outage(error):
        return _later(request, outages.retry_after(error))
    if is_of_program(request):
        return problems.response(
            request,
            500,
            code="internal_error",
            detail="Something broke here. The log tells what, under the request id.",
        )
    return defaults.server_error(request)


def refusal(request: HttpRequest, status: int, *, code: str, detail: str) -> HttpResponse:
    """A problem, or a page that says the same."""
    if is_of_program(request):
        return problems.response(request, status, code=code, detail=detail)
    return HttpResponse(detail, status=status, content_type="text/plain; charset=utf-8")


class ProblemMiddleware:
    """What Django itself refuses with a page or with nothing (405, 403, ...) is told to programs as a problem."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        is_told = response.streaming or "json" in response.get("Content-Type", "")
        if response.status_code < 400 or is_told or not is_of_program(request):
            return response
        status = HTTPStatus(response.status_code)
        told = problems.response(
            request,
            status,
            code=status.phrase.lower().replace(" ", "_"),
            detail=_DETAILS.get(status, status.description or f"{status.phrase}."),
        )
        for name, value in response.items():
            if name not in {"Content-Type", "Content-Length"}:
                told.headers[name] = value
        return told


def is_of_program(request: HttpRequest) -> bool:
    """Whether who asks is to be told as a program: by the address, and where nobody has that, by what is asked for."""
    if request.path.startswith(_OF_PROGRAMS):
        return True
    if request.path == "/" or request.path.startswith(_OF_PEOPLE):
        return False
    return "text/html" not in request.headers.get("Accept", "").lower()


def _later(request: HttpRequest, seconds: int) -> HttpResponse:
    """503 with a time to come back; the page is made without the database, to which a context processor might turn."""
    headers = {"Retry-After": str(seconds)}
    if is_of_program(request):
        code, detail = DATABASE_UNAVAILABLE
        return problems.response(request, 503, code=code, detail=detail, headers=headers)
    page = render_to_string("ordinaut_site/unavailable.html", {"seconds": seconds})
    return HttpResponse(page, status=503, headers=headers)
