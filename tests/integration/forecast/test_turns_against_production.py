"""Turns in a lane and places under a key are foreseen as the real queue then gives them."""

from datetime import timedelta

import pytest

from tests.integration.forecast.test_against_production import START, check, foreseen, lived, planned
from tests.making import make_agent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


def test_turns_and_places_are_foreseen() -> None:
    owner = make_agent()
    printer = {"created_by": owner, "concurrency_key": "printer"}
    subjects = [
        planned(150, "interval", "PT2M", overlap_policy="queue_one"),
        planned(330, "interval", "PT5M", overlap_policy="queue_all"),
        planned(210, "interval", "PT15M", **printer, priority=7),
        planned(300, "interval", "PT10M", **printer),
        planned(240, "interval", "PT12M", **printer, overlap_policy="queue_one"),
        planned(120, "interval", "PT5M", created_by=owner, concurrency_key="pool", concurrency_limit=2),
        planned(270, "interval", "PT5M", created_by=owner, concurrency_key="pool", concurrency_limit=2, priority=3),
        planned(180, "interval", "PT5M", created_by=owner, concurrency_key="pool", concurrency_limit=2),
        planned(390, "interval", "PT10M", **printer | {"created_by": make_agent()}),
    ]

    made = foreseen(subjects, slots=50)
    platform = lived(subjects, slots=50)

    check(made, platform)
    begun = sorted(platform.begun, key=lambda begin: (begin[0], str(begin[1])))
    assert made.started == len(begun)
    assert made.collisions
    waits = [moment - at for moment, _, at in begun if at]
    assert max(waits).total_seconds() == max(hour.longest_wait for hour in made.hours)
    assert made.collisions[0].at == START
    assert timedelta() in waits
