"""The platform's own pages: where everything is, and the API's documentation. None shows data, none loads from elsewhere."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from ordinaut_site import content_policy

_SELF_ONLY: Final = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
# Both documentation viewers write style elements; Redoc searches in a worker made of a blob.
_VIEWER: Final = _SELF_ONLY | {
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "connect-src": "'self'",
    "worker-src": "blob:",
    "font-src": "'self' data:",
}


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    return _page(request, "ordinaut_site/start.html", _SELF_ONLY)


@require_safe
def swagger(request: HttpRequest) -> HttpResponse:
    return _page(request, "ordinaut_site/swagger.html", _VIEWER)


@require_safe
def redoc(request: HttpRequest) -> HttpResponse:
    return _page(request, "ordinaut_site/redoc.html", _VIEWER)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    return JsonResponse(_document())


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return document


def _page(request: HttpRequest, template: str, policy: Mapping[str, str]) -> HttpResponse:
    page = render(request, template)
    page.headers[content_policy.HEADER] = content_policy.text_of(policy)
    return page
