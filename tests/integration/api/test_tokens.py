"""Who an agent is: the token endpoint and what a token must prove."""

import base64
import json
import time
import uuid
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rest_framework.test import APIClient

from tasks_app.api import tokens
from tasks_app.conf import conf
from tasks_app.models import Agent
from tasks_app.services import agents, logins
from tasks_app.services.actor import SYSTEM

PATHS = ("/auth/token", "/api/v1/auth/token")


@pytest.fixture
def alice_and_secret(db: None) -> tuple[Agent, str]:
    return agents.create_agent(name="alice", scopes=["tasks:read"])


def claims_of(agent: Agent, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {
        "iss": tokens.ISSUER,
        "aud": tokens.AUDIENCE,
        "sub": str(agent.pk),
        "sid": str(logins.begin(agent).pk),
        "jti": uuid.uuid4().hex,
        "iat": now,
        "exp": now + 60,
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def signed(claims: dict[str, Any], **options: Any) -> str:
    headers = {"kid": tokens.signing_key().name} | options.pop("headers", {})
    return jwt.encode(claims, conf().token_key, algorithm="EdDSA", headers=headers, **options)


def status_with(client: APIClient, token: str) -> int:
    return client.get("/api/v1/tasks", headers={"Authorization": f"Bearer {token}"}).status_code


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("field", ["agent_secret", "credentials"])
def test_the_right_secret_is_answered_with_a_token_that_works(
    anonymous: APIClient, alice_and_secret: tuple[Agent, str], path: str, field: str
) -> None:
    alice, secret = alice_and_secret

    answer = anonymous.post(path, {"agent_id": str(alice.pk), field: secret})

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert {name: body[name] for name in ("token_type", "expires_in", "scopes")} == {
        "token_type": "Bearer",
        "expires_in": 900,
        "scopes": ["tasks:read"],
    }
    assert status_with(anonymous, body["access_token"]) == 200


@pytest.mark.parametrize("agent_id", ["alice", "stranger"])
def test_a_wrong_secret_and_an_unknown_agent_are_refused_alike(
    anonymous: APIClient, alice_and_secret: tuple[Agent, str], agent_id: str
) -> None:
    known = str(alice_and_secret[0].pk)

    answer = anonymous.post(
        "/auth/token", {"agent_id": known if agent_id == "alice" else str(uuid.uuid4()), "agent_secret": "wrong"}
    )

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "not_authenticated"
    assert answer.json()["detail"] == "Unknown agent, wrong secret or disabled agent."


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"agent_id": "x", "agent_secret": "y"}, "/agent_id"),
        ({"agent_id": str(uuid.uuid4())}, "/agent_secret"),
        ({"agent_id": str(uuid.uuid4()), "agent_secret": "y", "scopes": ["admin"]}, "/scopes"),
        ({"agent_id": str(uuid.uuid4()), "agent_secret": "y" * 201}, "/agent_secret"),
    ],
)
def test_credentials_of_another_form_are_refused(anonymous: APIClient, body: dict[str, Any], pointer: str) -> None:
    answer = anonymous.post("/auth/token", body)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("missing", ["exp", "iat", "aud", "iss", "sub", "sid", "jti"])
def test_a_token_without_a_required_claim_is_refused(anonymous: APIClient, alice: Agent, missing: str) -> None:
    assert status_with(anonymous, signed(claims_of(alice))) == 200

    assert status_with(anonymous, signed(claims_of(alice, **{missing: None}))) == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(time.time()) - 60},
        {"iat": int(time.time()) + 3600},
        {"aud": "another-api"},
        {"iss": "another-issuer"},
        {"sub": "not-an-id"},
        {"sub": str(uuid.uuid4())},
        {"sub": 5},
        {"sid": "not-an-id"},
        {"sid": str(uuid.uuid4())},
        {"sid": ["a"]},
        {"aud": ["ordinaut-api", "another-api"]},
        {"aud": "ordinaut-refresh"},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(anonymous: APIClient, alice: Agent, changes: dict[str, Any]) -> None:
    assert status_with(anonymous, signed(claims_of(alice, **changes))) == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"kid": "../../etc/passwd"},
        {"kid": "' OR 1=1 --"},
        {"kid": "http://127.0.0.1:1/keys"},
        {"kid": ""},
        {"jku": "http://127.0.0.1:1/keys"},
        {"x5u": "http://127.0.0.1:1/"},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}},
    ],
)
def test_a_token_of_another_key_is_refused_whatever_its_header_names(
    anonymous: APIClient, alice: Agent, headers: dict[str, Any]
) -> None:
    strange = Ed25519PrivateKey.generate()
    named = {"kid": tokens.signing_key().name} | headers

    for header in (headers, named):
        forged = jwt.encode(claims_of(alice), strange, algorithm="EdDSA", headers=header)
        assert status_with(anonymous, forged) == 401


