"""Where the server programs are found."""

from pathlib import Path

import pytest

from ordinaut_site.embedded import binaries
from ordinaut_site.embedded.errors import CannotStart


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Without the wheels, and with nothing but one empty folder on PATH."""
    monkeypatch.setattr(binaries, "_package", lambda _name: None)
    monkeypatch.setattr(binaries, "_POSTGRES_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(path: Path, *, says: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)


def install_postgres(folder: Path, version: str) -> None:
    program(folder / "postgres", says=f"postgres (PostgreSQL) {version}")
    program(folder / "initdb")


def test_the_wheels_come_first() -> None:
    assert binaries.postgres(major=None).major >= 18


def test_a_machine_without_postgres_is_told_how_to_get_one(bare_machine: Path) -> None:
    with pytest.raises(CannotStart, match=r"There is no Postgres 15 or newer .*apt install postgresql.*DATABASE_URL"):
        binaries.postgres(major=None)


def test_an_old_postgres_is_none(bare_machine: Path) -> None:
    install_postgres(bare_machine, "14.9")

    with pytest.raises(CannotStart, match="There is no Postgres 15 or newer"):
        binaries.postgres(major=None)


def test_a_client_alone_is_no_server(bare_machine: Path) -> None:
    program(bare_machine / "postgres", says="postgres (PostgreSQL) 17.2")

    with pytest.raises(CannotStart, match="There is no Postgres"):
        binaries.postgres(major=None)


def test_what_is_on_path_is_used(bare_machine: Path) -> None:
    install_postgres(bare_machine, "17.2 (Debian 17.2-1)")

    assert binaries.postgres(major=None) == binaries.Postgres(folder=bare_machine, major=17)


def test_data_get_the_version_that_made_them(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("9", "15", "18"):
        install_postgres(bare_machine / version / "bin", f"{version}.1")
    monkeypatch.setattr(binaries, "_POSTGRES_FOLDERS", (f"{bare_machine}/*/bin",))

    assert binaries.postgres(major=None).major == 18
    assert binaries.postgres(major=15).folder == bare_machine / "15" / "bin"
    with pytest.raises(CannotStart, match="made by Postgres 16 and this machine has Postgres 18: install Postgres 16"):
        binaries.postgres(major=16)


def test_a_program_that_is_no_postgres_is_passed_over(bare_machine: Path) -> None:
    program(bare_machine / "postgres", says="hello")
    program(bare_machine / "initdb")

    with pytest.raises(CannotStart):
        binaries.postgres(major=None)


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_redis_or_its_twin_on_path_is_used(bare_machine: Path, name: str) -> None:
    program(bare_machine / name)

    assert binaries.redis() == bare_machine / name


def test_a_machine_without_redis_is_told_how_to_get_one(bare_machine: Path) -> None:
    with pytest.raises(CannotStart, match=r"There is no redis-server .*apt install redis-server.*REDIS_URL"):
        binaries.redis()
