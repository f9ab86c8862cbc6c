"""What reading costs: as many statements for twenty rows as for one, at every address of the URL map that is read from."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from tasks_app.models import Agent
from tests.integration.api import crowd
from tests.integration.api.addresses import Endpoint, endpoints
from tests.integration.api.world import NEVER_2XX, World, key_of, made_world

pytestmark = pytest.mark.django_db

READ = [each for each in endpoints() if each.method == "get" and key_of(each) not in NEVER_2XX]
USUAL = 2  # who asks, and what is asked for
RECKONED = {"get tasks/<uuid:task>/occurrences", "get calendars/<uuid:pk>/dates"}  # these are no rows
MORE_THAN_USUAL = {
    "get audit/verify": 3,
    "get breakers": 3,
    "get breakers/<uuid:pk>": 3,
    "get calendars/<uuid:pk>/dates": 3,
    "get events": 3,
    "get health/detailed": 15,  # that many things are looked at
    "get runs/<uuid:pk>": 4,
    "get schedules/conflicts": 6,
    "get tasks/export": 4,
    "get tasks/<uuid:task>/ledger": 3,
    "get tasks/<uuid:task>/occurrences": 3,
    "get tasks/<uuid:task>/runs": 3,
    "get tasks/<uuid:task>/stats": 4,
    "get tasks/<uuid:task>/why": 5,
    "get tools/<str:address>/stats": 4,
    "get tools/<str:address>/versions": 3,
    "get webhooks/<uuid:webhook>/deliveries": 3,
}


@pytest.fixture(scope="module")
def costs(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, tuple[int, int]]]:
    """Of each address: the statements that it takes with one row, and with twenty."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = made_world()
        Agent.objects.filter(pk=world.alice.pk).update(
            scopes=sorted({each.scope for each in READ if each.scope != "admin"})
        )
        alone = _costs(world, rows=0)
        crowd.join(world)
        crowded = _costs(world, rows=crowd.MORE)
        yield {name: (alone[name], crowded[name]) for name in alone}
        transaction.set_rollback(True)


def _costs(world: World, *, rows: int) -> dict[str, int]:
    return {key_of(each): _cost(world, each, rows=rows) for each in READ}


def _cost(world: World, endpoint: Endpoint, *, rows: int) -> int:
    who = "admin" if endpoint.scope == "admin" else "alice"
    world.answer(who, endpoint)  # whatever is kept after the first time
    with CaptureQueriesContext(connection) as asked:
        answer = world.answer(who, endpoint)
    assert answer.status_code == 200, (str(endpoint), answer.content)
    if key_of(endpoint) not in RECKONED and "items" in (
        shown := answer.json() if "json" in answer.headers["Content-Type"] else {}
    ):
        assert len(shown["items"]) >= rows, str(endpoint)
    return sum("SAVEPOINT" not in each["sql"] for each in asked.captured_queries)


def test_twenty_rows_take_no_more_statements_than_one(costs: dict[str, tuple[int, int]]) -> None:
    assert len(costs) > 30
    assert {name: cost for name, cost in costs.items() if cost[0] != cost[1]} == {}


def test_reading_takes_two_statements_or_as_many_as_are_told_here(costs: dict[str, tuple[int, int]]) -> None:
    dearer = {name: cost for name, (cost, _) in costs.items() if cost != USUAL}

    assert dearer == MORE_THAN_USUAL
