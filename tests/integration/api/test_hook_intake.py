"""What other programs send becomes an event once, if it is theirs."""

import hmac
import json
import time
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import override_settings
from rest_framework.response import Response
from rest_framework.test import APIClient

from tasks_app.api import throttles
from tasks_app.conf import Conf
from tasks_app.models import Agent, Hook, HookReceipt, Run
from tasks_app.services import hook_intake, hooks
from tasks_app.services.actor import SYSTEM
from tests.integration.api.making import make_task
from tests.making import told

SECRET = "a secret of sixteen"
JSON = "application/json"


class Sender:
    """Sends to a hook of an agent's, and signs as `preset` does."""

    def __init__(self, agent: Agent, *, preset: str = "github", topic: str = "code") -> None:
        self.preset = preset
        self.hook, self.token, _ = hooks.create_hook(
            agent, actor=SYSTEM, name="Ours", topic=topic, preset=preset, secret=SECRET
        )
        self.client = APIClient(raise_request_exception=False)

    def send(  # noqa: PLR0913 - what a sender can say
        self,
        body: object,
        *,
        delivery: str = "",
        event: str = "push",
        kind: str = JSON,
        at: float | None = None,
        secret: str = SECRET,
        **more: str,
    ) -> Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        seconds = int(time.time() if at is None else at)
        headers = self._headers(raw, seconds, secret) | self._names(event, delivery) | more
        answer: Any = self.client.generic("POST", f"/hooks/{self.token}", raw, content_type=kind, headers=headers)
        return answer

    def _headers(self, raw: bytes, seconds: int, secret: str) -> dict[str, str]:
        def signed(content: bytes) -> str:
            return hmac.new(secret.encode(), content, sha256).hexdigest()

        timed = signed(f"{seconds}.".encode() + raw)
        return {
            "github": {"X-Hub-Signature-256": f"sha256={signed(raw)}"},
            "gitlab": {"X-Gitlab-Token": secret},
            "stripe": {"Stripe-Signature": f"t={seconds},v1={timed}"},
            "ordinaut": {"Ordinaut-Signature": f"t={seconds},v1={timed}"},
            "generic": {"X-Signature": timed, "X-Timestamp": str(seconds)},
        }[self.preset]

    def _names(self, event: str, delivery: str) -> dict[str, str]:
        return {
            "github": {"X-GitHub-Event": event, "X-GitHub-Delivery": delivery or "delivery"},
            "gitlab": {"X-Gitlab-Event": f"{event.title()} Hook", "X-Gitlab-Event-UUID": delivery or "delivery"},
            "generic": {"X-Delivery-Id": delivery or "delivery"},
        }.get(self.preset, {})


@pytest.fixture
def sender(alice: Agent) -> Sender:
    return Sender(alice)


@pytest.mark.parametrize(
    ("preset", "body", "topic"),
    [
        ("github", {"ref": "main"}, "code.push"),
        ("gitlab", {"ref": "main"}, "code.push"),
        ("stripe", {"id": "evt_1", "type": "invoice.paid"}, "code.invoice.paid"),
        ("ordinaut", {"id": "e1", "type": "run.failed"}, "code.run.failed"),
        ("generic", {"ref": "main"}, "code"),
    ],
)
def test_a_webhook_becomes_an_event_of_the_hooks_agent_and_starts_who_listens(
    alice: Agent, preset: str, body: dict[str, Any], topic: str
) -> None:
    sender = Sender(alice, preset=preset)
    task = make_task(alice, schedule_kind="event", schedule_expr=topic)

    answer = sender.send(body)

    [event] = told(f"external.{topic}")
    assert answer.status_code == 202
    assert answer.json() == {"id": str(event.id), "again": False}
    assert (event.agent, event.data) == (alice.pk, body)
    assert answer.headers["X-Request-ID"] == event.request_id
    assert Run.objects.get().task_id == task.pk
    assert Hook.objects.get().received_at is not None


@pytest.mark.parametrize("preset", ["github", "gitlab", "stripe", "ordinaut", "generic"])
def test_what_comes_again_is_answered_and_published_no_second_time(alice: Agent, preset: str) -> None:
    sender = Sender(alice, preset=preset)
    body = {"id": "e1", "type": "paid"}
    first = sender.send(body)

    again = sender.send(body, at=time.time() + 5)

    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == {"id": first.json()["id"], "again": True}
    assert len([event for event in told() if event.type.startswith("external.")]) == 1


def test_a_generic_delivery_that_is_given_another_id_on_the_way_is_the_same(alice: Agent) -> None:
    sender, now = Sender(alice, preset="generic"), time.time()
    sender.send({}, delivery="one", at=now)

    assert sender.send({}, delivery="two", at=now).status_code == 200


def test_two_deliveries_are_two_events_and_two_hooks_do_not_share_their_ids(alice: Agent) -> None:
    one, other = Sender(alice), Sender(alice, topic="other")

    statuses = [one.send({}, delivery=each).status_code for each in ("a", "b", "a")]

    assert statuses == [202, 202, 200]
    assert other.send({}, delivery="a").status_code == 202


