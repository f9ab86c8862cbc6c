"""What is an identity provider to us, and which addresses and algorithms are good enough for it? Known before there are settings."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "ES256",
    "ES384",
    "EdDSA",
)  # never one whose key we know ourselves


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Whom we ask, who we are there, and which of its groups may come in."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    algorithm: str
    scopes: str
    groups_claim: str
    staff_groups: frozenset[str]
    superuser_groups: frozenset[str]


def is_safe(url: str) -> bool:
    """Whether what is sent there can be read by nobody on the way."""
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    is_local = address.hostname in {"localhost", "127.0.0.1", "::1"}
    return bool(address.hostname) and (address.scheme == "https" or (address.scheme == "http" and is_local))