@pytest.mark.parametrize("kid", [None, "x", "../../etc/passwd", "http://127.0.0.1:1/keys"])
def test_a_token_of_our_key_under_another_name_is_refused(anonymous: APIClient, alice: Agent, kid: str | None) -> None:
    headers = {} if kid is None else {"kid": kid}
    token = jwt.encode(claims_of(alice), conf().token_key, algorithm="EdDSA", headers=headers)

    assert status_with(anonymous, token) == 401


def test_unsigned_and_symmetrically_signed_tokens_are_refused(anonymous: APIClient, alice: Agent) -> None:
    key = tokens.signing_key()
    public = key.public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    named = {"kid": key.name}
    unsigned = jwt.encode(claims_of(alice), "", algorithm="none", headers=named)
    symmetric = jwt.encode(claims_of(alice), public, algorithm="HS256", headers=named)

    assert [status_with(anonymous, token) for token in (unsigned, symmetric)] == [401, 401]


def test_a_token_that_is_too_long_is_refused_before_it_is_read(anonymous: APIClient, alice: Agent) -> None:
    token = signed(claims_of(alice, padding="x" * tokens.LONGEST))

    assert status_with(anonymous, token) == 401
    assert status_with(anonymous, signed(claims_of(alice, padding="x" * 1000))) == 200


def test_a_token_with_an_unknown_critical_header_is_refused(anonymous: APIClient, alice: Agent) -> None:
    head, body, signature = signed(claims_of(alice)).split(".")
    named = {"alg": "EdDSA", "kid": tokens.signing_key().name}
    header = json.dumps(named | {"crit": ["strange"], "strange": 1}).encode()
    changed = base64.urlsafe_b64encode(header).rstrip(b"=").decode()

    assert status_with(anonymous, f"{changed}.{body}.{signature}") == 401
    assert head


def test_another_scheme_and_a_scheme_without_token_are_refused(anonymous: APIClient, alice: Agent) -> None:
    token = tokens.issue(alice)
    for value in (f"Basic {token}", "Bearer", "Bearer ", f"Bearer {token} more"):
        answer = anonymous.get("/api/v1/tasks", headers={"Authorization": value})
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_disabled_agents_token_stops_working_at_once(as_alice: APIClient, alice: Agent) -> None:
    assert as_alice.get("/api/v1/tasks").status_code == 200

    agents.set_active(alice, False, actor=SYSTEM)

    assert as_alice.get("/api/v1/tasks").status_code == 401


def test_scopes_are_those_of_now_not_of_when_the_token_was_given(as_alice: APIClient, alice: Agent) -> None:
    Agent.objects.filter(pk=alice.pk).update(scopes=["runs:read"])

    assert as_alice.get("/api/v1/tasks").status_code == 403
    assert as_alice.get("/api/v1/runs").status_code == 200


def test_a_secret_cannot_be_guessed_at_for_long_whatever_address_the_caller_claims(
    anonymous: APIClient, alice_and_secret: tuple[Agent, str]
) -> None:
    agent, secret = alice_and_secret
    other, others_secret = agents.create_agent(name="bob", scopes=["tasks:read"])

    guesses = [
        anonymous.post(
            "/auth/token",
            {"agent_id": str(agent.pk), "agent_secret": f"guess {number}"},
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        ).status_code
        for number in range(21)
    ]
    refused = anonymous.post("/auth/token", {"agent_id": str(agent.pk).upper(), "agent_secret": secret})
    others = anonymous.post("/auth/token", {"agent_id": str(other.pk), "agent_secret": others_secret})

    assert guesses == [401] * 20 + [429]
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert others.status_code == 200


def test_who_has_a_network_of_ipv6_is_one_caller(anonymous: APIClient, alice_and_secret: tuple[Agent, str]) -> None:
    wrong = {"agent_id": str(alice_and_secret[0].pk), "agent_secret": "a guess"}

    answers = [
        anonymous.post("/auth/token", wrong, REMOTE_ADDR=f"2001:db8::{number + 1:x}").status_code
        for number in range(21)
    ]

    assert answers == [401] * 20 + [429]
    assert anonymous.post("/auth/token", wrong, REMOTE_ADDR="2001:db8:0:1::1").status_code == 401


def test_one_caller_cannot_try_many_agents_either(anonymous: APIClient) -> None:
    tries = [anonymous.post("/auth/token", {"agent_id": f"no-{number}"}).status_code for number in range(121)]

    assert tries == [422] * 120 + [429]
