"""Destinations that nobody calls any more are forgotten, with all that was kept about them."""

from datetime import timedelta
from uuid import uuid4

import pytest
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
