"""What is answered where no view answers: problems below the API's addresses, Django's own pages elsewhere."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from tasks_app.api import problems

_OF_PROGRAMS = ("/api/", "/auth/", "/health")


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
    if _is_of_program(request):
        return problems.response(
            request,
            500,
            code="internal_error",
            detail="Something broke here. The log tells what, under the request id.",
        )
    return defaults.server_error(request)


def _is_of_program(request: HttpRequest) -> bool:
    return request.path.startswith(_OF_PROGRAMS)
