"""Tokens: signed proofs of which agent calls, and by which login (RFC 7519, EdDSA of RFC 8037).

An access token is good for every request, for minutes; a refresh token is good for one refresh, as long as the login lasts.
They differ in their audience, so neither passes for the other. Both name their login (`sid`), whose row is read at each use:
what is revoked there is over everywhere at once.
"""

import time
import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

import jwt
from django.core.exceptions import ImproperlyConfigured

from tasks_app import token_keys
from tasks_app.conf import conf
from tasks_app.models import Agent, TokenFamily
from tasks_app.services import logins
from tasks_app.token_keys import TokenKey

ISSUER: Final = "ordinaut"
AUDIENCE: Final = "ordinaut-api"
REFRESH_AUDIENCE: Final = "ordinaut-refresh"
LONGEST: Final = 4096  # characters; ours have a quarter of that
_ALGORITHM: Final = "EdDSA"
_REQUIRED: Final = ["exp", "iat", "aud", "iss", "sub", "jti"]
_CLOCKS_DIFFER_BY: Final = 5  # seconds


class BadToken(Exception):
    """The token does not prove anything; why is of no use to who sent it."""


@dataclass(frozen=True)
class Proof:
    """What a token proves; `generation` is a refresh token's number within its login."""

    agent: UUID
    family: UUID
    generation: int = 0


def issue(agent: Agent) -> str:
    """An access token of a new login of the agent's, with all its scopes."""
    signing_key()  # a login whose tokens cannot be signed would be of no use
    return access_token(logins.begin(agent))


def access_token(family: TokenFamily) -> str:
    """A token that proves to be the login's agent for `conf().token_lifetime`, and not beyond the login's end.

    `scope` says what the token is good for now (RFC 9068); what counts is read at each request.
    """
    ends = min(int(time.time() + conf().token_lifetime.total_seconds()), int(family.expires_at.timestamp()))
    return _signed(family, aud=AUDIENCE, exp=ends, scope=" ".join(family.scopes_now()))


def refresh_token(family: TokenFamily) -> str:
    """The token that is good for the login's next refresh."""
    return _signed(family, aud=REFRESH_AUDIENCE, exp=int(family.expires_at.timestamp()), gen=family.generation)


def read_access(token: str) -> Proof:
    """Raises `BadToken`. The algorithm is ours and the key one of ours, whatever the token's header names."""
    return _proof(token, AUDIENCE)


def read_refresh(token: str) -> Proof:
    """Raises `BadToken`, for an access token too."""
    return _proof(token, REFRESH_AUDIENCE)


def read_any(token: str) -> Proof:
    """Of either kind. Raises `BadToken`."""
    try:
        return read_access(token)
    except BadToken:
        return read_refresh(token)


def public_keys() -> dict[str, list[dict[str, str]]]:
    """A JSON Web Key Set (RFC 7517) of the keys that tokens may be signed with."""
    return {"keys": [key.as_jwk() for key in _keys(conf().token_key).values()]}


def signing_key() -> TokenKey:
    """The first of the keys. Raises `ImproperlyConfigured` when there is none."""
    return next(iter(_keys(conf().token_key).values()))


def _signed(family: TokenFamily, **claims: Any) -> str:
    key = signing_key()
    usual = {
        "iss": ISSUER,
        "sub": str(family.agent_id),
        "sid": str(family.pk),
        "jti": uuid.uuid4().hex,
        "iat": int(time.time()),
    }
    return jwt.encode(usual | claims, key.private, algorithm=_ALGORITHM, headers={"kid": key.name})


def _proof(token: str, audience: str) -> Proof:
    if len(token) > LONGEST:
        raise BadToken
    try:
        named = _keys(conf().token_key)[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(
            token,
            named.public,
            algorithms=[_ALGORITHM],
            audience=audience,
            issuer=ISSUER,
            leeway=_CLOCKS_DIFFER_BY,
            options={"require": _REQUIRED, "strict_aud": True},
        )
        return Proof(UUID(claims["sub"]), UUID(claims["sid"]), int(claims.get("gen", 0)))
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadToken from error


@cache
def _keys(text: str) -> dict[str, TokenKey]:
    """By their names, the one that signs first."""
    try:
        return {key.name: key for key in token_keys.parse(text)}
    except token_keys.NotATokenKey as error:
        raise ImproperlyConfigured(_CURE) from error


_CURE: Final = (
    "ORDINAUT_TOKEN_KEY must be an Ed25519 private key in PEM, or several one after the other: "
    "`openssl genpkey -algorithm ed25519` makes one."
)
