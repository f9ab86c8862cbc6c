"""What docs/webhooks.md shows is what happens."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app import vault
from tasks_app.api import tokens
from tasks_app.models import Agent, Hook, Webhook
from tasks_app.services import hooks
from tasks_app.services.actor import SYSTEM
from tasks_app.states import DeliveryState, HookPreset
from tests.integration.streams.listening import Server, happen
from tests.integration.webhooks.receiver import deliver_all, receiving, subscribe
from tests.making import make_agent, make_task, told

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]

NAMES = {"type", "aggregate", "last_event_id", "event", "reset", "end", "preset"}  # that are neither state nor preset
TEXT = (Path(__file__).resolve().parents[3] / "docs" / "webhooks.md").read_text()


def block(kind: str) -> str:
    [found] = re.findall(rf"```{kind}\n(.*?)```", TEXT, flags=re.DOTALL)
    return str(found)


def defined(kind: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(block(kind), "docs/webhooks.md", "exec"), names)
    return names


def started(kind: str, server: Server, agent: Agent) -> "subprocess.Popen[str]":
    environment = os.environ | {"URL": f"http://localhost:{server.port}", "TOKEN": tokens.issue(agent)}
    command = ["sh", "-c", f"exec {block(f'sh {kind}')}"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def answered(kind: str, server: Server, agent: Agent) -> dict[str, Any]:
    said, _ = started(kind, server, agent).communicate(timeout=30)
    answer: dict[str, Any] = json.loads(said)
    return answer


def test_the_stream_is_followed_as_shown(server: Server, alice: Agent) -> None:
    task = make_task(created_by=alice)
    happen(3, to=task)
    following = started("follow", server, alice)
    assert following.stdout is not None

    with following:
        found = [next(line for line in following.stdout if line.startswith("id: ")) for _ in range(2)]
        following.kill()

    assert found == ["id: 2\n", "id: 3\n"]


def test_the_webhook_and_the_hook_shown_are_made(server: Server) -> None:
    agent = make_agent(scopes=("events:read", "events:publish"))

    webhook, hook = answered("subscribe", server, agent), answered("hook", server, agent)

    assert webhook["secret"] == vault.unseal(Webhook.objects.get().sealed)
    assert hook["url"] == f"http://localhost:{server.port}/hooks/{hook['token']}"
    assert Hook.objects.get().agent_id == agent.pk


def test_the_receiver_shown_takes_what_is_sent_and_nothing_else(alice: Agent) -> None:
    event_of = defined("python receiver")["event_of"]
    with receiving() as receiver:
        webhook = subscribe(alice, receiver)
        happen(1, to=make_task(created_by=alice))
        deliver_all()
    [post] = receiver.posts
    headers = {"Ordinaut-Signature": post.headers["ordinaut-signature"]}
    body, secret = post.body.encode(), vault.unseal(webhook.sealed)

    assert event_of(headers, body, secret=secret)["type"] == "task.updated"
    with pytest.raises(ValueError, match="not signed"):
        event_of(headers, body.replace(b"task", b"tusk"), secret=secret)
    with pytest.raises(ValueError, match="not signed"):
        event_of(headers, body, secret="another")
    with pytest.raises(ValueError, match="too long ago"):
        event_of(headers, body, secret=secret, now=lambda: 0)


def test_what_the_sender_shown_sends_becomes_an_event_once() -> None:
    agent = make_agent(scopes=("events:publish",))
    _, token, secret = hooks.create_hook(agent, actor=SYSTEM, name="Shop", topic="shop", preset="generic")
    body = b'{"order": 7}'
    headers = defined("python sender")["headers_for"](body, secret=secret, delivery="1")

    def send() -> int:
        content_type = headers["Content-Type"]
        answer: Any = APIClient().generic("POST", f"/hooks/{token}", body, content_type=content_type, headers=headers)
        return int(answer.status_code)

    assert [send(), send()] == [202, 200]
    assert [event.data for event in told("external.shop")] == [{"order": 7}]


def test_every_state_and_preset_is_described_and_no_other() -> None:
    described = set(re.findall(r"^\| `(\w+)` \|", TEXT, flags=re.MULTILINE))

    assert set(DeliveryState) | set(HookPreset) <= described
    assert described - set(DeliveryState) - set(HookPreset) == NAMES
