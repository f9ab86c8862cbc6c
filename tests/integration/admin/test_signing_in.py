"""A password cannot be guessed at for long, and nobody is kept out by who guesses elsewhere."""

import pytest
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
