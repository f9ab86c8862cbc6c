"""The key that signs tokens is an Ed25519 key or nothing."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.core.exceptions import ImproperlyConfigured

from tasks_app.api import tokens
from tasks_app.conf import conf
from tasks_app.models import Agent

OF_ANOTHER_KIND = (
    X25519PrivateKey.generate()
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode()
)


@pytest.mark.parametrize("key", ["", "secret", OF_ANOTHER_KIND])
def test_any_other_key_is_refused_with_the_cure(settings: Any, key: str) -> None:
    settings.ORDINAUT = replace(conf(), token_key=key)

    with pytest.raises(ImproperlyConfigured, match="openssl genpkey"):
        tokens.issue(Agent(name="alice"))
