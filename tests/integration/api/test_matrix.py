"""Every address, method, scope and owner, from the URL map: who is let in, and who is refused how.

An address that is added is tested here without a word. Where it needs a body or a row of a new kind, world.py has a place for it.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from tasks_app.models import Agent, AuditEntry
from tasks_app.services.agents import SCOPES
from tests.integration.api.addresses import PUBLIC, Endpoint, endpoints, guarded
from tests.integration.api.world import BESIDES, NEVER_2XX, SENT, World, key_of, made_world

pytestmark = pytest.mark.django_db  # what a test does to the world is rolled back

ENDPOINTS = endpoints()
OWNED = [each for each in ENDPOINTS if each.owned]
ONE_OF_MANY = [each for each in ENDPOINTS if "<" in each.route and not each.owned]
AGENTS_MAY = [each for each in ENDPOINTS if each.scope != "admin"]
LISTS = [each for each in AGENTS_MAY if each.method == "get" and "<" not in each.route]
# What belongs to nobody, and what is asked for by a name, of which each owner has its own.
NOBODYS = {"agents": "an admin's", "breakers": "shared", "tools": "shared"}
BY_NAME = "api/v1/secrets/<str:name>"

every = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once for all tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield made_world()
        transaction.set_rollback(True)


@pytest.fixture
def ask(world: World) -> Callable[..., Any]:
    """Asks as somebody, who has these scopes then."""

    def asked(who: str, endpoint: Endpoint, *scopes: str) -> Any:
        if scopes:
            Agent.objects.filter(pk=getattr(world, who).pk).update(scopes=list(scopes))
        return world.answer(who, endpoint)

    return asked


@every
def test_whoever_has_no_token_is_refused(endpoint: Endpoint, ask: Callable[..., Any]) -> None:
    assert ask("nobody", endpoint).status_code == 401


@every
def test_all_the_other_scopes_together_do_not_open_it(endpoint: Endpoint, ask: Callable[..., Any]) -> None:
    others = sorted(set(SCOPES) - {endpoint.scope, "admin"})

    refused = ask("alice", endpoint, *others)

    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert endpoint.scope in refused.json()["detail"]


@pytest.mark.parametrize("endpoint", OWNED, ids=str)
def test_what_belongs_to_another_agent_is_not_there_and_asking_for_it_is_noted(
    endpoint: Endpoint, ask: Callable[..., Any], world: World
) -> None:
    hidden = ask("bob", endpoint, endpoint.scope)

    assert (hidden.status_code, hidden.json()["code"]) == (404, "not_found")
    noted = AuditEntry.objects.filter(actor=f"agent:{world.bob.pk}").get()
    assert (noted.action, noted.details["status"]) == ("request.refused", 404)
    assert str(noted.object_id) in world.path(endpoint)


@pytest.mark.parametrize("endpoint", OWNED, ids=str)
def test_what_is_anothers_cannot_be_told_from_what_is_not_there(
    endpoint: Endpoint, ask: Callable[..., Any], world: World
) -> None:
    hidden = ask("bob", endpoint, endpoint.scope)
    gone = str(world.rows["agents/<uuid:pk>"])
    nowhere = World(world.alice, world.bob, world.admin, dict.fromkeys(world.rows, gone), world.clients)

    absent = nowhere.answer("bob", endpoint)

    assert {**hidden.json(), "request_id": ""} == {**absent.json(), "request_id": ""}
    assert hidden.status_code == absent.status_code


@pytest.mark.parametrize("endpoint", AGENTS_MAY, ids=str)
def test_its_one_scope_opens_it_to_the_owner(endpoint: Endpoint, ask: Callable[..., Any]) -> None:
    answer = ask("alice", endpoint, endpoint.scope, *BESIDES.get(key_of(endpoint), ()))

    assert answer.status_code < 500 or answer.status_code == NEVER_2XX.get(key_of(endpoint))
    assert answer.status_code not in {401, 403, 404}


@every
def test_an_admin_may_do_it(endpoint: Endpoint, ask: Callable[..., Any]) -> None:
    answer = ask("admin", endpoint)

    expected = NEVER_2XX.get(key_of(endpoint))
    told = f"{answer.status_code}: give it what it needs in world.py. {getattr(answer, 'content', b'')[:500]!r}"
    assert answer.status_code == expected or (not expected and 200 <= answer.status_code < 300), told


@pytest.mark.parametrize("endpoint", LISTS, ids=str)
def test_no_list_holds_what_is_anothers(endpoint: Endpoint, ask: Callable[..., Any], world: World) -> None:
    body = ask("bob", endpoint, endpoint.scope).content.decode()

    seen = [row for part, row in world.rows.items() if row in body and part != "<str:address>"]
    assert seen == []
    assert str(world.alice.pk) not in body


@pytest.mark.parametrize("method", ["get", "delete"])
def test_a_secret_of_anothers_is_not_there(method: str, ask: Callable[..., Any]) -> None:
    [endpoint] = [each for each in ENDPOINTS if (each.route, each.method) == (BY_NAME, method)]

    assert ask("bob", endpoint, endpoint.scope).status_code == 404


def test_who_puts_a_secret_by_anothers_name_has_one_of_its_own(ask: Callable[..., Any], world: World) -> None:
    [endpoint] = [each for each in ENDPOINTS if (each.route, each.method) == (BY_NAME, "put")]

    answer = ask("bob", endpoint, endpoint.scope)

    assert (answer.status_code, answer.json()["owner"]) == (201, str(world.bob.pk))


@pytest.mark.parametrize("endpoint", ONE_OF_MANY, ids=str)
def test_an_address_of_one_row_says_whose_it_is(endpoint: Endpoint) -> None:
    """Else it was forgotten to give its model an owner, or this test to say that it has none."""
    assert endpoint.route == BY_NAME or endpoint.route.split("/")[2] in NOBODYS


def test_the_walk_leaves_no_address_out() -> None:
    assert {each.route for each in ENDPOINTS} == {route for route, _ in guarded()}
    assert len(ENDPOINTS) > 70
    assert {each.scope for each in ENDPOINTS} <= set(SCOPES)


def test_what_is_written_here_about_addresses_is_about_addresses_that_are_there() -> None:
    assert {*SENT, *BESIDES, *NEVER_2XX} <= {key_of(each) for each in ENDPOINTS}


def test_an_address_that_is_public_is_read_without_a_token(world: World) -> None:
    """What nobody's token is asked for gives nothing of anybody's."""
    for route in sorted(PUBLIC - {"hooks/<str:token>", "docs", "redoc"}):
        answer = APIClient(raise_request_exception=False).get(f"/{route}")
        body = answer.content.decode()
        assert [row for row in world.rows.values() if row in body] == [], route
