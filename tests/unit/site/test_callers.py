"""Who calls is what the outermost proxy of ours has seen, and never what the caller says."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from ordinaut_site.callers import CallersMiddleware


@pytest.mark.parametrize(
    ("proxies", "header", "caller"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),
        (1, "", "10.0.0.1"),
        (1, None, "10.0.0.1"),
    ],
)
def test_an_address_is_believed_from_our_proxies_alone(
    settings: Any, proxies: int, header: str | None, caller: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    sent = {} if header is None else {"HTTP_X_FORWARDED_FOR": header}
    CallersMiddleware(answer)(RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", **sent))

    assert seen[0].META["REMOTE_ADDR"] == caller
