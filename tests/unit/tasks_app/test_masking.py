"""Texts under names that speak of a secret are not shown; everything else is."""

import pytest

from tasks_app.masking import MASK, masked


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "proxy-authorization",
        "Set-Cookie",
        "password",
        "passwd",
        "client_secret",
        "access_token",
        "X-API-Key",
        "private_key",
    ],
)
def test_a_secret_is_masked_by_its_name(name: str) -> None:
    assert masked({"headers": [{name: "s3cret", "Accept": "text/html"}]}) == {
        "headers": [{name: MASK, "Accept": "text/html"}]
    }


@pytest.mark.parametrize(
    "value", [{"tokens": 512}, {"city": "Chisinau"}, ["secret"], "token", None, 3, {"secrets": {"a": "shown"}}]
)
def test_numbers_structures_and_texts_under_other_names_stay(value: object) -> None:
    assert masked(value) == value


def test_the_value_itself_is_left_as_it_was() -> None:
    value = {"password": "s3cret"}

    masked(value)

    assert value == {"password": "s3cret"}
