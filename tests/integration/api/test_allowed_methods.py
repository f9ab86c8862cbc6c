"""`Allow` names exactly the methods that an address answers (RFC 9110, 10.2.1), walked from the URL map."""

from typing import Any

import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient

from tests.integration.api.addresses import BEHIND_DJANGOS_LOGIN, addresses
from tests.integration.api.making import client_of
from tests.making import make_agent

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")
PARTS = {"<uuid:pk>", "<uuid:task>", "<uuid:webhook>"}
ROUTES = sorted(
    {route for route, _ in addresses(get_resolver().url_patterns) if not route.startswith(BEHIND_DJANGOS_LOGIN)}
)


def path_of(route: str) -> str:
    """An address where nothing is: what is allowed does not hang on that."""
    for part in PARTS:
        route = route.replace(part, "0198c0de-0000-7000-8000-000000000000")
    return "/" + route.replace("<str:token>", "a:b").replace("<str:name>", "a").replace("<str:address>", "a.b")


@pytest.fixture
def as_admin(db: None) -> APIClient:
    return client_of(make_agent(scopes=("admin",)))


def answers_of(client: APIClient, route: str) -> dict[str, Any]:
    return {method: client.generic(method, path_of(route)) for method in METHODS}


@pytest.mark.parametrize("route", ROUTES)
def test_a_405_names_what_is_answered_and_nothing_else(as_admin: APIClient, route: str) -> None:
    answers = answers_of(as_admin, route)

    refused = {method: answer for method, answer in answers.items() if answer.status_code == 405}
    answered = answers.keys() - refused.keys()
    assert "GET" not in answered or "HEAD" in answered
    assert {"OPTIONS", "TRACE"} <= refused.keys()
    assert {method: set(answer.headers["Allow"].split(", ")) for method, answer in refused.items()} == dict.fromkeys(
        refused, answered
    )
    assert not {answer.status_code for method, answer in answers.items() if method == "HEAD"} & {403, 500}


@pytest.mark.parametrize("route", ROUTES)
def test_whoever_has_no_token_is_told_no_other_methods(client: Any, db: None, route: str) -> None:
    for method in METHODS:
        answer = client.generic(method, path_of(route))
        assert "OPTIONS" not in answer.headers.get("Allow", "")
