"""What is published is told to those that wait for it, whoever dies, in order, and a slice of time for each agent."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.test import TestCase

from tasks_app import event_waits, queue
from tasks_app.maintenance import expire, tell
from tasks_app.models import Agent, Announcement, EventWait, Run
from tasks_app.models.clock import database_now
from tasks_app.services import events
from tasks_app.services.actor import SYSTEM
from tasks_app.states import WaitingFor
from tests.making import claim_one, make_agent, make_run, make_task, step, the_step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied", "unhurried")]


def waiting(owner: Agent, *, pattern: str = "orders.*", match: str = "", delay: float = 60) -> Run:
    run = make_run(make_task(created_by=owner))
    event_waits.register(run.pk, "hear", agent=owner.pk, pattern=pattern, match=match)
    asked = step("hear", state="pending", tool="orchestrator.wait_for_event", input={"topic": pattern})
    queue.apply(queue.park(claim_one().lease, delay=delay, waiting_for=WaitingFor.EVENT, steps=[asked]))
    return run


def publish_and_die(publisher: Agent, topic: str = "orders.paid", **payload: Any) -> None:
    """The publisher commits, and does nothing that follows."""
    events.publish(publisher, topic, payload, actor=SYSTEM)


def states_of(*runs: Run) -> list[str]:
    return [Run.objects.get(pk=run.pk).state for run in runs]


def ticking(monkeypatch: pytest.MonkeyPatch, *, each: float) -> None:
    """Let every look at the clock take so many seconds."""
    looks = count()
    monkeypatch.setattr(event_waits, "monotonic", lambda: next(looks) * each)


def test_an_event_whose_publisher_died_is_told_by_beat() -> None:
    owner = make_agent()
    run = waiting(owner)

    publish_and_die(owner, n=1)
    assert states_of(run) == ["waiting"]
    assert tell.run_once() == {"told": 1, "more": False}

    assert states_of(run) == ["queued"]
    assert the_step(run).output["payload"] == {"n": 1}
    assert not Announcement.objects.exists()


def test_it_is_announced_to_nobody_where_nobody_waits_for_it() -> None:
    owner, stranger = make_agent(), make_agent()
    waiting(owner, pattern="bills.*")
    waiting(stranger)

    publish_and_die(owner)

    assert not Announcement.objects.exists()


def test_whoever_waits_for_the_topic_or_a_branch_of_it_is_told() -> None:
    owner = make_agent()
    runs = [waiting(owner, pattern=pattern) for pattern in ("*", "orders.*", "orders.paid", "orders", "orders.paid.*")]

    publish_and_die(owner)
    tell.run_once()

    assert states_of(*runs) == ["queued"] * 3 + ["waiting"] * 2


def test_of_two_events_that_were_not_told_yet_the_first_that_fits_is_taken() -> None:
    owner, admin = make_agent(), make_agent(scopes=("admin",))
    run = waiting(owner, match="n > `1`")
    for publisher, n in ((owner, 1), (admin, 2), (owner, 3)):
        publish_and_die(publisher, n=n)

    tell.run_once()

    assert the_step(run).output["payload"] == {"n": 2}
    assert not Announcement.objects.exists()


def test_what_begins_to_wait_after_the_event_does_not_hear_it() -> None:
    owner = make_agent()
    first = waiting(owner)
    publish_and_die(owner)
    later = waiting(owner)

    tell.run_once()

    assert states_of(first, later) == ["queued", "waiting"]


def test_runs_that_were_told_in_time_are_let_go_however_many_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = make_agent()
    runs = [waiting(owner, delay=-1) for _ in range(3)]
    publish_and_die(owner)
    monkeypatch.setattr(tell, "BATCH", 2)

    assert tell.run_once() == {"told": 2, "more": True}
    assert expire.run_once()["expired"] == 0
    assert tell.run_once() == {"told": 1, "more": False}

    assert [the_step(run).state for run in runs] == ["succeeded"] * 3


@pytest.mark.parametrize(("seconds", "expired"), [(-2, 0), (1, 1)], ids=["in time", "too late"])
def test_what_came_in_time_and_was_not_told_yet_keeps_the_runs_from_being_given_up(seconds: int, expired: int) -> None:
    owner = make_agent()
    run, approval, strangers = waiting(owner, delay=-1), make_run(), waiting(make_agent(), delay=-1)
    queue.apply(queue.park(claim_one().lease, delay=-1, waiting_for=WaitingFor.APPROVAL, steps=[step(state="pending")]))
    publish_and_die(owner)
    Announcement.objects.update(announced_at=Run.objects.get(pk=run.pk).run_at + timedelta(seconds=seconds))

    assert expire.run_once()["expired"] == expired + 2

    assert states_of(run, approval, strangers) == ["queued" if expired else "waiting", "queued", "queued"]
    assert EventWait.objects.filter(event__isnull=True).count() == 1 - expired


def test_each_agent_gets_a_slice_of_time_and_the_rest_is_told_in_the_next_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy, quiet = sorted((make_agent() for _ in range(2)), key=lambda agent: agent.pk)
    runs, other = [waiting(busy) for _ in range(3)], waiting(quiet)
    for publisher in (busy, quiet):
        publish_and_die(publisher)
    ticking(monkeypatch, each=event_waits.SLICE / 3)

    assert tell.run_once() == {"told": 2, "more": True}
    assert states_of(*runs, other) == ["queued", "waiting", "waiting", "queued"]

    while tell.run_once()["more"]:
        pass
    assert states_of(*runs) == ["queued"] * 3


def test_the_publisher_spends_no_more_than_a_slice_on_those_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    admin = make_agent(scopes=("admin",))
    runs = [waiting(make_agent()) for _ in range(9)]
    ticking(monkeypatch, each=event_waits.SLICE / 4)

    with TestCase.captureOnCommitCallbacks(execute=True):
        publish_and_die(admin)
    assert 0 < states_of(*runs).count("queued") < 9

    while tell.run_once()["more"]:
        pass
    assert states_of(*runs) == ["queued"] * 9


def test_no_wait_is_left_out_or_looked_at_twice_between_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, looked_at = make_agent(), count()
    runs = [waiting(owner, match=f"n == `{nth % 2}`") for nth in range(6)]
    publish_and_die(owner, n=1)
    monkeypatch.setattr(event_waits, "AT_ONCE", 2)
    holds = event_waits._holds
    monkeypatch.setattr(event_waits, "_holds", lambda *given: next(looked_at) >= 0 and holds(*given))

    tell.run_once()

    assert states_of(*runs) == ["waiting", "queued"] * 3
    assert next(looked_at) == 6
    assert not Announcement.objects.exists()


def test_a_wait_of_a_run_that_is_over_for_good_is_forgotten_and_one_that_may_be_retried_is_not() -> None:
    owner = make_agent()
    canceled, failed = waiting(owner), make_run(make_task(created_by=owner))
    event_waits.register(failed.pk, "hear", agent=owner.pk, pattern="*")
    queue.apply(queue.fail(claim_one().lease, error={"code": "broken"}))
    queue.cancel([canceled.pk], reason="enough")

    publish_and_die(owner)
    tell.run_once()

    assert EventWait.objects.get().run_id == failed.pk
    assert EventWait.objects.get().event is None


def test_an_expression_that_is_none_any_more_does_not_hold_and_stops_nobody() -> None:
    owner = make_agent()
    odd, sound = waiting(owner, match="a ||"), waiting(owner)

    publish_and_die(owner)
    tell.run_once()

    assert states_of(odd, sound) == ["waiting", "queued"]


def test_told_runs_that_have_not_parked_yet_keep_none_from_going_on(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = make_agent()
    queued = make_run(make_task(created_by=owner))
    event_waits.register(queued.pk, "hear", agent=owner.pk, pattern="*")
    Run.objects.filter(pk=queued.pk).update(priority=1)
    parked = make_run(make_task(created_by=owner))
    event_waits.register(parked.pk, "hear", agent=owner.pk, pattern="*")
    queue.apply(
        queue.park(claim_one().lease, delay=60, waiting_for=WaitingFor.EVENT, steps=[step("hear", state="pending")])
    )
    publish_and_die(owner)
    monkeypatch.setattr(tell, "BATCH", 1)

    assert tell.run_once()["told"] == 1

    assert states_of(parked) == ["queued"]
    assert not EventWait.objects.get(run=queued.pk).taken
    assert EventWait.objects.get(run=queued.pk).registered_at < database_now()
