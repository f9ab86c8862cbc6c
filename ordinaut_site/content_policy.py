"""What a page may load and run, should something that somebody wrote ever get into it unescaped (Content Security Policy 3).

No page of ours has a script or a handler of events within it, so none runs: what is injected does nothing. Of the pages that others
wrote, two have one, known by its digest. So the policies are fixed, without nonces, and a header is all there is to them.
"""

from collections.abc import Callable, Mapping
from typing import Final

from django.http import HttpRequest, HttpResponseBase

HEADER: Final = "Content-Security-Policy"
NOTHING: Final = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'"}
_PAGES: Final = NOTHING | {
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",  # the libraries of both measure and hide by style attributes
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
}
_PERIODIC_TASKS_FORM: Final = "'sha256-QE3U2xYF7B4J2ro1/9oxiKhaWCGW39gB7ocQ/xlD0bE='"  # django-celery-beat's
_FLOWERS_TABLE: Final = (  # that it refreshes itself, or not
    "'sha256-13DrA+gBVy6Iyl8BzlkBsyGf+yUvDjGmDV1A2UWqZ9U=' 'sha256-b2Kj0J4jJO82qE1ld0JIpXCI2VlznbNtuJrmemkTCj8='"
)
# Alpine, which unfold is made with, evaluates its attributes.
ADMIN: Final = _PAGES | {"script-src": f"'self' 'unsafe-eval' {_PERIODIC_TASKS_FORM}"}
FLOWER: Final = _PAGES | {"script-src": f"'self' {_FLOWERS_TABLE}"}
_BY_PREFIX: Final = {"/admin/": ADMIN, "/flower/": FLOWER}


def text_of(policy: Mapping[str, str]) -> str:
    return "; ".join(f"{what} {where}" for what, where in policy.items())


class ContentPolicyMiddleware:
    """A page that says itself what it needs keeps its word; whatever is neither a page of the admin nor of Flower's needs nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        policy = next((policy for prefix, policy in _BY_PREFIX.items() if request.path.startswith(prefix)), NOTHING)
        response.headers.setdefault(HEADER, text_of(policy))
        return response
