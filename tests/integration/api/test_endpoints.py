"""What holds for every request holds at every address below /api/v1, walked from the URL map."""

from django.urls import get_resolver

from tasks_app.api.endpoint import Endpoint
from tests.integration.api.test_access import addresses


def test_every_address_but_the_logins_is_an_endpoint() -> None:
    others = {
        route
        for route, view in addresses(get_resolver().url_patterns)
        if route.startswith("api/v1/") and not issubclass(view.cls, Endpoint)
    }

    assert others == {"api/v1/auth/token", "api/v1/auth/refresh", "api/v1/auth/revoke"}


def test_what_can_be_changed_by_an_agent_is_guarded_or_refuses_conditions() -> None:
    unguarded = {
        route
        for route, view in addresses(get_resolver().url_patterns)
        if route.startswith("api/v1/")
        and {"put", "patch", "delete"} & set(getattr(view, "actions", None) or ())
        and not view.cls.edition
    }

    assert unguarded == {"api/v1/secrets/<str:name>"}
