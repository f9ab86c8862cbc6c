"""What must an ID token prove (OpenID Connect Core 1.0, section 3.1.3.7), and whose session does it open?"""

from typing import Any, Final

import jwt
import requests
import structlog
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from ordinaut_site.single_sign_on import provider
from ordinaut_site.single_sign_on.provider import ProviderUnavailable
from tasks_app.services import operators

_REQUIRED: Final = ["iss", "sub", "aud", "exp", "iat", "nonce"]
_CLOCKS_DIFFER_BY: Final = 30  # seconds
# What a provider that is away, wrong or hostile makes the library raise.
_REFUSALS: Final = (
    SuspiciousOperation,
    jwt.PyJWTError,
    requests.RequestException,
    ProviderUnavailable,
    KeyError,
    TypeError,
    ValueError,
)

log = structlog.get_logger(__name__)


class SingleSignOn(OIDCAuthenticationBackend):  # type: ignore[misc] # the library has no types
    """A provider's word for who somebody is, and their groups there for what they may do here."""

    get_settings = staticmethod(provider.setting)

    def __init__(self) -> None:
        """The endpoints are asked for when they are needed: a password opens the admin while the provider is away."""
        if provider.current() is not None:
            self.OIDC_RP_CLIENT_ID = provider.setting("OIDC_RP_CLIENT_ID")
            self.OIDC_RP_CLIENT_SECRET = provider.setting("OIDC_RP_CLIENT_SECRET")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("OIDC_OP_"):
            return provider.setting(name)
        raise AttributeError(name)

    def authenticate(self, request: HttpRequest | None, *, nonce: str, code_verifier: str) -> AbstractBaseUser | None:
        """None for whoever is not let in. Passwords are none of its business: the names of its arguments keep them away."""
        try:
            user: AbstractBaseUser | None = super().authenticate(request, nonce=nonce, code_verifier=code_verifier)
        except _REFUSALS as refusal:
            log.warning("single_sign_on_refused", reason=type(refusal).__name__)
            return None
        return user

    def verify_token(self, token: str, *, nonce: str | None = None, **_: Any) -> dict[str, Any]:
        """Its claims. Raises `jwt.InvalidTokenError`, or what the library does, for any other than ours for this sign-in."""
        known = provider.current()
        assert known is not None
        if jwt.get_unverified_header(token).get("alg") != known.algorithm:
            raise jwt.InvalidAlgorithmError
        claims: dict[str, Any] = jwt.decode(
            token,
            self.retrieve_matching_jwk(token),
            algorithms=[known.algorithm],
            audience=known.client_id,
            issuer=known.issuer,
            leeway=_CLOCKS_DIFFER_BY,
            options={"require": _REQUIRED},
        )
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != known.client_id:
            raise jwt.InvalidAudienceError("made for another of its audiences")
        if not nonce or not constant_time_compare(str(claims["nonce"]), nonce):
            raise jwt.InvalidTokenError("made for another sign-in")
        return claims

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        """What was signed: nothing else is asked for."""
        return payload

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> AbstractBaseUser | None:
        known = provider.current()
        assert known is not None
        groups = _groups(payload.get(known.groups_claim))
        is_superuser = not groups.isdisjoint(known.superuser_groups)
        return operators.sign_in(
            issuer=known.issuer,
            subject=str(payload["sub"]),
            username=str(payload.get("preferred_username") or payload.get("email") or payload["sub"]),
            email=str(payload.get("email") or ""),
            groups=groups,
            is_staff=is_superuser or not groups.isdisjoint(known.staff_groups),
            is_superuser=is_superuser,
            request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64],
        )

    def get_user(self, user_id: int) -> AbstractBaseUser | None:
        """Nobody who was switched off, which the library would let in, and nobody once single sign-on is off."""
        return ModelBackend.get_user(self, user_id) if provider.current() is not None else None


def _groups(claim: Any) -> frozenset[str]:
    named = [claim] if isinstance(claim, str) else claim
    return frozenset(each for each in named if isinstance(each, str)) if isinstance(named, list) else frozenset()
