"""Who calls, where proxies stand before the platform? What the caller has written into a header itself says nothing of it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class CallersMiddleware:
    """`REMOTE_ADDR` becomes the address that the outermost of our proxies has seen, each of which adds one to X-Forwarded-For."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if proxies := settings.TRUSTED_PROXIES:
            passed = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-proxies:]
            request.META["REMOTE_ADDR"] = passed[0].strip() or request.META.get("REMOTE_ADDR", "")
        return self._get_response(request)
