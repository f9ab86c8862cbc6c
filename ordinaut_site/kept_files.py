"""The two files of secrets in the home: NAME=value lines that only their owner may read."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRETS, CREDENTIALS = "secrets.env", "credentials.env"


def make_secrets(home: Path) -> None:
    """Make the keys that are missing; those that are there stay: sessions, tokens and stored secrets hang on them."""
    kept = read(home / SECRETS)
    missing = {name: make() for name, make in _MADE.items() if not kept.get(name)}
    if missing:
        write(home / SECRETS, kept | missing)


def read(path: Path) -> dict[str, str]:
    """Nothing when there is no such file."""
    if not path.is_file():
        return {}
    pairs = (line.partition("=") for line in path.read_text().splitlines() if line)
    return {name: value.replace("\\n", "\n") for name, _, value in pairs}


def write(path: Path, values: Mapping[str, str]) -> None:
    """Replace the whole file in one step: a reader, or a kill, meets the old one or the new one."""
    text = "".join(f"{name}={value.replace(chr(10), chr(92) + 'n')}\n" for name, value in values.items())
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def token_key() -> str:
    """A new Ed25519 private key as PEM."""
    key = Ed25519PrivateKey.generate()
    encoding = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*encoding).decode()


def secrets_key() -> str:
    """A new key for Fernet."""
    return Fernet.generate_key().decode()


def _secret_key() -> str:
    return secrets.token_urlsafe(50)


_MADE: Final = {
    "ORDINAUT_SECRET_KEY": _secret_key,
    "ORDINAUT_TOKEN_KEY": token_key,
    "ORDINAUT_SECRETS_KEY": secrets_key,
}
