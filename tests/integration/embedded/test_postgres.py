"""The embedded Postgres, started, killed and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ordinaut_site.embedded import leftovers, locations, postgres
from ordinaut_site.embedded.account import Account
from ordinaut_site.embedded.errors import CannotStart
from tests.integration.embedded.serving import ORDINARY_USER, as_ordinary_user, needs_root, new_home, query, serving
from tests.integration.embedded.supervised import ROOT, gone, until

START_AND_LEAVE = """
import sys
from pathlib import Path
from ordinaut_site.embedded import postgres
from tests.integration.embedded.serving import query, serving
home = Path(sys.argv[1])
with serving(postgres.prepare(home), home=home):
    print(query(home, "SELECT current_user"))
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with new_home() as folder:
        yield folder
        assert leftovers.take_down(folder / "postgres", program="postgres", stop_signal=signal.SIGQUIT) == 0


def test_a_second_start_finds_the_data_of_the_first(home: Path) -> None:
    with serving(postgres.prepare(home), home=home):
        query(home, "CREATE TABLE kept AS SELECT 'Chișinău' AS city")

    with serving(postgres.prepare(home), home=home):
        assert query(home, "SELECT city FROM kept") == "Chișinău"


def test_it_listens_on_a_socket_that_only_its_owner_reaches(home: Path) -> None:
    with serving(postgres.prepare(home), home=home):
        assert query(home, "SHOW listen_addresses") == ""
        assert query(home, "SHOW synchronous_commit") == "on"

    assert (home / "run").stat().st_mode & 0o777 == 0o700
    assert (home / "postgres").stat().st_mode & 0o777 == 0o700


def test_after_a_kill_of_everything_the_next_start_has_what_was_committed(home: Path) -> None:
    with serving(postgres.prepare(home), home=home) as process:
        query(home, "CREATE TABLE kept AS SELECT 1 AS one")
        process.kill()
        process.wait()
    assert (home / "postgres" / "postmaster.pid").exists()

    with serving(postgres.prepare(home), home=home):
        assert query(home, "SELECT one FROM kept") == 1


def test_a_pid_file_that_names_another_program_does_not_stop_the_start(home: Path) -> None:
    server = postgres.prepare(home)
    stranger = _sleeper((home / "postgres").stat().st_uid)
    try:
        for lock in (home / "postgres" / "postmaster.pid", home / "run" / ".s.PGSQL.5432.lock"):
            lock.write_text(f"{stranger.pid}\n{home}/postgres\n1\n5432\n{home}/run\n\n0 0\n")
            os.chown(lock, *_owner(home / "postgres"))

        server = postgres.prepare(home)
        with serving(server, home=home):
            assert query(home, "SELECT 1") == 1

        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_that_outlived_its_supervisor_is_taken_down_first(home: Path) -> None:
    with serving(postgres.prepare(home), home=home) as orphan:
        query(home, "CREATE TABLE kept AS SELECT 1 AS one")

        server = postgres.prepare(home)

        assert gone(orphan.pid)
        with serving(server, home=home):
            assert query(home, "SELECT one FROM kept") == 1


def test_a_server_of_another_home_is_left_alone(home: Path) -> None:
    with new_home() as other, serving(postgres.prepare(other), home=other) as neighbour:
        postgres.prepare(home)

        assert not gone(neighbour.pid)


def test_a_first_start_that_was_killed_half_way_leaves_nothing_that_hinders_the_next(home: Path) -> None:
    script = (
        "import sys, pathlib; from ordinaut_site.embedded import postgres; postgres.prepare(pathlib.Path(sys.argv[1]))"
    )
    killed = subprocess.Popen([sys.executable, "-c", script, str(home)], cwd=ROOT)
    until(lambda: any(home.glob("postgres.building.*/PG_VERSION")))
    killed.kill()
    killed.wait()
    assert not (home / "postgres").exists()

    with serving(postgres.prepare(home), home=home):
        assert query(home, "SELECT current_database()") == "ordinaut"
    assert not list(home.glob("postgres.building.*"))


def test_data_of_another_major_version_are_refused_and_left_as_they_are(home: Path) -> None:
    data = home / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("12\n")

    with pytest.raises(
        CannotStart, match=r"made by Postgres 12 .* install Postgres 12, or move the data with pg_upgrade"
    ):
        postgres.prepare(home)

    assert (data / "PG_VERSION").read_text() == "12\n"
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_folder_with_other_things_is_not_built_over(home: Path) -> None:
    (home / "postgres").mkdir()
    (home / "postgres" / "thesis.txt").write_text("mine")

    with pytest.raises(CannotStart, match="is not a Postgres data folder: move it away"):
        postgres.prepare(home)

    assert (home / "postgres" / "thesis.txt").read_text() == "mine"


def test_environment_variables_of_other_databases_do_not_mislead_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGDATA": "/nowhere", "PGPORT": "1", "PGHOST": "nowhere", "PGUSER": "nobody"}.items():
        monkeypatch.setenv(name, value)

    with serving(postgres.prepare(home), home=home):
        assert query(home, "SELECT current_user") == locations.POSTGRES_USER


@needs_root
def test_it_starts_for_an_ordinary_user(home: Path) -> None:
    os.chown(home, ORDINARY_USER, ORDINARY_USER)

    result = as_ordinary_user(START_AND_LEAVE, str(home))

    assert result.stdout == "ordinaut\n", result.stderr
    assert (home / "postgres").stat().st_uid == ORDINARY_USER


@needs_root
def test_root_starts_it_in_a_folder_that_is_closed_to_others() -> None:
    with new_home() as closed:
        closed.chmod(0o700)
        inside = closed / "home"
        inside.mkdir(mode=0o700)
        with serving(postgres.prepare(inside), home=inside) as process:
            assert query(inside, "SELECT current_user") == "ordinaut"
            assert psutil.Process(process.pid).uids().effective != 0

        assert closed.stat().st_mode & 0o777 == 0o700
        assert inside.stat().st_mode & 0o777 == 0o700


@needs_root
def test_root_may_keep_the_programs_themselves_in_a_folder_that_is_closed_to_others() -> None:
    with new_home() as closed:
        closed.chmod(0o700)
        program = closed / "program"
        program.touch(mode=0o755)
        asking = f"import os, sys; sys.exit(not os.access({str(program)!r}, os.X_OK))"
        account = Account.for_data(closed)

        command = account.command(sys.executable, "-c", asking, reaching=(program,), stop_signal="KILL")

        assert subprocess.run(command, check=False).returncode == 0


def _owner(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid


def _sleeper(uid: int) -> subprocess.Popen[bytes]:
    """A program of the user's that has nothing to do with Postgres."""
    return subprocess.Popen(["sleep", "600"], user=uid) if os.geteuid() == 0 else subprocess.Popen(["sleep", "600"])
