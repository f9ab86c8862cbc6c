"""What keeps `manage.py up` from starting: each one sentence with its cure, and no data harmed."""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.embedded.serving import as_ordinary_user, needs_root, new_home, on_embedded_servers
from tests.integration.embedded.supervised import ROOT

UP = "import os, runpy, sys; os.environ['ORDINAUT_HOME'] = sys.argv.pop(); sys.argv[:] = ['manage.py', 'up']; runpy.run_path('manage.py', run_name='__main__')"


@pytest.fixture
def home() -> Iterator[Path]:
    with new_home() as folder:
        yield folder


def refusal(home: Path, **environment: str) -> str:
    """The one line that it says; it fails in every other way to end."""
    result = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=on_embedded_servers() | {"ORDINAUT_HOME": str(home), "PORT": str(free_port())} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return sentence_of(result)


def sentence_of(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 1, result
    [line] = result.stderr.splitlines()
    assert line.startswith("Ordinaut cannot start: ")
    return line.removeprefix("Ordinaut cannot start: ")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_port_in_use(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        sentence = refusal(home, PORT=str(port))

    cure = f"stop the program that listens there, or choose another, as in PORT={port + 1} make up."
    assert sentence == f"Port {port} is in use: {cure}"
    assert not (home / "postgres").exists()


def test_a_port_that_is_none(home: Path) -> None:
    assert refusal(home, PORT="70000") == "PORT=70000 is not a port: choose one between 1 and 65535."


def test_a_setting_that_cannot_be_read(home: Path) -> None:
    assert refusal(home, PORT="eighty") == "PORT is not a whole number: mend it, or unset it for the default."


def test_an_address_of_another_machine(home: Path) -> None:
    assert refusal(home, ORDINAUT_HOST="192.0.2.1").startswith("ORDINAUT_HOST=192.0.2.1 is no address of this machine")


def test_a_second_start_on_one_home(home: Path) -> None:
    with (home / "lock").open("w") as lock:
        lock.write("4711\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)

        sentence = refusal(home)

    assert sentence == (
        f"Ordinaut runs in {home} already (process 4711): stop that one with Ctrl-C, "
        "or choose another folder with ORDINAUT_HOME."
    )
    assert (home / "lock").read_text() == "4711\n"


@needs_root
def test_a_home_that_cannot_be_written(home: Path) -> None:
    sentence = sentence_of(as_ordinary_user(UP, str(home)))

    assert sentence == (
        f"{home} cannot be written (Permission denied): give this user the right to, "
        "or choose another folder with ORDINAUT_HOME."
    )


@needs_root
def test_a_home_of_another_user(home: Path) -> None:
    (home / "postgres").mkdir(mode=0o700)
    (home / "postgres" / "PG_VERSION").write_text("18")
    home.chmod(0o777)

    sentence = sentence_of(as_ordinary_user(UP, str(home)))

    assert "belongs to another user (uid 0): start Ordinaut as that user" in sentence


def test_a_home_that_is_a_file(home: Path) -> None:
    (home / "note").write_text("mine")

    assert refusal(home / "note").startswith(f"{home}/note is not a folder: move what is there away")
    assert (home / "note").read_text() == "mine"


@needs_root
@pytest.mark.parametrize("size", ["0k", "30m"], ids=["nothing free", "too little for a first start"])
def test_a_full_home(home: Path, size: str) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", home], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        if size == "0k":
            fill(home / "filling")

        sentence = refusal(home)

        assert sentence.startswith(f"There is no space left for {home}: free some 200 MB")
        assert not (home / "postgres").exists()
    finally:
        subprocess.run(["umount", home], check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_data_of_another_postgres(home: Path) -> None:
    (home / "postgres").mkdir()
    (home / "postgres" / "PG_VERSION").write_text("12")

    assert refusal(home).startswith("The data were made by Postgres 12 and this machine has Postgres ")


def test_a_database_that_does_not_answer(home: Path) -> None:
    sentence = refusal(home, DATABASE_URL=f"postgres://me:hush@127.0.0.1:{free_port()}/ordinaut")

    assert sentence.startswith("DATABASE_URL does not lead to a Postgres that answers")
    assert "Connection refused" in sentence
    assert sentence.endswith("start it or mend the URL, or unset it for the embedded one.")
    assert "hush" not in sentence


def test_a_database_url_that_is_none(home: Path) -> None:
    assert refusal(home, DATABASE_URL="postgres://me:hush@[::1/x").startswith("DATABASE_URL is not a URL such as ")


def test_a_redis_that_does_not_answer(home: Path) -> None:
    sentence = refusal(home, REDIS_URL=f"redis://:hush@127.0.0.1:{free_port()}/0")

    assert sentence.startswith("REDIS_URL does not lead to a Redis that answers")
    assert "hush" not in sentence


def test_a_redis_url_that_is_none(home: Path) -> None:
    assert refusal(home, REDIS_URL="localhost:6379").startswith("REDIS_URL is not a URL such as redis://host:6379/0")


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    old = tmp_path / "python3.10"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)

    result = subprocess.run(
        [tmp_path / "deploy" / "install.sh", "base"],
        env={"PATH": os.defpath, "PYTHON": str(old)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert result.stderr == (
        "Ordinaut needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python3.11.\n"
    )
