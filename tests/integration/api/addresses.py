"""Every address of the platform, walked from the URL map, with who may use it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from tasks_app.models.owned import OwnedQuerySet

PUBLIC = {
    "",
    "docs",
    "redoc",
    "openapi.json",
    "health",
    "health/live",
    "health/ready",
    "auth/token",
    "auth/refresh",
    "auth/revoke",
    "api/v1/auth/token",
    "api/v1/pipelines/schema",
    "api/v1/auth/refresh",
    "api/v1/auth/revoke",
    ".well-known/jwks.json",
    "hooks/<str:token>",  # the sender signs
}
BEHIND_DJANGOS_LOGIN = ("admin/", "flower/")
SIGNED = {"approvals/<str:token>"}  # the link itself is the right: test_approval_links.py
SCRAPED = {"metrics"}  # by Prometheus, inside the deployment
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Endpoint:
    """`scope` opens `method` on `route`; owned: the address names a row that has an owner."""

    route: str
    method: str
    scope: str
    owned: bool

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


def addresses(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def guarded() -> list[tuple[str, Any]]:
    """Route and view of what only a token opens."""
    return [
        (route, view)
        for route, view in addresses(get_resolver().url_patterns)
        if route not in PUBLIC | SIGNED | SCRAPED and not route.startswith(BEHIND_DJANGOS_LOGIN)
    ]


def endpoints() -> list[Endpoint]:
    return [
        Endpoint(route, method, view.cls.scopes[action], _names_an_owned_row(route, view.cls))
        for route, view in guarded()
        for method, action in _actions(view).items()
    ]


def _actions(view: Any) -> dict[str, str]:
    """What `scopes` calls each method: a view set's actions, or the methods themselves."""
    if getattr(view, "actions", None):
        return {method: action for method, action in view.actions.items() if method in METHODS}
    assert issubclass(view.cls, APIView), view
    return {method: method for method in METHODS if hasattr(view.cls, method)}


def _names_an_owned_row(route: str, view: type[APIView]) -> bool:
    of_another_kind = "<uuid:task>" in route or "<uuid:webhook>" in route
    return of_another_kind or ("<uuid:pk>" in route and isinstance(getattr(view, "queryset", None), OwnedQuerySet))