@pytest.mark.parametrize("preset", ["github", "gitlab", "stripe", "ordinaut", "generic"])
def test_a_forged_signature_is_refused_without_a_word_why(alice: Agent, preset: str) -> None:
    sender = Sender(alice, preset=preset)

    answer = sender.send({"id": "e1"}, secret="another secret of ours")

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer.json()["detail"] == "The sender is not proven."
    assert answer.headers["WWW-Authenticate"] == 'Signature realm="ordinaut"'
    assert told() == []
    assert not HookReceipt.objects.exists()


@pytest.mark.parametrize("preset", ["stripe", "generic"])
@pytest.mark.parametrize("away", [-310, 310])
def test_what_was_signed_more_than_five_minutes_away_is_refused(alice: Agent, preset: str, away: int) -> None:
    assert Sender(alice, preset=preset).send({"id": "e1"}, at=time.time() + away).status_code == 401


def test_a_token_of_nobody_a_hook_switched_off_and_a_disabled_agent_are_not_there(sender: Sender, alice: Agent) -> None:
    known = sender.token
    sender.token = "nobodys"
    unknown = sender.send({})
    sender.token = known
    Hook.objects.update(active=False)
    off = sender.send({})
    Hook.objects.update(active=True)
    Agent.objects.filter(pk=alice.pk).update(active=False)
    disabled = sender.send({})

    answers = [unknown, off, disabled]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({str(answer.json() | {"request_id": ""}) for answer in answers}) == 1


def test_a_token_of_nobody_costs_the_work_of_one_that_is_known(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[str] = []
    unseal, compare = hook_intake.vault.unseal, hmac.compare_digest
    monkeypatch.setattr(hook_intake.vault, "unseal", lambda sealed: worked.append("unseal") or unseal(sealed))
    monkeypatch.setattr(hmac, "compare_digest", lambda *both: worked.append("compare") or compare(*both))
    sender.send({}, secret="another secret of ours")
    known = worked.copy()
    worked.clear()

    sender.token = "nobodys"
    sender.send({})

    assert worked == known == ["unseal", "compare"]


def test_an_agent_that_may_not_publish_any_more_is_told_so(sender: Sender, alice: Agent) -> None:
    Agent.objects.filter(pk=alice.pk).update(scopes=["events:read"])

    answer = sender.send({})

    assert answer.status_code == 403
    assert "events:publish" in answer.json()["detail"]
    assert told() == []


def test_a_form_is_its_fields_or_the_json_in_its_payload(sender: Sender) -> None:
    form = "application/x-www-form-urlencoded"
    sender.send(urlencode({"a": "1", "b": ""}).encode(), kind=form, delivery="1")
    sender.send(urlencode({"payload": '{"ref": "main"}'}).encode(), kind=form, delivery="2")
    sender.send([1, 2], delivery="3")

    assert [event.data for event in told("external.code.push")] == [
        {"a": "1", "b": ""},
        {"ref": "main"},
        {"body": [1, 2]},
    ]


@pytest.mark.parametrize(
    ("body", "kind", "headers", "status"),
    [
        (b"{", JSON, {}, 400),
        (b"", JSON, {}, 400),
        (b'{"a": "\\u0000"}', JSON, {}, 400),
        (b'{"a": 1, "a": 2}', JSON, {}, 400),
        (b"[" * 100_000, JSON, {}, 400),
        (b"a=%00", "application/x-www-form-urlencoded", {}, 400),
        (b"a=%ff", "application/x-www-form-urlencoded", {}, 400),
        (b"&".join([b"a=1"] * 1001), "application/x-www-form-urlencoded", {}, 400),
        (b"payload=x", "application/x-www-form-urlencoded", {}, 400),
        (b"<a/>", "application/xml", {}, 415),
        (b"{}", JSON, {"Content-Encoding": "gzip"}, 415),
        (b'"' + b"x" * 256_000 + b'"', JSON, {}, 413),
    ],
)
def test_what_cannot_be_kept_is_refused_and_may_be_sent_again(
    sender: Sender, body: bytes, kind: str, headers: dict[str, str], status: int
) -> None:
    answer = sender.send(body, kind=kind, **headers)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not HookReceipt.objects.exists()
    assert sender.send({}).status_code == 202


def test_two_ordinauts_do_not_set_each_other_off_without_end(alice: Agent) -> None:
    sender = Sender(alice, preset="ordinaut")

    assert sender.send({"id": "e1", "type": "a", "causation": 7}).status_code == 202
    assert told("external.code.a")[0].causation == 8
    assert sender.send({"id": "e2", "type": "a", "causation": 8}).status_code == 409


def test_a_hook_is_sent_to_only_so_often(sender: Sender, alice: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles.OfHooks, "most", 1)
    sender.send({})

    answer = sender.send({}, delivery="2")

    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert int(answer.headers["Retry-After"]) <= 60
    assert Sender(alice, topic="other").send({}).status_code == 202


def test_without_the_key_of_its_secret_the_server_says_that_it_cannot(sender: Sender) -> None:
    with override_settings(ORDINAUT=Conf(token_lifetime=timedelta(seconds=1))):
        answer = sender.send({})

    assert (answer.status_code, answer.json()["code"]) == (503, "no_key")


def test_only_posts_are_taken(sender: Sender) -> None:
    assert sender.client.get(f"/hooks/{sender.token}").status_code == 405
