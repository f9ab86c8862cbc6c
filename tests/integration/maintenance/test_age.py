"""Waiting raises the priority of a run, so that none waits for ever, and what is urgent of itself is not kept waiting."""

import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from tasks_app import ageing_sql, queue
from tasks_app.conf import Conf
from tasks_app.fair_order import FairOrder
from tasks_app.maintenance import age
from tasks_app.models import Agent, Run, Task
from tasks_app.queue import NewRun
from tests.integration.api.making import client_of
from tests.making import claim, claim_one, events_of, make_agent, make_run, make_task

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = FairOrder()
    monkeypatch.setattr(queue, "fair_order", fresh)
    monkeypatch.setattr(age, "fair_order", fresh)


def enqueue(task: Task, runs: int, **fields: Any) -> None:
    values: dict[str, Any] = {"priority": 5, "trigger": "run_now"} | fields
    queue.enqueue([NewRun(task=task.pk, task_version=1, agent=task.created_by_id, **values)] * runs)


def pass_by(seconds: float = 61) -> None:
    """Let everything that is written down have happened so much earlier."""
    earlier = timedelta(seconds=seconds)
    Run.objects.update(run_at=F("run_at") - earlier, raised_at=F("raised_at") - earlier, fair_at=F("fair_at") - earlier)


def levels() -> dict[int, int]:
    return dict(Counter(Run.objects.values_list("priority", flat=True)))


def test_a_run_that_has_waited_a_minute_is_raised_by_one_and_a_minute_later_by_one_more() -> None:
    run = make_run(priority=1)
    assert age.run_once() == {"queued": 0, "in_line": 0}

    for level in (2, 3):
        pass_by()
        assert age.run_once() == {"queued": 1, "in_line": 0}
        assert age.run_once() == {"queued": 0, "in_line": 0}
        run.refresh_from_db()
        assert run.priority == level
    assert events_of(run) == ["run.queued"]


def test_nine_is_the_highest() -> None:
    make_run(priority=9), make_run(priority=8)

    for _ in range(3):
        pass_by()
        age.run_once()

    assert levels() == {9: 2}


def test_how_long_it_takes_is_a_setting(settings: Any) -> None:
    settings.ORDINAUT = Conf(ageing=timedelta(seconds=10))
    make_run(priority=1)
    pass_by(11)

    assert age.run_once()["queued"] == 1


def test_after_an_outage_a_run_climbs_no_faster() -> None:
    make_run(priority=1)
    pass_by(3600)

    assert [age.run_once()["queued"] for _ in range(3)] == [1, 0, 0]


def test_the_least_urgent_is_claimed_although_more_urgent_ones_never_end() -> None:
    poor, rich = make_task(), make_task()
    make_run(poor, priority=1)
    minutes = 0

    while not any(run.task == poor.pk for run in claim(limit=10)):
        enqueue(rich, 20, priority=9)
        pass_by()
        age.run_once()
        minutes += 1

    assert minutes <= 9


def test_only_the_first_of_each_level_are_raised_at_a_time() -> None:
    task = make_task()
    enqueue(task, 50, priority=3)
    enqueue(task, 50, priority=7)
    pass_by()
    oldest = list(Run.objects.filter(priority=3).order_by("fair_at", "id").values_list("pk", flat=True)[:20])

    assert age.run_once()["queued"] == 2 * age.MOST

    assert levels() == {3: 30, 4: 20, 7: 30, 8: 20}
    assert set(Run.objects.filter(priority=4).values_list("pk", flat=True)) == set(oldest)


def test_the_newest_urgent_run_starts_at_once_however_many_have_been_raised() -> None:
    task = make_task()
    enqueue(task, 500, priority=8)
    pass_by()
    for _ in range(10):
        age.run_once()
    assert levels() == {8: 300, 9: 200}

    urgent = make_run(task, priority=9)

    assert urgent.pk in {run.id for run in claim(limit=2)}


def test_those_that_were_raised_get_a_part_of_a_busy_level_and_not_more() -> None:
    busy, poor = make_task(), make_task()
    enqueue(busy, 1000, priority=9)
    enqueue(poor, 500, priority=8)
    Run.objects.filter(task=poor).update(run_at=F("run_at") - 2 * MINUTE)
    for _ in range(5):
        age.run_once()

    claimed = Counter(run.task for run in claim(limit=100))

    assert 15 <= claimed[poor.pk] <= 25


