"""What must hold before anything is started; the real cases are in the integration tests."""

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
import redis

from ordinaut_site import env, preflight
from ordinaut_site.embedded import home, postgres
from ordinaut_site.embedded.errors import CannotStart


class Answering:
    """A connection to a server of some version."""

    def __init__(self, **values: Any) -> None:
        self.info = SimpleNamespace(**values) if "server_version" in values else lambda _section: values

    def __enter__(self) -> "Answering":
        return self

    def __exit__(self, *_: object) -> None: ...


def check(tmp_path: Path, **environment: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(preflight, "_check_port", lambda *_: None)
        preflight.check(env.read({"ORDINAUT_HOME": str(tmp_path)} | environment))


@pytest.mark.parametrize("version", [150_003, 180_004])
def test_a_postgres_that_is_new_enough_will_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: int) -> None:
    monkeypatch.setattr(psycopg, "connect", lambda *_, **__: Answering(server_version=version))

    check(tmp_path, DATABASE_URL="postgres://host/name")


def test_an_old_postgres_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(psycopg, "connect", lambda *_, **__: Answering(server_version=140_011))

    with pytest.raises(CannotStart, match="leads to Postgres 14: Ordinaut needs 15 or newer"):
        check(tmp_path, DATABASE_URL="postgres://host/name")


@pytest.mark.parametrize("version", ["6.2.14", "7.0.15", "8.1"])
def test_a_redis_that_is_new_enough_will_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str) -> None:
    monkeypatch.setattr(redis.Redis, "from_url", lambda *_, **__: Answering(redis_version=version))

    check(tmp_path, REDIS_URL="redis://host")


def test_an_old_redis_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(redis.Redis, "from_url", lambda *_, **__: Answering(redis_version="6.0.16"))

    with pytest.raises(CannotStart, match=r"leads to Redis 6.0.16: Ordinaut needs 6.2 or newer"):
        check(tmp_path, REDIS_URL="redis://host")


def test_a_port_that_only_root_may_have_names_another() -> None:
    error = OSError(errno.EACCES, os.strerror(errno.EACCES))

    assert preflight._why_not_bound(error, "127.0.0.1", 80).endswith("choose one above 1023, as in PORT=8080 make up.")


@pytest.mark.parametrize(
    ("number", "cure"),
    [
        (errno.ENOSPC, "free some 200 MB"),
        (errno.EDQUOT, "free some 200 MB"),
        (errno.EROFS, "give this user the right to"),
        (errno.ENOTDIR, "move what is there away"),
        (errno.EIO, "mend that"),
    ],
)
def test_every_trouble_with_the_home_names_it_and_a_cure(number: int, cure: str) -> None:
    sentence = home._why(OSError(number, os.strerror(number)), Path("/srv/ordinaut"))

    assert "/srv/ordinaut" in sentence
    assert cure in sentence
    assert sentence.endswith("choose another folder with ORDINAUT_HOME.")


@pytest.mark.parametrize(
    ("complaint", "cure"),
    [
        ("initdb: error: could not write: No space left on device", "free some 200 MB"),
        ("initdb: error: could not look up effective user ID 4711: user does not exist", "start Ordinaut as a user"),
        ("one\nFATAL: something else\n", "(FATAL: something else): mend that, or set DATABASE_URL."),
        ("", "(it gave no reason)"),
    ],
)
def test_a_data_folder_that_cannot_be_made_says_why(complaint: str, cure: str) -> None:
    assert cure in postgres._why_not_built(complaint, Path("/srv/ordinaut"))
