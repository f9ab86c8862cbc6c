"""Where is the identity provider, and what does it say about itself (OpenID Connect Discovery 1.0)?"""

import time
from typing import Any, Final

import requests
from django.conf import settings
from mozilla_django_oidc.utils import import_from_settings

from ordinaut_site.single_sign_on.rules import Provider, is_safe
from tasks_app.exceptions import OrdinautError

CALLBACK: Final = "single-sign-on-callback"
_SECONDS: Final = 5
_KEPT_SECONDS: Final = 3600


class ProviderUnavailable(OrdinautError):
    """It does not answer, or what it says about itself cannot be true."""


def current() -> Provider | None:
    """None: everybody signs in with a password."""
    provider: Provider | None = settings.SINGLE_SIGN_ON
    return provider


def endpoint(name: str) -> str:
    """The URL that the provider gives under a name of the discovery document. Raises `ProviderUnavailable`."""
    provider = current()
    assert provider is not None
    url = str(_document(provider.issuer).get(name, ""))
    if not is_safe(url):
        raise ProviderUnavailable(f"{provider.issuer} names no {name} with https.")
    return url


def setting(name: str, *default: Any) -> Any:
    """What the library calls `name`: from the provider, never from Django's settings where it concerns security."""
    provider = current()
    assert provider is not None
    if found := _ENDPOINTS.get(name):
        return endpoint(found)
    ours = {
        "OIDC_RP_CLIENT_ID": provider.client_id,
        "OIDC_RP_CLIENT_SECRET": provider.client_secret,
        "OIDC_RP_SIGN_ALGO": provider.algorithm,
        "OIDC_RP_SCOPES": provider.scopes,
        "OIDC_RP_IDP_SIGN_KEY": None,
        "OIDC_AUTHENTICATION_CALLBACK_URL": CALLBACK,
        "OIDC_USE_NONCE": True,
        "OIDC_USE_PKCE": True,
        "OIDC_PKCE_CODE_CHALLENGE_METHOD": "S256",
        "OIDC_VERIFY_SSL": True,
        "OIDC_TIMEOUT": _SECONDS,
        "OIDC_STORE_ACCESS_TOKEN": False,
        "OIDC_STORE_ID_TOKEN": False,
        "LOGIN_REDIRECT_URL_FAILURE": settings.LOGIN_URL,
    }
    return ours[name] if name in ours else import_from_settings(name, *default)


_ENDPOINTS: Final = {
    "OIDC_OP_AUTHORIZATION_ENDPOINT": "authorization_endpoint",
    "OIDC_OP_TOKEN_ENDPOINT": "token_endpoint",
    "OIDC_OP_JWKS_ENDPOINT": "jwks_uri",
    "OIDC_OP_USER_ENDPOINT": "token_endpoint",  # the library asks for its name; nobody is asked there: see backend.py
}
_known: dict[str, tuple[float, dict[str, Any]]] = {}


def _document(issuer: str) -> dict[str, Any]:
    """Kept for an hour. Raises `ProviderUnavailable`."""
    until, document = _known.get(issuer, (0.0, {}))
    if time.monotonic() < until:
        return document
    try:
        answer = requests.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", timeout=_SECONDS)
        answer.raise_for_status()
        document = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise ProviderUnavailable(f"{issuer} does not answer as an identity provider does.") from error
    # Section 4.3: else one provider could speak for another.
    if not isinstance(document, dict) or document.get("issuer") != issuer:
        raise ProviderUnavailable(f"{issuer} says that it is another: write ORDINAUT_OIDC_ISSUER as it does.")
    _known[issuer] = (time.monotonic() + _KEPT_SECONDS, document)
    return document
