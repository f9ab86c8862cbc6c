"""How do programs sign the webhooks that they send, and what do they call what has happened?

| preset | signature | signed | one delivery is told by |
|---|---|---|---|
| github | X-Hub-Signature-256: sha256=<hex> | the body | X-GitHub-Delivery |
| gitlab | X-Gitlab-Token, the secret itself | nothing | Idempotency-Key, else X-Gitlab-Event-UUID |
| stripe | Stripe-Signature: t=<seconds>,v1=<hex> | <seconds>.<body> | `id` of the body |
| ordinaut | Ordinaut-Signature, as Stripe's | <seconds>.<body> | `id` of the body |
| generic | a header of its own: <hex>, or sha256=<hex> | <seconds>.<body> | a header of its own, and the signature |
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Protocol

from tasks_app.models import Hook
from tasks_app.states import HookPreset

TOLERANCE_SECONDS: Final = 300
LONGEST_SUFFIX: Final = 40
_MOST_SIGNATURES: Final = 5  # that one header may hold, while the sender changes its secret


@dataclass(frozen=True, slots=True)
class Sent:
    """What has come in, and when: `now` in seconds since 1970 (UTC)."""

    headers: Mapping[str, str]
    body: bytes
    now: float

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


class Preset(Protocol):
    def is_signed(self, sent: Sent, secret: str) -> bool:
        """Whether the sender knew the secret, lately. Costs as much time for a wrong signature as for a right one."""
        ...

    def keys(self, sent: Sent, payload: Mapping[str, Any]) -> list[str]:
        """What tells this delivery from all others: a repetition has one of them."""
        ...

    def suffix(self, sent: Sent, payload: Mapping[str, Any]) -> str:
        """What the sender calls what has happened, if anything."""
        ...


class _GitHub:
    def is_signed(self, sent: Sent, secret: str) -> bool:
        return _same(sent.header("X-Hub-Signature-256"), "sha256=" + _hmac(secret, sent.body))

    def keys(self, sent: Sent, payload: Mapping[str, Any]) -> list[str]:
        return [sent.header("X-GitHub-Delivery") or _digest(sent.body)]

    def suffix(self, sent: Sent, payload: Mapping[str, Any]) -> str:
        return sent.header("X-GitHub-Event")


class _GitLab:
    def is_signed(self, sent: Sent, secret: str) -> bool:
        return _same(sent.header("X-Gitlab-Token"), secret)

    def keys(self, sent: Sent, payload: Mapping[str, Any]) -> list[str]:
        return [sent.header("Idempotency-Key") or sent.header("X-Gitlab-Event-UUID") or _digest(sent.body)]

    def suffix(self, sent: Sent, payload: Mapping[str, Any]) -> str:
        return sent.header("X-Gitlab-Event").removesuffix(" Hook")


@dataclass(frozen=True, slots=True)
class _Timed:
    """`t=<seconds>,v1=<hex>` in one header; the body says what it is about."""

    header: str

    def is_signed(self, sent: Sent, secret: str) -> bool:
        parts = [part.strip().partition("=") for part in sent.header(self.header).split(",")]
        seconds = next((value for name, _, value in parts if name == "t"), "")
        given = [value for name, _, value in parts if name == "v1"][:_MOST_SIGNATURES] or [""]
        expected = _hmac(secret, f"{seconds}.".encode(errors="replace") + sent.body)
        return any(_same(each, expected) for each in given) and _is_recent(seconds, sent.now)

    def keys(self, sent: Sent, payload: Mapping[str, Any]) -> list[str]:
        return [str(payload.get("id") or _digest(sent.body))]

    def suffix(self, sent: Sent, payload: Mapping[str, Any]) -> str:
        return str(payload.get("type") or "")


@dataclass(frozen=True, slots=True)
class _Generic:
    signature: str
    timestamp: str
    delivery: str

    def is_signed(self, sent: Sent, secret: str) -> bool:
        seconds = sent.header(self.timestamp)
        expected = _hmac(secret, f"{seconds}.".encode(errors="replace") + sent.body)
        return _same(self._given(sent), expected) and _is_recent(seconds, sent.now)

    def keys(self, sent: Sent, payload: Mapping[str, Any]) -> list[str]:
        """The signature too: whoever repeats what was sent could give it another id, which nobody signed."""
        given = sent.header(self.delivery)
        return ["signature " + self._given(sent), *(["id " + given] if given else [])]

    def suffix(self, sent: Sent, payload: Mapping[str, Any]) -> str:
        return ""

    def _given(self, sent: Sent) -> str:
        return sent.header(self.signature).removeprefix("sha256=").lower()


_FIXED: Final[dict[str, Preset]] = {
    HookPreset.GITHUB: _GitHub(),
    HookPreset.GITLAB: _GitLab(),
    HookPreset.STRIPE: _Timed("Stripe-Signature"),
    HookPreset.ORDINAUT: _Timed("Ordinaut-Signature"),
}


def preset_of(hook: Hook) -> Preset:
    return _FIXED.get(hook.preset) or _Generic(hook.signature_header, hook.timestamp_header, hook.delivery_header)


def topic_of(prefix: str, suffix: str) -> str:
    """The prefix and, behind a dot, the sender's word in the letters of topics: `Merge Request` is `merge_request`."""
    words = re.sub(r"[^a-z0-9_.-]+", "_", suffix.lower())
    told = re.sub(r"\.{2,}", ".", words)[:LONGEST_SUFFIX].strip("._")
    return f"{prefix}.{told}" if told else prefix


def _hmac(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, sha256).hexdigest()


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def _is_recent(seconds: str, now: float) -> bool:
    is_number = seconds.isascii() and seconds.isdecimal() and len(seconds) <= 12
    return is_number and abs(now - int(seconds)) <= TOLERANCE_SECONDS
