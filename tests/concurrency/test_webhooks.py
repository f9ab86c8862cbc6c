"""Whichever process dies when, every event reaches its webhook, in order."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from tasks_app.models import Agent, Webhook, WebhookDelivery
from tasks_app.webhooks import deliver, moves, wanted
from tests.concurrency.another import as_another
from tests.concurrency.interrupted import ended, kill, spawn, wait_for
from tests.integration.streams.listening import happen
from tests.integration.webhooks.receiver import Receiver, receiving, subscribe
from tests.making import make_agent, make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]

MODULE = "tests.concurrency.delivering"


@pytest.fixture
def receiver(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiving() as started:
        monkeypatch.setitem(os.environ, "ORDINAUT_HTTP_ALLOW", f"127.0.0.1:{started.port}")
        yield started


@pytest.fixture
def alice(transactional_db: None) -> Agent:
    return make_agent(scopes=("events:read",))


def firsts(positions: list[int]) -> list[int]:
    return list(dict.fromkeys(positions))


def test_a_process_that_dies_between_sending_and_noting_leaves_the_event_to_be_sent_again(
    receiver: Receiver, alice: Agent, tmp_path: Path
) -> None:
    subscribe(alice, receiver)
    happen(6, to=make_task(created_by=alice))
    processes = [spawn(MODULE, 3, log=tmp_path / "log")]

    with ended(processes):
        assert processes[0].wait(60) < 0
        assert receiver.positions == [1, 2, 3]
        assert Webhook.objects.get().pos == 2
        processes.append(spawn(MODULE, log=tmp_path / "log"))
        wait_for(lambda: Webhook.objects.get().pos == 6)

    assert receiver.positions == [1, 2, 3, 3, 4, 5, 6]
    third = [post.headers["ordinaut-event-id"] for post in receiver.posts if post.event["pos"] == 3]
    assert len(set(third)) == 1
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_no_event_is_lost_and_none_overtakes_another_however_often_who_delivers_is_killed(
    receiver: Receiver, alice: Agent, tmp_path: Path
) -> None:
    chance = random.Random(6)
    webhook, other = subscribe(alice, receiver, "task.updated"), subscribe(alice, receiver, "task.*")
    Webhook.objects.filter(pk=other.pk).update(url=f"http://127.0.0.1:{receiver.port}/other")
    task = make_task(created_by=alice)
    receiver.answer = lambda _: (time.sleep(0.005) or (500 if chance.random() < 0.04 else 200), {})
    processes = [spawn(MODULE, log=tmp_path / "log") for _ in range(2)]

    with ended(processes):
        for _ in range(3):
            happen(12, to=task)
            sent = len(receiver.posts)
            wait_for(lambda before=sent: len(receiver.posts) > before)
            kill(processes.pop(0))
            processes.append(spawn(MODULE, log=tmp_path / "log"))
        wait_for(lambda: set(Webhook.objects.values_list("pos", flat=True)) == {36})

    for path in ("/events", "/other"):
        taken = [post.event["pos"] for post in receiver.posts if post.path == path]
        assert firsts(taken) == list(range(1, 37)), path
        assert taken == sorted(taken), "what comes again comes before what follows"
    assert WebhookDelivery.objects.filter(webhook=webhook, state="delivered").count() == 36


def test_two_processes_never_deliver_one_webhook_at_a_time(receiver: Receiver, alice: Agent) -> None:
    subscribe(alice, receiver)
    happen(1, to=make_task(created_by=alice))
    wanted.run_once()

    ours = moves.claim(limit=5)
    theirs = as_another(lambda: moves.claim(limit=5))

    assert (len(ours), len(theirs)) == (1, 0)


def test_the_threads_of_a_process_deliver_and_end(receiver: Receiver, alice: Agent) -> None:
    for _ in range(3):
        subscribe(alice, receiver)
    happen(2, to=make_task(created_by=alice))
    wanted.run_once()
    deliverers = deliver.Deliverers()

    assert deliverers.round() == {"webhooks": 3, "more": False}
    wait_for(lambda: all(not thread.is_alive() for thread in deliverers._threads))

    assert sorted(receiver.positions) == [1, 1, 1, 2, 2, 2]
    assert deliverers.round() == {"webhooks": 0, "more": False}


def test_every_beat_delivers(receiver: Receiver, alice: Agent) -> None:
    paths = [path for name, (path, *_) in settings.BEAT_DUTIES.items() if name.startswith("webhooks")]
    subscribe(alice, receiver)
    happen(2, to=make_task(created_by=alice))

    for path in paths:
        import_string(path)()

    wait_for(lambda: receiver.positions == [1, 2])
    wait_for(lambda: Webhook.objects.get().lease_until is None)
