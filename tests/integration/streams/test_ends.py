"""When a stream is refused, and when it ends."""

import socket
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.test import override_settings

from tasks_app.api import tokens
from tasks_app.conf import Conf, conf
from tasks_app.models import Agent
from tasks_app.services import agents
from tasks_app.services.actor import SYSTEM
from tests.concurrency.interrupted import wait_for
from tests.integration.events.reading import relay_all
from tests.integration.streams.listening import PATH, Client, Server, happen, open_raw, served
from tests.making import make_agent, make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]


@pytest.mark.parametrize(
    ("parameters", "pointer", "cure"),
    [
        ({"type": "run.*.x"}, "/type", "run.succeeded"),
        ({"type": "Run.succeeded"}, "/type", "run.succeeded"),
        ({"type": ""}, "/type", "leave the parameter out"),
        ({"aggregate": ""}, "/aggregate", "leave the parameter out"),
        ({"aggregate": "task:1"}, "/aggregate", "task:<id>"),
        ({"aggregate": "plan:0f6b6b0e-0000-7000-8000-000000000000"}, "/aggregate", "task:<id>"),
        ({"types": "run.*"}, "/types", "no such parameter"),
        ({"type": ",".join(f"external.a{nth}" for nth in range(51))}, "/type", "at most 50"),
        ({"last_event_id": "-1"}, "/last_event_id", "the id of an event"),
        ({"last_event_id": "yesterday"}, "/last_event_id", "the id of an event"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_cure(
    server: Server, alice: Agent, parameters: dict[str, str], pointer: str, cure: str
) -> None:
    client = Client(server, alice, **parameters)

    [fault] = client.refusal()["errors"]
    assert client.status == 422
    assert client.headers["Content-Type"] == "application/problem+json"
    assert fault["pointer"] == pointer
    assert cure in fault["message"]


def test_an_agent_without_the_scope_is_refused(server: Server) -> None:
    client = Client(server, make_agent(scopes=("tasks:read",)))

    assert (client.status, client.refusal()["code"]) == (403, "permission_denied")


def test_an_agent_has_so_many_streams_and_the_server_too() -> None:
    one, other = (make_agent(scopes=("events:read",)) for _ in range(2))
    with served(ORDINAUT_STREAMS="3", ORDINAUT_STREAMS_PER_AGENT="2") as server:
        heads = HTTPConnection("127.0.0.1", server.port, timeout=10)
        for _ in range(4):  # on one connection: an answer to HEAD has no body that could go on, and takes no place
            heads.request("HEAD", PATH, headers={"Authorization": f"Bearer {tokens.issue(one)}"})
            answer = heads.getresponse()
            assert (answer.status, answer.read()) == (200, b"")
        heads.close()
        mine = [Client(server, one), Client(server, one)]
        third = Client(server, one)
        assert (third.status, third.refusal()["code"], third.headers["Retry-After"]) == (429, "too_many_streams", "5")

        Client(server, other)
        fourth = Client(server, other)
        assert (fourth.status, fourth.refusal()["code"], fourth.headers["Retry-After"]) == (503, "no_seat_left", "5")

        mine[0].close()
        wait_for(lambda: Client(server, one).status == 200, seconds=10)


def test_an_agent_that_is_disabled_is_told_nothing_more(server: Server, alice: Agent) -> None:
    task = make_task(created_by=alice)
    client = Client(server, alice)
    happen(1, to=task)

    agents.set_active(alice, False, actor=SYSTEM)
    happen(1, to=task)

    assert client.take(1) == [1]
    told = client.next()
    assert (told["event"], told["data"]["reason"]) == ("end", "not_allowed")
    assert client.ended.wait(5)
    assert client.quiet()


def test_an_admins_stream_ends_before_the_event_by_which_it_was_disabled(server: Server) -> None:
    admin = make_agent(scopes=("admin",))
    client = Client(server, admin)

    agents.set_active(admin, False, actor=SYSTEM)
    relay_all()

    told = client.next()
    assert (told["event"], told["data"]) == ("end", {"reason": "not_allowed", "last_event_id": 0})


def test_a_token_that_has_expired_ends_its_stream(server: Server, alice: Agent) -> None:
    usual: Conf = conf()
    with override_settings(ORDINAUT=Conf(token_key=usual.token_key, token_lifetime=timedelta(seconds=1))):
        client = Client(server, alice)

    told = client.next()

    assert (told["event"], told["data"]["reason"]) == ("end", "not_allowed")


def test_streams_end_with_their_server_and_say_where_they_were(alice: Agent) -> None:
    task = make_task(created_by=alice)
    with served() as server:
        client = Client(server, alice)
        happen(2, to=task)
        assert client.take(2) == [1, 2]

        seconds = server.stop()

        told = client.next()
        assert (told["event"], told["data"]) == ("end", {"reason": "shutdown", "last_event_id": 2})
        assert client.ended.wait(5)
        assert seconds < 4


def test_a_client_that_reads_nothing_keeps_no_other_waiting_and_no_memory(server: Server, alice: Agent) -> None:
    task = make_task(created_by=alice)
    Client(server, alice)
    before = memory_of(server)
    deaf = [open_raw(server, alice) for _ in range(4)]
    client = Client(server, alice)

    for _ in range(6):
        happen(10, to=task, text="x" * 250_000)
        client.take(10)

    try:
        assert memory_of(server) - before < 60_000_000
    finally:
        for each in deaf:
            each.shutdown(socket.SHUT_RDWR)
            each.close()


def memory_of(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/statm").read_text()
    return int(status.split()[1]) * 4096
