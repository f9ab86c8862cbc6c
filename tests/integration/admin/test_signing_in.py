"""A password cannot be guessed at for long, and nobody is kept out by who guesses elsewhere."""

import pytest
import redis
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from tasks_app.events import counters

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

RIGHT = "correct horse battery"


@pytest.fixture(autouse=True)
def _ops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "_quiet_until", 0.0)
    User.objects.create_superuser("ops", password=RIGHT)


def sign_in(password: str, *, username: str = "ops", address: str = "192.0.2.1") -> HttpResponse:
    answer: HttpResponse = Client().post(
        "/admin/login/", {"username": username, "password": password}, REMOTE_ADDR=address
    )
    return answer


def test_after_ten_tries_not_even_the_right_password_opens() -> None:
    for _ in range(10):
        assert b"Too many tries" not in sign_in("wrong").content

    refused = sign_in(RIGHT)

    assert refused.status_code == 200
    assert b"Too many tries: wait " in refused.content
    assert b"Too many tries" in sign_in(RIGHT, username="OPS").content
    assert sign_in(RIGHT, address="192.0.2.2").status_code == 302


def test_the_right_password_opens() -> None:
    assert sign_in(RIGHT).status_code == 302


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that is hashed, which costs a tenth of a second and 100 MB."""
    passwords: list[str] = []
    encode = Argon2PasswordHasher.encode

    def noted(hasher: Argon2PasswordHasher, password: str, salt: str) -> str:
        passwords.append(password)
        return encode(hasher, password, salt)

    monkeypatch.setattr(Argon2PasswordHasher, "encode", noted)
    return passwords


def test_one_address_tries_sixty_times_whatever_names_it_gives(hashed: list[str]) -> None:
    refused = [b"Too many tries" in sign_in("wrong", username=f"user{number}").content for number in range(70)]

    assert refused == [False] * 60 + [True] * 10
    assert len(hashed) == 60
    assert b"Too many tries" in sign_in(RIGHT).content
    assert sign_in(RIGHT, address="192.0.2.2").status_code == 302


def test_a_guess_from_many_addresses_is_slowed_and_keeps_no_operator_out_of_a_place_they_know() -> None:
    assert sign_in(RIGHT, address="192.0.2.1").status_code == 302

    refused = [
        b"Too many tries" in sign_in("wrong", address=f"198.51.100.{number // 10}").content for number in range(110)
    ]

    assert refused == [False] * 99 + [True] * 11  # the operator's own was counted, being the first from there
    assert b"Too many tries" in sign_in(RIGHT, address="203.0.113.1").content
    assert sign_in(RIGHT, address="192.0.2.1").status_code == 302
    assert b"correct" in sign_in("wrong", username="somebody", address="203.0.113.1").content


def test_one_address_alone_keeps_nobody_out() -> None:
    for _ in range(120):
        sign_in("wrong", address="198.51.100.1")

    assert sign_in(RIGHT, address="203.0.113.1").status_code == 302


def test_without_redis_each_process_remembers_for_itself_who_is_known_where(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(counters.stream, "quick_client", away)
    monkeypatch.setattr(counters, "_own", {})

    assert not counters.is_counted("x")
    monkeypatch.setattr(counters, "_quiet_until", 0.0)
    counters.count("x", window=60)
    assert counters.is_counted("x")
