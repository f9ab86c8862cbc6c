"""The keys that sign tokens are Ed25519 keys or nothing; the first signs, all verify."""

from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.core.exceptions import ImproperlyConfigured

from tasks_app import token_keys
from tasks_app.api import tokens
from tasks_app.conf import conf


def pem(key: Ed25519PrivateKey | X25519PrivateKey, password: bytes | None = None) -> str:
    locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked).decode()


OLD, NEW = pem(Ed25519PrivateKey.generate()), pem(Ed25519PrivateKey.generate())
REFUSED = [
    "",
    "   ",
    "secret",
    pem(X25519PrivateKey.generate()),
    pem(Ed25519PrivateKey.generate(), b"password"),
    OLD + "and more",
    OLD + OLD,
    OLD + pem(X25519PrivateKey.generate()),
    OLD.replace("M", "-", 1),
]


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_with_the_cure(settings: Any, text: str) -> None:
    settings.ORDINAUT = replace(conf(), token_key=text)

    with pytest.raises(ImproperlyConfigured, match="openssl genpkey"):
        tokens.signing_key()


def test_the_first_key_signs(settings: Any) -> None:
    settings.ORDINAUT = replace(conf(), token_key=NEW + OLD)

    assert tokens.signing_key().name == token_keys.parse(NEW)[0].name


def test_a_key_is_named_by_its_thumbprint() -> None:
    """The example of RFC 8037, A.1 to A.3."""
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    [key] = token_keys.parse(pem(Ed25519PrivateKey.from_private_bytes(secret)))

    assert key.name == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert key.as_jwk() == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "kid": key.name,
        "use": "sig",
        "alg": "EdDSA",
    }


def test_the_key_set_shows_all_keys_and_no_secret(settings: Any) -> None:
    settings.ORDINAUT = replace(conf(), token_key=NEW + "\n\n" + OLD)

    shown = tokens.public_keys()["keys"]

    assert [each["kid"] for each in shown] == [key.name for key in token_keys.parse(NEW + OLD)]
    assert all(set(each) == {"kty", "crv", "x", "kid", "use", "alg"} for each in shown)
    assert len(jwt.PyJWKSet.from_dict({"keys": shown}).keys) == 2
