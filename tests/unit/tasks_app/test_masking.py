"""What stands under names that speak of a secret is not shown; everything else is."""

from typing import Any

import pytest

from tasks_app.masking import MASK, masked, speaks_of_a_secret

SECRETS = (
    "Authorization",
    "proxy-authorization",
    "Set-Cookie",
    "password",
    "userPassword",
    "passwd",
    "pwd",
    "db_pwd",
    "passphrase",
    "pass-phrase",
    "client_secret",
    "clientSecret",
    "credentials",
    "bearer",
    "token",
    "access_token",
    "accessToken",
    "authtoken",
    "X-API-Key",
    "APIKey",
    "apikey",
    "access_key",
    "private_key",
    "private key",
    "PrivateKey",
    "x" * 100 + "_password",
)
READABLE = (
    "token_count",
    "totalTokenCount",
    "max_tokens",
    "max_tokens_field",
    "maxTokens",
    "tokens_per_day",
    "token_limit",
    "tokenizer",
    "author",
    "authority",
    "keyboard",
    "access_keyboard",
    "key",
    "key_id",
    "idempotency_key",
    "secretary",
    "x" * 100,
)
# What may be a number of tokens, or tokens.
COUNTING = ("tokens", "tokens_used", "tokens_in", "prompt_tokens", "completion_tokens_details", "maxtokens")


@pytest.mark.parametrize("name", SECRETS)
def test_all_below_a_secrets_name_is_masked(name: str) -> None:
    given = {"headers": [{name: "s3cret", "Accept": "text/html"}], name: {"a": [1234, 1.5, "b", {"c": "d"}]}}

    assert masked(given) == {
        "headers": [{name: MASK, "Accept": "text/html"}],
        name: {"a": [MASK, MASK, MASK, {"c": MASK}]},
    }
    assert speaks_of_a_secret(name)


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize("value", ["a", 1, [1, "a"], {"b": {"c": "d"}}], ids=str)
def test_what_only_sounds_like_a_secret_is_shown(name: str, value: Any) -> None:
    assert masked({name: value}) == {name: value}
    assert not speaks_of_a_secret(name)


@pytest.mark.parametrize("name", COUNTING)
def test_of_what_may_count_tokens_the_numbers_are_shown_and_the_texts_are_not(name: str) -> None:
    given = {name: {"used": 512, "share": 0.5, "of": ["abc"], "password": 1234}}

    assert masked({name: 512}) == {name: 512}
    assert masked(given) == {name: {"used": 512, "share": 0.5, "of": [MASK], "password": MASK}}
    assert masked({name: "abc"}) == {name: MASK}


@pytest.mark.parametrize("value", [None, True, False])
def test_that_there_is_none_is_shown(value: object) -> None:
    assert masked({"password": value, "secrets": [value]}) == {"password": value, "secrets": [value]}


@pytest.mark.parametrize("value", [{"city": "Chisinau"}, ["secret"], "token", None, 3], ids=str)
def test_what_stands_under_other_names_stays(value: object) -> None:
    assert masked(value) == value


def test_the_value_itself_is_left_as_it_was() -> None:
    value = {"password": ["s3cret"]}

    masked(value)

    assert value == {"password": ["s3cret"]}