def test_fresh_ones_at_the_front_do_not_hide_those_behind_that_have_waited() -> None:
    fresh, old = make_task(), make_task()
    enqueue(old, 5, priority=3)
    Run.objects.update(run_at=F("run_at") - 2 * MINUTE)
    for _ in range(30):
        make_run(make_task(created_by=fresh.created_by), priority=3)
    Run.objects.exclude(task=old).update(fair_at=F("fair_at") - MINUTE)

    assert age.run_once()["queued"] == 5


def test_one_that_is_claimed_meanwhile_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(priority=5)
    pass_by()
    places = age.fair_order.places

    def claim_before(*args: Any, **options: Any) -> Any:
        claim_one()
        return places(*args, **options)

    monkeypatch.setattr(age.fair_order, "places", claim_before)

    assert age.run_once()["queued"] == 0
    run.refresh_from_db()
    assert (run.state, run.priority) == ("running", 5)


def test_two_that_found_the_same_run_raise_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(priority=5)
    pass_by()
    places = age.fair_order.places

    def raise_before(*args: Any, **options: Any) -> Any:
        monkeypatch.setattr(age.fair_order, "places", places)
        assert age.run_once()["queued"] == 1
        return places(*args, **options)

    monkeypatch.setattr(age.fair_order, "places", raise_before)

    assert age.run_once()["queued"] == 0
    run.refresh_from_db()
    assert run.priority == 6


@pytest.mark.parametrize("rule", ["key", "limit"])
def test_those_in_line_for_a_place_are_raised_too(rule: str) -> None:
    task = make_task()
    if rule == "limit":
        Agent.objects.update(max_running=1)
    how = {"concurrency_key": "printer"} if rule == "key" else {}
    poor, rich = make_run(task, priority=4, **how), make_run(task, priority=5, **how)
    Run.objects.filter(pk=poor.pk).update(run_at=F("run_at") - 2 * MINUTE)

    assert age.run_once() == {"queued": 0, "in_line": 1}

    order = Run.objects.order_by("-priority", "run_at").values_list("pk", "priority")
    assert list(order) == [(poor.pk, 5), (rich.pk, 5)]


def test_those_that_wait_for_time_or_for_their_lane_are_not_raised() -> None:
    task = make_task()
    make_run(task, lane="a", takes_turn=True)
    make_run(task)
    queue.apply(queue.park(claim_one().lease, delay=3600))
    Run.objects.update(created_at=F("created_at") - 2 * MINUTE)
    Run.objects.filter(takes_turn=True).update(run_at=F("run_at") - 2 * MINUTE)

    assert age.run_once() == {"queued": 0, "in_line": 0}


def test_a_retry_keeps_what_waiting_gave_it() -> None:
    run = make_run(priority=5)
    pass_by()
    age.run_once()
    error = {"error_class": "retryable", "code": "busy", "message": "Busy."}

    queue.apply(queue.retry(claim_one().lease, delay=-1, error=error))
    queue.promote(limit=10)

    run.refresh_from_db()
    assert (run.state, run.priority) == ("queued", 6)


def plan(sql: str, **parameters: object) -> str:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_run")
        cursor.execute(f"EXPLAIN {sql}", parameters)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_a_look_walks_along_the_claims_index_only() -> None:
    enqueue(make_task(), 3000)

    found = plan(ageing_sql.WAITED, wait=MINUTE, heads=200, most=20)

    assert set(re.findall(r"run_\w+", found)) - {"run_at"} == {"run_claim_order"}
    assert "Index Cond: (priority = " in found
    assert not re.search("Seq Scan", found)
    walked = found[found.index("run_claim_order") - 60 :]
    assert "Sort" not in walked


def test_those_in_line_are_found_by_an_index_of_their_own() -> None:
    enqueue(make_task(), 3000, concurrency_key="printer")

    look = re.search(
        r"^  CTE waited\n((?:    .*\n)+)", plan(ageing_sql.RAISE_IN_LINE, wait=MINUTE, most=160), re.MULTILINE
    )

    assert look is not None
    found = look[1]
    assert "run_ages" in found
    assert "Index Cond: (GREATEST(run_at, raised_at) <=" in found  # those that have not waited long are not read
    assert not re.search("Seq Scan|Sort", found)


def test_the_api_shows_the_priority_that_waiting_gave() -> None:
    run = make_run(make_task(created_by=make_agent(scopes=("runs:read",))), priority=5)
    pass_by()
    age.run_once()

    assert client_of(run.agent).get(f"/api/v1/runs/{run.pk}").json()["priority"] == 6
