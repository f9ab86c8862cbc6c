"""A key is replaced without a token lost: the new one signs while the old one still verifies, then the old one goes."""

from dataclasses import replace
from typing import Any

import jwt
import pytest
from rest_framework.test import APIClient

from ordinaut_site import kept_files
from tasks_app.api import tokens
from tasks_app.conf import conf
from tasks_app.models import Agent
from tests.integration.api.test_tokens import status_with

OLD, NEW = kept_files.token_key(), kept_files.token_key()


def use(settings: Any, keys: str) -> None:
    settings.ORDINAUT = replace(conf(), token_key=keys)


def test_tokens_of_the_old_key_work_beside_the_new_one_and_end_with_it(
    settings: Any, anonymous: APIClient, alice: Agent
) -> None:
    use(settings, OLD)
    old = tokens.issue(alice)

    use(settings, NEW + OLD)
    new = tokens.issue(alice)
    beside = status_with(anonymous, old), status_with(anonymous, new)
    use(settings, NEW)

    assert beside == (200, 200)
    assert (status_with(anonymous, old), status_with(anonymous, new)) == (401, 200)


def test_the_key_set_verifies_a_token_without_asking_us(anonymous: APIClient, alice: Agent) -> None:
    answer = anonymous.get("/.well-known/jwks.json")

    token = tokens.issue(alice)
    key = jwt.PyJWKSet.from_dict(answer.json())[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["EdDSA"], audience=tokens.AUDIENCE, issuer=tokens.ISSUER)
    assert claims["sub"] == str(alice.pk)
    assert claims["scope"] == " ".join(alice.scopes)
    assert answer.headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize("word", ["PRIVATE", '"d"'])
def test_the_key_set_holds_no_private_part(anonymous: APIClient, word: str) -> None:
    assert word not in anonymous.get("/.well-known/jwks.json").content.decode()
