"""Vault: how the values of secrets are kept, encrypted by keys that are not in the database."""

from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken

from tasks_app.conf import conf


class NoKey(Exception):
    """Nothing here can encrypt, or decrypt this; the message says what the operator can do."""


def seal(value: str) -> tuple[str, str]:
    """The value, encrypted by the first key, and the id of that key. Raises `NoKey`."""
    keys = conf().secrets_keys
    if not keys:
        raise NoKey("No key encrypts secrets here: the operator sets ORDINAUT_SECRETS_KEY.")
    return Fernet(keys[0]).encrypt(value.encode()).decode(), id_of(keys[0])


def unseal(sealed: str) -> str:
    """The value that was sealed by any of the keys. Raises `NoKey`."""
    for key in conf().secrets_keys:
        try:
            return Fernet(key).decrypt(sealed).decode()
        except InvalidToken:
            continue
    raise NoKey("It was encrypted by a key that ORDINAUT_SECRETS_KEY does not hold: put its value anew.")


def id_of(key: str) -> str:
    """Names a key, and says nothing of it."""
    return sha256(key.encode()).hexdigest()[:16]
