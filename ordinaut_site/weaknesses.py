"""Which settings are too weak for a platform that others can reach?

Nothing is weak about one that only its own machine reaches. `manage.py check --deploy` names every weakness; the platform does
not start with one that `stops`.
"""

import base64
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from ordinaut_site.env import Env

_SHORTEST_KEY: Final = 50  # characters
_FEWEST_LETTERS: Final = 10  # different ones
_FEWEST_BYTES: Final = 16  # different ones, in a key of 32
_NEARBY: Final = (".local", ".lan", ".internal", ".home.arpa")


@dataclass(frozen=True)
class Weakness:
    """`name` is that of the check; stops: whether nothing is started with it."""

    name: str
    what: str
    cure: str
    stops: bool = True


def found(env: Env) -> Iterator[Weakness]:
    """Those of a platform whose `ORDINAUT_PUBLIC_URL` leads to it from elsewhere."""
    address = urlsplit(env.public_url)
    host = address.hostname or ""
    if _is_this_machine(host):
        return
    if len(env.secret_key) < _SHORTEST_KEY or len(set(env.secret_key)) < _FEWEST_LETTERS:
        yield Weakness(
            "E001",
            "ORDINAUT_SECRET_KEY is missing, or can be guessed.",
            f"Give {_SHORTEST_KEY} random characters or more: `openssl rand -base64 48` makes them.",
        )
    if not env.token_key:
        yield Weakness(
            "E002",
            "ORDINAUT_TOKEN_KEY is missing: no agent can be given a token.",
            "Give a key of its own: `openssl genpkey -algorithm ed25519` makes one.",
        )
    if "*" in env.allowed_hosts:
        yield Weakness(
            "E003",
            "ORDINAUT_ALLOWED_HOSTS lets every host name through, so links may lead to an attacker's.",
            f"Name the hosts that it answers to, such as {host}.",
        )
    if address.scheme != "https":
        yield Weakness(
            "E004",
            "ORDINAUT_PUBLIC_URL is not https: secrets, tokens and cookies can be read on the way.",
            "Put a proxy with TLS before it and give its https:// URL.",
            stops=not _is_nearby(host),
        )
    if not env.secrets_keys or any(map(_is_guessable, env.secrets_keys)):
        yield Weakness(
            "E007",
            "ORDINAUT_SECRETS_KEY is missing, so that no secret, hook or webhook can be kept, or can be guessed.",
            "Give 32 random bytes in URL-safe base64: `openssl rand -base64 32 | tr '+/' '-_'` makes them.",
            stops=bool(env.secrets_keys),
        )
    redis = urlsplit(env.redis_url)
    if redis.scheme == "redis" and not redis.password and not _is_this_machine(redis.hostname or ""):
        yield Weakness(
            "E005",
            "REDIS_URL leads to another machine without a password: whoever reaches it can forge events.",
            "Give the Redis a password (`requirepass`, or an ACL) and write it into the URL.",
            stops=False,
        )


def _is_guessable(secrets_key: str) -> bool:
    """Of 32 random bytes, fewer than 16 different ones are no accident."""
    return len(set(base64.urlsafe_b64decode(secrets_key))) < _FEWEST_BYTES


def _is_this_machine(host: str) -> bool:
    address = _address(host)
    return address.is_loopback if address else host == "localhost" or host.endswith(".localhost")


def _is_nearby(host: str) -> bool:
    """Whether the name or address is one of a private network."""
    address = _address(host)
    return address.is_private if address else "." not in host or host.endswith(_NEARBY)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
