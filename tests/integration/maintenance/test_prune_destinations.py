"""Destinations that nobody calls any more are forgotten, with all that was kept about them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models.functions import Now

from tasks_app.destinations import breakers
from tasks_app.destinations.lines import take_slot
from tasks_app.maintenance import prune
from tasks_app.models import CallTally, Destination, PostponedCall, RateLine
from tasks_app.rate_limits import RateLimit
from tests.integration.destinations.making import API, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

OLD, RECENT = timedelta(hours=25), timedelta(hours=23)


def test_what_nobody_has_called_for_a_day_is_forgotten_and_the_rest_stays() -> None:
    for name, age in (("old", OLD), ("recent", RECENT)):
        told(10, 10, of=name)
        take_slot([RateLimit(name, 1.0)], in_line=False)
        Destination.objects.filter(name=name).update(called_at=Now() - age)
        RateLine.objects.filter(name=name).update(used_until=Now() - age, line_until=Now() - age)
        PostponedCall.objects.create(run_id=uuid4(), agent_id=uuid4(), destination=name, promised_at=Now() - age)

    pruned = prune.run_once()

    assert (pruned["destinations"], pruned["places"]) == (1, 1)
    assert [each.name for each in Destination.objects.all()] == ["recent"]
    assert [each.name for each in RateLine.objects.all()] == ["recent"]
    assert [each.destination for each in PostponedCall.objects.all()] == ["recent"]
    assert set(CallTally.objects.values_list("destination__name", flat=True)) == {"recent"}


def test_a_line_that_reaches_far_ahead_stays() -> None:
    take_slot([RateLimit(API, 1.0)], in_line=False)
    RateLine.objects.update(used_until=Now() - OLD, line_until=Now() + OLD)

    prune.run_once()

    assert RateLine.objects.exists()
    assert breakers.troubled() == {}


def test_lines_and_destinations_are_forgotten_in_batches() -> None:
    for name in ("a", "b", "c"):
        told(10, 10, of=name)
        take_slot([RateLimit(name, 1.0)], in_line=False)
    Destination.objects.update(called_at=Now() - OLD)
    RateLine.objects.update(used_until=Now() - OLD, line_until=Now() - OLD)

    pruned = prune.run_once(batch=2)

    assert (pruned["destinations"], pruned["lines"], pruned["more"]) == (2, 2, True)
    assert (Destination.objects.count(), RateLine.objects.count()) == (1, 1)


def test_the_calls_that_wait_for_a_destination_are_found_along_an_index() -> None:
    PostponedCall.objects.bulk_create(
        PostponedCall(run_id=uuid4(), agent_id=uuid4(), destination=f"d{nth % 500}", promised_at=Now() + RECENT)
        for nth in range(5000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_postponedcall")

    plan = PostponedCall.objects.filter(destination="d1", promised_at__gt=Now()).explain()

    assert "postponed_to" in plan
    assert "Seq Scan" not in plan
