"""What is printed when the platform is ready."""

from pathlib import Path

import pytest

from ordinaut_site import banner, env
from ordinaut_site.env import Env

CREDENTIALS = {
    "ORDINAUT_URL": "http://localhost:9000",
    "ORDINAUT_ADMIN_USER": "admin",
    "ORDINAUT_ADMIN_PASSWORD": "pass-1",
    "ORDINAUT_AGENT_ID": "agent-1",
    "ORDINAUT_AGENT_SECRET": "secret-1",
}


@pytest.fixture
def settings(tmp_path: Path) -> Env:
    return env.read({"ORDINAUT_HOME": str(tmp_path), "PORT": "9000"})


def test_the_first_start_shows_the_secrets_and_a_command_to_paste(settings: Env) -> None:
    text = banner.text(settings, credentials=CREDENTIALS, first=True, ready=True)

    assert "http://localhost:9000/admin/" in text
    assert "admin / pass-1" in text
    assert "agent-1 / secret-1" in text
    assert f". {settings.home}/credentials.env; curl -s http://localhost:9000/api/v1/runs" in text


def test_later_starts_say_where_the_secrets_are_and_do_not_show_them(settings: Env) -> None:
    text = banner.text(settings, credentials=CREDENTIALS, first=False, ready=True)

    assert f"{settings.home}/credentials.env" in text
    assert "pass-1" not in text
    assert "secret-1" not in text


def test_a_database_that_had_its_admin_before_says_how_to_get_in(settings: Env) -> None:
    assert "manage.py changepassword" in banner.text(settings, credentials={}, first=False, ready=True)


def test_an_agent_without_a_first_admin_is_shown_alone(settings: Env) -> None:
    only_agent = {name: value for name, value in CREDENTIALS.items() if "ADMIN" not in name}

    text = banner.text(settings, credentials=only_agent, first=True, ready=True)

    assert "agent-1 / secret-1" in text
    assert "changepassword" in text


def test_it_does_not_claim_to_be_ready_when_it_is_not(settings: Env) -> None:
    text = banner.text(settings, credentials=CREDENTIALS, first=False, ready=False)

    assert "Ordinaut is ready" not in text
    assert "does not answer yet" in text
