"""`/secrets`: put and deleted, listed by name and hosts, and never read back."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.test import override_settings
from rest_framework.test import APIClient

from tasks_app import vault
from tasks_app.conf import conf
from tasks_app.exceptions import IllegalMove
from tasks_app.models import Agent, AuditEntry, Secret
from tasks_app.services import secrets
from tasks_app.services.actor import SYSTEM
from tests.integration.api.making import client_of
from tests.making import make_agent

URL = "/api/v1/secrets"
SENT = {"value": "s3cret-canary", "hosts": ["api.example.org", "*.example.net"]}


@pytest.fixture
def keeper(db: None) -> Agent:
    return make_agent(scopes=("tools:read", "tools:write"))


@pytest.fixture
def as_keeper(keeper: Agent) -> APIClient:
    return client_of(keeper)


def faults(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.json()
    return [fault["pointer"] for fault in answer.json()["errors"]]


def keys(*keys: str) -> Any:
    return override_settings(ORDINAUT=replace(conf(), secrets_keys=keys))


def test_a_secret_is_put_and_answered_without_its_value(as_keeper: APIClient, keeper: Agent) -> None:
    made = as_keeper.put(f"{URL}/weather", SENT)

    assert made.status_code == 201
    assert made.json().keys() == {"name", "hosts", "owner", "key_id", "created_at", "rotated_at"}
    assert (made.json()["name"], made.json()["hosts"], made.json()["owner"]) == (
        "weather",
        SENT["hosts"],
        str(keeper.pk),
    )
    for answer in (made, as_keeper.get(URL), as_keeper.get(f"{URL}/weather")):
        assert b"s3cret" not in answer.content
    assert as_keeper.get(URL).json()["items"] == [as_keeper.get(f"{URL}/weather").json()]
    kept = Secret.objects.get()
    assert "s3cret" not in kept.sealed
    assert vault.unseal(kept.sealed) == "s3cret-canary"


def test_a_secret_is_rotated_and_keeps_its_hosts(as_keeper: APIClient) -> None:
    made = as_keeper.put(f"{URL}/weather", SENT).json()

    rotated = as_keeper.put(f"{URL}/weather", {"value": "another"})

    assert rotated.status_code == 200
    assert rotated.json()["hosts"] == SENT["hosts"]
    assert rotated.json()["rotated_at"] > made["rotated_at"]
    assert vault.unseal(Secret.objects.get().sealed) == "another"
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "secret.created",
        "secret.rotated",
    ]
    assert not any("another" in str(entry.details) for entry in AuditEntry.objects.all())


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"value": "a"}, "/hosts"),
        ({"hosts": ["a.example.org"]}, "/value"),
        (SENT | {"value": ""}, "/value"),
        (SENT | {"value": 5}, "/value"),
        (SENT | {"value": "a\nb"}, "/value"),
        (SENT | {"value": "x" * 10_001}, "/value"),
        (SENT | {"hosts": []}, "/hosts"),
        (SENT | {"hosts": ["a"] * 51}, "/hosts"),
        (SENT | {"hosts": ["a.example.org", "https://a.example.org"]}, "/hosts/1"),
        (SENT | {"hosts": ["*"]}, "/hosts/0"),
        (SENT | {"hosts": ["*.org"]}, "/hosts/0"),
        (SENT | {"hosts": ["a.example.org:443"]}, "/hosts/0"),
        (SENT | {"hosts": ["a" * 254]}, "/hosts/0"),
        (SENT | {"name": "other"}, "/name"),
        (SENT | {"key_id": "other"}, "/key_id"),
    ],
)
def test_a_faulty_secret_is_refused_at_its_place(as_keeper: APIClient, sent: dict[str, Any], pointer: str) -> None:
    answer = as_keeper.put(f"{URL}/weather", sent)

    assert faults(answer) == [pointer]
    assert b"s3cret" not in answer.content
    assert not Secret.objects.exists()


def test_a_name_that_no_entry_can_write_is_refused(as_keeper: APIClient) -> None:
    assert faults(as_keeper.put(f"{URL}/a%20b", SENT)) == ["/name"]


def test_hosts_are_kept_as_they_are_compared(as_keeper: APIClient) -> None:
    answer = as_keeper.put(f"{URL}/weather", SENT | {"hosts": ["API.Example.org.", "::1", "localhost"]})

    assert answer.json()["hosts"] == ["api.example.org", "::1", "localhost"]


def test_each_agent_has_its_own_and_sees_everybodys(as_keeper: APIClient, as_admin: APIClient, keeper: Agent) -> None:
    other = client_of(make_agent(scopes=("tools:read", "tools:write")))
    as_keeper.put(f"{URL}/weather", SENT)
    assert other.get(f"{URL}/weather").status_code == 404

    assert as_admin.put(f"{URL}/weather", SENT | {"owner": None, "hosts": ["a.example.org"]}).status_code == 201
    assert other.get(f"{URL}/weather").json()["owner"] is None
    assert as_keeper.get(f"{URL}/weather").json()["owner"] == str(keeper.pk)
    assert len(as_admin.get(URL).json()["items"]) == 2

    assert other.delete(f"{URL}/weather").status_code == 403
    assert as_keeper.delete(f"{URL}/weather").status_code == 204
    assert as_keeper.delete(f"{URL}/weather").status_code == 403
    assert as_admin.delete(f"{URL}/weather").status_code == 204
    assert not Secret.objects.exists()
    assert AuditEntry.objects.filter(action="secret.deleted").count() == 2


def test_only_an_admin_keeps_secrets_for_others(as_keeper: APIClient, as_admin: APIClient, keeper: Agent) -> None:
    assert as_keeper.put(f"{URL}/weather", SENT | {"owner": None}).status_code == 403
    assert as_admin.put(f"{URL}/weather", SENT | {"owner": str(keeper.pk)}).json()["owner"] == str(keeper.pk)
    nobody = as_admin.put(f"{URL}/weather", SENT | {"owner": "0192f0c1-0000-7000-8000-000000000000"})
    assert faults(nobody) == ["/owner"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("get", "", "tools:read"),
        ("get", "/weather", "tools:read"),
        ("put", "/weather", "tools:write"),
        ("delete", "/weather", "tools:write"),
    ],
)
def test_each_wish_needs_its_scope(db: None, method: str, path: str, scope: str) -> None:
    [other] = {"tools:read", "tools:write"} - {scope}

    answer = getattr(client_of(make_agent(scopes=(other,))), method)(f"{URL}{path}", SENT)

    assert answer.status_code == 403
    assert scope in answer.json()["detail"]


def test_without_a_key_nothing_is_kept(as_keeper: APIClient) -> None:
    with keys():
        answer = as_keeper.put(f"{URL}/weather", SENT)

    assert answer.status_code == 409
    assert "ORDINAUT_SECRETS_KEY" in answer.json()["detail"]
    assert not Secret.objects.exists()


def test_a_new_key_encrypts_and_the_old_one_still_reads(
    as_keeper: APIClient, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with keys(old):
        as_keeper.put(f"{URL}/weather", SENT)
    with keys(new, old):
        assert vault.unseal(Secret.objects.get().sealed) == "s3cret-canary"
        call_command("encrypt_secrets_anew")
        assert "1 secret" in capsys.readouterr().out
        assert secrets.encrypt_anew(actor=SYSTEM) == 0
    with keys(new):
        kept = Secret.objects.get()
        assert kept.key_id == vault.id_of(new)
        assert vault.unseal(kept.sealed) == "s3cret-canary"


@pytest.mark.parametrize("left", [(), (Fernet.generate_key().decode(),)])
def test_a_secret_whose_key_is_gone_cannot_be_read(as_keeper: APIClient, left: tuple[str, ...]) -> None:
    as_keeper.put(f"{URL}/weather", SENT)

    with keys(*left):
        with pytest.raises(vault.NoKey, match="put its value anew"):
            vault.unseal(Secret.objects.get().sealed)
        with pytest.raises(IllegalMove):
            secrets.encrypt_anew(actor=SYSTEM)
