"""If-Match is honoured or refused at every address that changes something, walked from the URL map; it is never ignored."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tasks_app.api.tags import GUARDED
from tests.integration.api.addresses import Endpoint, endpoints, guarded
from tests.integration.api.world import World, made_world

pytestmark = pytest.mark.django_db  # what a test does to the world is rolled back

CHANGING = [each for each in endpoints() if each.method != "get" and each.route.startswith("api/v1/")]
VIEWS = dict(guarded())


def has_edition(endpoint: Endpoint) -> bool:
    view = VIEWS[endpoint.route]
    return bool(view.cls.edition) and view.actions[endpoint.method] in GUARDED


WITHOUT = [each for each in CHANGING if not has_edition(each)]
every = pytest.mark.parametrize("endpoint", CHANGING, ids=str)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield made_world()
        transaction.set_rollback(True)


@every
@pytest.mark.parametrize("tag", ['"0.0"', 'W/"0.0"', '"a", "b"'], ids=["strong", "weak", "several"])
def test_a_tag_that_nothing_has_lets_nothing_through(endpoint: Endpoint, tag: str, world: World) -> None:
    answer = world.answer("admin", endpoint, **{"If-Match": tag})

    assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")


@pytest.mark.parametrize("endpoint", WITHOUT, ids=str)
def test_what_has_no_edition_refuses_every_condition_and_says_so(endpoint: Endpoint, world: World) -> None:
    answer = world.answer("admin", endpoint, **{"If-Match": "*"})

    assert answer.status_code == 412
    assert "leave If-Match out" in answer.json()["detail"]


def test_secrets_runs_and_breakers_have_none() -> None:
    kinds = {each.route.split("/")[2] for each in WITHOUT}

    assert {"secrets", "runs", "breakers"} <= kinds
