"""Events are told as they happen: whole, in order, to whom they belong, and no longer than they may be."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tasks_app.events import stream
from tasks_app.models import Agent, OutboxEntry
from tests.integration.streams.listening import Client, Server, happen, served
from tests.making import make_agent, make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]


def connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def test_what_happens_is_told_at_once_as_the_api_shows_it(server: Server, alice: Agent) -> None:
    task = make_task(created_by=alice)
    client = Client(server, alice)

    happen(1, to=task, token="hidden", title="New")

    [event] = OutboxEntry.objects.get().events()
    told = client.next()
    assert client.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert client.headers["Cache-Control"] == "no-store"
    assert (told["id"], told["event"]) == ("1", "task.updated")
    assert told["data"] == event.envelope | {"data": {"token": "***", "title": "New"}}


@pytest.mark.parametrize("by", ["pos", "id"])
def test_a_client_that_comes_back_misses_nothing_and_is_told_nothing_twice(
    server: Server, alice: Agent, by: str
) -> None:
    task = make_task(created_by=alice)
    first = Client(server, alice)
    happen(5, to=task)
    assert first.take(3) == [1, 2, 3]
    first.close()
    happen(300, to=task)
    last = OutboxEntry.objects.get(pos=3).events()[0]

    second = Client(server, alice, last_id=last.pos if by == "pos" else last.id)
    happen(5, to=task)

    assert second.take(307) == list(range(4, 311))
    assert second.quiet()


def test_a_client_without_a_last_event_is_told_what_happens_from_now_on(server: Server, alice: Agent) -> None:
    task = make_task(created_by=alice)
    happen(3, to=task)
    client = Client(server, alice)

    happen(2, to=task)

    assert client.take(2) == [4, 5]


def test_what_was_pruned_is_told_by_a_reset(server: Server, alice: Agent) -> None:
    task = make_task(created_by=alice)
    happen(6, to=task)
    OutboxEntry.objects.filter(pos__lte=4).delete()

    client = Client(server, alice, last_id=2)

    told = client.next()
    assert (told["event"], told["id"]) == ("reset", "4")
    assert told["data"] == {"reason": "pruned", "asked_after": "2", "continues_after": 4}
    assert client.take(2) == [5, 6]


@pytest.mark.parametrize("asked", [999, "7d444840-9dc0-11d1-b245-5ffdce74fad2"])
def test_an_event_that_nobody_knows_is_told_by_a_reset(server: Server, alice: Agent, asked: object) -> None:
    task = make_task(created_by=alice)
    happen(2, to=task)

    client = Client(server, alice, last_id=asked)
    happen(1, to=task)

    told = client.next()
    assert (told["event"], told["data"]["reason"], told["data"]["continues_after"]) == ("reset", "unknown", 2)
    assert client.take(1) == [3]


def test_an_agent_is_told_its_own_and_an_admin_everything(server: Server, alice: Agent) -> None:
    bob, admin = make_agent(scopes=("events:read",)), make_agent(scopes=("admin",))
    happen(1, to=make_task(created_by=alice))
    happen(1, to=make_task(created_by=bob))
    clients = [Client(server, agent, last_id="0") for agent in (alice, bob, admin)]

    happen(1, to=make_task(created_by=bob))
    happen(1, to=make_task(created_by=alice))

    assert clients[0].take(2) == [1, 4]
    assert clients[1].take(2) == [2, 3]
    assert clients[2].take(4) == [1, 2, 3, 4]
    assert all(client.quiet() for client in clients)


@pytest.mark.parametrize("last", ["", "0"], ids=["from now on", "from the beginning"])
def test_types_and_an_aggregate_narrow_what_is_told(server: Server, alice: Agent, last: str) -> None:
    one, other = make_task(created_by=alice), make_task(created_by=alice)
    wishes: list[dict[str, Any]] = [
        {"type": "task.paused"},
        {"type": ["task.paused", "task.resumed"]},
        {"type": "task.*,run.*"},
        {"type": "run.*"},
        {"aggregate": f"task:{other.pk}"},
        {"aggregate": f"task:{other.pk}", "type": "task.paused"},
    ]
    clients = [Client(server, alice, last_id=last, **wish) for wish in wishes]

    happen(1, to=one, kind="task.paused")
    happen(1, to=one, kind="task.resumed")
    happen(1, to=other, kind="task.updated")
    happen(1, to=other, kind="task.paused")

    expected = [[1, 4], [1, 2, 4], [1, 2, 3, 4], [], [3, 4], [4]]
    assert [client.take(len(wanted)) for client, wanted in zip(clients, expected, strict=True)] == expected
    assert all(client.quiet() for client in clients)


@pytest.mark.parametrize("lost", ["flushed", "trimmed"])
def test_what_redis_has_lost_is_told_all_the_same(server: Server, alice: Agent, lost: str) -> None:
    task = make_task(created_by=alice)
    client = Client(server, alice)
    happen(2, to=task)
    assert client.take(2) == [1, 2]

    if lost == "flushed":
        stream.client().flushdb()
    else:
        stream.client().xtrim(stream.STREAM, maxlen=0, approximate=False)
    happen(3, to=task)

    assert client.take(3) == [3, 4, 5]


def test_without_redis_events_come_from_postgres(alice: Agent) -> None:
    task = make_task(created_by=alice)
    with served(REDIS_URL="unix:///nonexistent/redis.sock?db=0") as server:
        client = Client(server, alice)
        happen(3, to=task)

        assert client.take(3) == [1, 2, 3]


def test_many_streams_hold_neither_threads_nor_connections(server: Server, alice: Agent) -> None:
    task = make_task(created_by=alice)
    agents = [make_agent(scopes=("admin",)) for _ in range(4)]
    Client(server, alice)
    before = threads_of(server)

    clients = [Client(server, agent) for agent in agents for _ in range(10)]
    happen(3, to=task)

    assert [client.take(3) for client in clients] == [[1, 2, 3]] * 40
    assert threads_of(server) <= before + 2
    assert connections() <= 3


def threads_of(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("Threads:"))
