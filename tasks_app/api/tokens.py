"""Access tokens: signed proofs, for a short time, of which agent calls (RFC 7519, EdDSA of RFC 8037)."""

import time
import uuid
from functools import cache
from typing import Final
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core.exceptions import ImproperlyConfigured

from tasks_app.conf import conf
from tasks_app.models import Agent

ISSUER: Final = "ordinaut"
AUDIENCE: Final = "ordinaut-api"
_ALGORITHM: Final = "EdDSA"
_REQUIRED: Final = ["exp", "iat", "aud", "iss", "sub", "jti"]
_CLOCKS_DIFFER_BY: Final = 5  # seconds


class BadToken(Exception):
    """The token does not prove anything; why is of no use to who sent it."""


def issue(agent: Agent) -> str:
    """A token that proves to be `agent` for `conf().token_lifetime`. It carries no scopes: those of now always count."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(agent.pk),
        "jti": uuid.uuid4().hex,
        "iat": now,
        "exp": now + int(conf().token_lifetime.total_seconds()),
    }
    return jwt.encode(claims, _key(conf().token_key), algorithm=_ALGORITHM)


def agent_of(token: str) -> UUID:
    """The agent that the token was issued to. Raises `BadToken`.

    The algorithm and the key are ours whatever the token's header names.
    """
    try:
        claims = jwt.decode(
            token,
            _key(conf().token_key).public_key(),
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            leeway=_CLOCKS_DIFFER_BY,
            options={"require": _REQUIRED},
        )
        return UUID(claims["sub"])
    except (jwt.InvalidTokenError, ValueError) as error:
        raise BadToken from error


@cache
def _key(pem: str) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except ValueError as error:
        raise ImproperlyConfigured(_CURE) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured(_CURE)
    return key


_CURE: Final = (
    "ORDINAUT_TOKEN_KEY must be an Ed25519 private key in PEM: `openssl genpkey -algorithm ed25519` makes one."
)
