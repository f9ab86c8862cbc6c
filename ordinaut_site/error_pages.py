"""What is answered where no view answers: problems below the API's addresses, Django's own pages elsewhere."""

import sys
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

from tasks_app import outages
from tasks_app.api import problems
from tasks_app.api.errors import DATABASE_UNAVAILABLE

_OF_PROGRAMS = ("/api/", "/auth/", "/health", "/hooks/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_of_program(request):
        return problems.response(request, 400, code="bad_request", detail="The request cannot be understood.")
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_of_program(request):
        return problems.response(
            request, 404, code="not_found", detail="There is nothing at this address: /openapi.json lists them."
        )
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest, *_: Any) -> HttpResponse:
    # Django hands over no error, but calls this while it is being handled, wherever it was raised: in a view, or in a
    # middleware that asks for the session.
    error = sys.exception()
    if error and outages.is_outage(error):
        return _later(request, outages.retry_after(error))
    if _is_of_program(request):
        return problems.response(
            request,
            500,
            code="internal_error",
            detail="Something broke here. The log tells what, under the request id.",
        )
    return defaults.server_error(request)


def _later(request: HttpRequest, seconds: int) -> HttpResponse:
    """503 with a time to come back; the page is made without the database, to which a context processor might turn."""
    headers = {"Retry-After": str(seconds)}
    if _is_of_program(request):
        code, detail = DATABASE_UNAVAILABLE
        return problems.response(request, 503, code=code, detail=detail, headers=headers)
    page = render_to_string("ordinaut_site/unavailable.html", {"seconds": seconds})
    return HttpResponse(page, status=503, headers=headers)


def _is_of_program(request: HttpRequest) -> bool:
    return request.path.startswith(_OF_PROGRAMS)
