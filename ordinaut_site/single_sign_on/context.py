"""What the login page offers beside the password."""

from django.http import HttpRequest

from ordinaut_site.single_sign_on import provider


def offered(request: HttpRequest) -> dict[str, bool]:  # noqa: ARG001 - a context processor's signature
    return {"single_sign_on": provider.current() is not None}
