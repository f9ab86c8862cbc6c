"""Token keys: the Ed25519 keys that sign agents' tokens, and the names they go by."""

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_PEM: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)


class NotATokenKey(ValueError):
    """The text is no sequence of Ed25519 private keys in PEM."""


@dataclass(frozen=True)
class TokenKey:
    """`name` is the key's thumbprint (RFC 7638), so it needs no place of its own and two keys never share one."""

    name: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> Ed25519PublicKey:
        return self.private.public_key()

    def as_jwk(self) -> dict[str, str]:
        """The public half, for whoever wants to verify a token (RFC 8037)."""
        return _members(self.private) | {"kid": self.name, "use": "sig", "alg": "EdDSA"}


def parse(text: str) -> tuple[TokenKey, ...]:
    """The keys in `text`, PEM after PEM: the first one signs, all of them verify. Raises `NotATokenKey`."""
    if not text.strip() or _PEM.sub("", text).strip():
        raise NotATokenKey("There is something else than keys in PEM.")
    keys = [_key(found.group()) for found in _PEM.finditer(text)]
    if len({key.name for key in keys}) < len(keys):
        raise NotATokenKey("One key is there twice.")
    return tuple(keys)


def _key(pem: str) -> TokenKey:
    try:
        private = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NotATokenKey("A key cannot be read, or has a password.") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise NotATokenKey("A key is of another kind.")
    return TokenKey(_thumbprint(private), private)


def _thumbprint(private: Ed25519PrivateKey) -> str:
    required = json.dumps(_members(private), sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(required.encode()).digest())


def _members(private: Ed25519PrivateKey) -> dict[str, str]:
    raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}


def _base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
