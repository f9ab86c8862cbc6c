"""Which programs make up the platform."""

from pathlib import Path

import pytest

from ordinaut_site import env, programs
from ordinaut_site.env import Env


@pytest.fixture
def settings(tmp_path: Path) -> Env:
    return env.read({"ORDINAUT_HOME": str(tmp_path), "PORT": "9000", "ORDINAUT_HTTP_ALLOW": "intranet:80"})


def test_the_web_server_starts_last_and_so_stops_first(settings: Env) -> None:
    assert [program.name for program in programs.needed(settings)] == ["beat", "worker", "web"]


def test_every_program_lives_in_the_same_home_and_may_ask_the_platform_s_own_health(settings: Env) -> None:
    for program in (programs.setup(settings), *programs.needed(settings), programs.flower(settings)):
        assert program.environment["ORDINAUT_HOME"] == str(settings.home)
        assert program.environment["ORDINAUT_HTTP_ALLOW"] == "intranet:80,127.0.0.1:9000"
        assert program.name in programs.NAMES


def test_only_the_web_server_has_a_pool_of_connections(settings: Env, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORDINAUT_DATABASE_POOL", raising=False)

    pools = {program.name: program.environment.get("ORDINAUT_DATABASE_POOL") for program in programs.needed(settings)}

    assert pools == {"beat": None, "worker": None, "web": "10"}


def test_the_operator_s_pool_size_wins(settings: Env, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDINAUT_DATABASE_POOL", "30")

    assert programs.needed(settings)[-1].environment["ORDINAUT_DATABASE_POOL"] == "30"


def test_flower_listens_on_a_socket_only(settings: Env) -> None:
    command = programs.flower(settings).command

    assert f"--unix_socket={settings.home}/run/flower.sock" in command
    assert not [word for word in command if "--port" in word or "--address" in word]
