"""How the senders of webhooks sign, and what they call what has happened."""

import hmac
from hashlib import sha256
from typing import Any

import pytest

from tasks_app.models import Hook
from tasks_app.services.hook_presets import TOLERANCE_SECONDS, Sent, preset_of, topic_of

SECRET = "It's a Secret to Everybody"
BODY = b"Hello, World!"
NOW = 1_800_000_000
GENERIC = {"signature_header": "X-Sig", "timestamp_header": "X-Time", "delivery_header": "X-Id"}


def signature(body: bytes = BODY, *, seconds: object = NOW, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, sha256).hexdigest()


def signed(preset: str, headers: dict[str, str], *, body: bytes = BODY, **more: Any) -> bool:
    return preset_of(Hook(preset=preset, **more)).is_signed(Sent(headers, body, NOW), SECRET)


def test_github_signs_the_body_as_its_own_documents_show() -> None:
    given = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    assert signed("github", {"X-Hub-Signature-256": given})
    assert not signed("github", {"X-Hub-Signature-256": given}, body=b"Hello, World?")
    assert not signed("github", {"X-Hub-Signature-256": given.removeprefix("sha256=")})
    assert not signed("github", {"X-Hub-Signature": given})
    assert not signed("github", {})


def test_gitlab_sends_the_secret_itself() -> None:
    assert signed("gitlab", {"X-Gitlab-Token": SECRET})
    assert not signed("gitlab", {"X-Gitlab-Token": SECRET.lower()})
    assert not signed("gitlab", {})


@pytest.mark.parametrize(("preset", "header"), [("stripe", "Stripe-Signature"), ("ordinaut", "Ordinaut-Signature")])
def test_stripe_and_ordinaut_sign_the_time_and_the_body(preset: str, header: str) -> None:
    right, wrong = signature(), signature(secret="another secret of somebody")

    assert signed(preset, {header: f"t={NOW},v1={right}"})
    assert signed(preset, {header: f"t={NOW}, v1={wrong}, v1={right}, v0={wrong}"})
    assert not signed(preset, {header: f"t={NOW},v0={right}"})
    assert not signed(preset, {header: f"t={NOW},v1={wrong}"})
    assert not signed(preset, {header: f"t={NOW + 1},v1={right}"})
    assert not signed(preset, {header: f"t={NOW}" + f",v1={wrong}" * 5 + f",v1={right}"})


@pytest.mark.parametrize("given", ["", "t", "v1=", "t=,v1=", ",,,", "t=\u00b2,v1=\xff"])
def test_a_header_that_makes_no_sense_proves_nothing(given: str) -> None:
    assert not signed("stripe", {"Stripe-Signature": given})


def test_generic_signs_as_stripe_does_in_headers_of_its_own() -> None:
    headers = {"X-Time": str(NOW), "X-Sig": signature()}

    assert signed("generic", headers, **GENERIC)
    assert signed("generic", headers | {"X-Sig": "sha256=" + signature().upper()}, **GENERIC)
    assert not signed("generic", headers | {"X-Time": str(NOW + 1)}, **GENERIC)
    assert not signed("generic", {"X-Sig": signature()}, **GENERIC)


@pytest.mark.parametrize("preset", ["stripe", "generic"])
@pytest.mark.parametrize(
    ("away", "is_recent"),
    [
        (TOLERANCE_SECONDS, True),
        (-TOLERANCE_SECONDS, True),
        (TOLERANCE_SECONDS + 1, False),
        (-TOLERANCE_SECONDS - 1, False),
    ],
)
def test_what_was_signed_more_than_five_minutes_away_is_refused(preset: str, away: int, is_recent: bool) -> None:
    seconds = NOW + away
    headers = {
        "Stripe-Signature": f"t={seconds},v1={signature(seconds=seconds)}",
        "X-Time": str(seconds),
        "X-Sig": signature(seconds=seconds),
    }

    assert signed(preset, headers, **GENERIC) == is_recent


@pytest.mark.parametrize("seconds", ["1e9", "-1", "9" * 13, "٣", " 1800000000", ""])
def test_a_time_that_is_no_number_of_seconds_is_refused(seconds: str) -> None:
    assert not signed("stripe", {"Stripe-Signature": f"t={seconds},v1={signature(seconds=seconds)}"})


@pytest.mark.parametrize(
    ("preset", "headers", "payload", "keys", "suffix"),
    [
        ("github", {"X-GitHub-Delivery": "d1", "X-GitHub-Event": "push"}, {}, ["d1"], "push"),
        ("github", {}, {}, [sha256(BODY).hexdigest()], ""),
        ("gitlab", {"X-Gitlab-Event-UUID": "u1", "X-Gitlab-Event": "Push Hook"}, {}, ["u1"], "Push"),
        ("gitlab", {"X-Gitlab-Event-UUID": "u1", "Idempotency-Key": "k1"}, {}, ["k1"], ""),
        ("stripe", {}, {"id": "evt_1", "type": "invoice.paid"}, ["evt_1"], "invoice.paid"),
        ("stripe", {}, {}, [sha256(BODY).hexdigest()], ""),
        ("generic", {"X-Sig": "sha256=AB", "X-Id": "7"}, {"type": "x"}, ["signature ab", "id 7"], ""),
        ("generic", {"X-Sig": "ab"}, {}, ["signature ab"], ""),
    ],
)
def test_a_delivery_is_told_from_others_and_named(
    preset: str, headers: dict[str, str], payload: dict[str, Any], keys: list[str], suffix: str
) -> None:
    found, sent = preset_of(Hook(preset=preset, **GENERIC)), Sent(headers, BODY, NOW)

    assert (found.keys(sent, payload), found.suffix(sent, payload)) == (keys, suffix)


@pytest.mark.parametrize(
    ("suffix", "topic"),
    [
        ("push", "code.push"),
        ("Merge Request", "code.merge_request"),
        ("invoice.paid", "code.invoice.paid"),
        ("", "code"),
        ("..a..b..", "code.a.b"),
        ("\u00e9", "code"),
        ("x" * 100, "code." + "x" * 40),
    ],
)
def test_what_the_sender_says_becomes_a_part_of_the_topic(suffix: str, topic: str) -> None:
    assert topic_of("code", suffix) == topic
