"""A platform that others can reach does not start with what a stranger could guess or read."""

import base64
import re
import secrets
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from ordinaut_site import checks, env, kept_files, preflight, weaknesses
from ordinaut_site.embedded.errors import CannotStart

STRONG = {
    "ORDINAUT_PUBLIC_URL": "https://ordinaut.example.org",
    "ORDINAUT_ALLOWED_HOSTS": "ordinaut.example.org",
    "ORDINAUT_SECRET_KEY": secrets.token_urlsafe(50),
    "ORDINAUT_TOKEN_KEY": kept_files.token_key(),
    "ORDINAUT_SECRETS_KEY": kept_files.secrets_key(),
    "REDIS_URL": "redis://:password@redis.example.org:6379/0",
    "ORDINAUT_HOME": "/nonexistent",
}
WEAK = [
    ({"ORDINAUT_SECRET_KEY": ""}, "E001", True),
    ({"ORDINAUT_SECRET_KEY": "x" * 49}, "E001", True),
    ({"ORDINAUT_SECRET_KEY": "abcabcabc" * 20}, "E001", True),
    ({"ORDINAUT_TOKEN_KEY": ""}, "E002", True),
    ({"ORDINAUT_ALLOWED_HOSTS": "ordinaut.example.org,*"}, "E003", True),
    ({"ORDINAUT_PUBLIC_URL": "http://ordinaut.example.org"}, "E004", True),
    ({"ORDINAUT_PUBLIC_URL": "http://8.8.8.8:8080"}, "E004", True),
    ({"ORDINAUT_PUBLIC_URL": "http://192.168.1.5:8080"}, "E004", False),
    ({"ORDINAUT_PUBLIC_URL": "http://nas.local"}, "E004", False),
    ({"ORDINAUT_PUBLIC_URL": "http://nas:8080"}, "E004", False),
    ({"REDIS_URL": "redis://redis.example.org:6379/0"}, "E005", False),
    ({"ORDINAUT_SECRETS_KEY": ""}, "E007", False),
    ({"ORDINAUT_SECRETS_KEY": base64.urlsafe_b64encode(bytes(range(15)) + bytes(17)).decode()}, "E007", True),
]


def settings_of(**changes: str) -> env.Env:
    return env.read(STRONG | changes)


def test_strong_settings_have_no_weakness() -> None:
    assert list(weaknesses.found(settings_of())) == []
    preflight.check_strength(settings_of())


@pytest.mark.parametrize(("changes", "name", "stops"), WEAK)
def test_a_weak_setting_is_named_with_its_cure(settings: Any, changes: dict[str, str], name: str, stops: bool) -> None:
    settings.ENV = settings_of(**changes)

    [weakness] = weaknesses.found(settings.ENV)
    [error] = checks.settings_are_strong()

    assert (weakness.name, weakness.stops) == (name, stops)
    assert (error.id, error.hint, error.is_serious()) == (f"ordinaut.{name}", weakness.cure, True)


@pytest.mark.parametrize(("changes", "name", "stops"), WEAK)
def test_nothing_is_started_with_what_strangers_can_use(
    settings: Any, changes: dict[str, str], name: str, stops: bool
) -> None:
    settings.ENV = settings_of(**changes)
    [weakness] = weaknesses.found(settings.ENV)

    if stops:
        with pytest.raises(ImproperlyConfigured, match=f"^{re.escape(weakness.what)}"):
            checks.refuse_weak_settings()
        with pytest.raises(CannotStart, match=f"^{re.escape(weakness.what)}"):
            preflight.check_strength(settings.ENV)
    else:
        checks.refuse_weak_settings()
        preflight.check_strength(settings.ENV)


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://127.0.0.1", "http://[::1]:80", "http://x.localhost"])
def test_nothing_is_weak_about_what_only_its_own_machine_reaches(url: str) -> None:
    weak = settings_of(ORDINAUT_PUBLIC_URL=url, ORDINAUT_SECRET_KEY="x", ORDINAUT_ALLOWED_HOSTS="*")

    assert list(weaknesses.found(weak)) == []


def test_debug_is_an_error(settings: Any) -> None:
    settings.ENV = settings_of()
    settings.DEBUG = True

    assert [error.id for error in checks.settings_are_strong()] == ["ordinaut.E006"]


def test_every_weakness_is_described() -> None:
    named = {weak[1] for weak in WEAK} | {"E006"}

    document = (env.BASE_DIR / "docs" / "agents-and-scopes.md").read_text()
    assert {name for name in named if f"`ordinaut.{name}`" not in document} == set()
