"""What a session of the admin's is worth to whoever did not open it."""

import re
import runpy
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from ordinaut_site import env

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

PASSWORD = "correct horse battery"


def settings_read_anew() -> dict[str, Any]:
    return runpy.run_path(str(env.BASE_DIR / "ordinaut_site" / "settings.py"))


@pytest.fixture
def signed_in() -> Client:
    User.objects.create_superuser("ops", password=PASSWORD)
    client = Client()
    assert client.post("/admin/login/", {"username": "ops", "password": PASSWORD}).status_code == 302
    return client


def test_no_script_reads_the_sessions_cookie_and_no_other_site_sends_it(signed_in: Client) -> None:
    cookie = signed_in.cookies["sessionid"]

    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")


@pytest.mark.parametrize(("url", "expected"), [("https://o.example.org", True), ("http://localhost:8080", False)])
def test_behind_https_cookies_go_no_other_way_and_browsers_remember_it(
    monkeypatch: pytest.MonkeyPatch, url: str, expected: bool
) -> None:
    monkeypatch.setenv("ORDINAUT_PUBLIC_URL", url)

    fresh = settings_read_anew()

    assert (fresh["SESSION_COOKIE_SECURE"], fresh["CSRF_COOKIE_SECURE"]) == (expected, expected)
    assert (fresh["SECURE_HSTS_SECONDS"] >= 31_536_000) is expected


def test_another_sites_form_is_refused(signed_in: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in.cookies

    assert strict.post("/admin/queue/", {"wish": "reap"}).status_code == 403
    assert strict.post("/admin/logout/").status_code == 403


def test_nobody_frames_the_admin_or_guesses_the_type_of_a_file(signed_in: Client) -> None:
    headers = signed_in.get("/admin/").headers

    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert re.match("same-origin|no-referrer", headers["Referrer-Policy"])


def test_a_session_that_was_known_before_the_sign_in_is_worth_nothing_after_it() -> None:
    User.objects.create_superuser("ops", password=PASSWORD)
    client = Client()
    client.get("/admin/login/")
    planted = client.session
    planted["x"] = 1
    planted.save()
    client.cookies["sessionid"] = str(planted.session_key)

    client.post("/admin/login/", {"username": "ops", "password": PASSWORD})

    assert client.cookies["sessionid"].value != planted.session_key
    stolen = Client()
    stolen.cookies["sessionid"] = str(planted.session_key)
    assert stolen.get("/admin/").status_code == 302


def test_a_new_password_ends_every_session(signed_in: Client) -> None:
    user = User.objects.get()
    user.set_password("another horse battery")
    user.save()

    assert signed_in.get("/admin/").status_code == 302


def test_no_session_opens_the_api(signed_in: Client) -> None:
    assert signed_in.get("/api/v1/tasks").status_code == 401
    assert signed_in.post("/api/v1/tasks", {}, content_type="application/json").status_code == 401


def test_a_link_leads_to_no_other_site_after_the_sign_in() -> None:
    User.objects.create_superuser("ops", password=PASSWORD)
    sent: dict[str, Any] = {"username": "ops", "password": PASSWORD, "next": "https://evil.example.org/"}

    assert Client().post("/admin/login/", sent).headers["Location"] == "/admin/"


def test_passwords_are_kept_as_argon2_and_short_ones_refused() -> None:
    [preferred, *_] = settings_read_anew()["PASSWORD_HASHERS"]

    assert preferred == "django.contrib.auth.hashers.Argon2PasswordHasher"
    with pytest.raises(ValidationError):
        validate_password("eleven char")
