"""The embedded Postgres: its data folder, and the command that serves it."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psutil
import psycopg

from ordinaut_site import children
from ordinaut_site.embedded import binaries, leftovers, locations
from ordinaut_site.embedded.account import Account
from ordinaut_site.embedded.errors import CannotStart
from ordinaut_site.embedded.server import Server

_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",  # else PGPORT decides
    "max_connections": "100",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "64MB",
    "random_page_cost": "1.1",
    "max_wal_size": "1GB",
    "synchronous_commit": "on",
    "autovacuum_naptime": "5s",
    "log_line_prefix": "",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
# A backend that gives its memory back to the system after each statement spends a tenth of its time on getting it again.
_GLIBC = {"MALLOC_TOP_PAD_": str(4 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20)}
_BUILDING = "postgres.building."


def prepare(home: Path) -> Server:
    """Make the data folder if there is none, clear what a killed predecessor left, and say how to serve it.

    Only one may do so at a time: the caller holds the home's lock.
    """
    data = home / "postgres"
    leftovers.take_down(data, program="postgres", stop_signal=signal.SIGINT)
    account = Account.for_data(data)
    if data.exists():
        account.owns(data)
    programs = binaries.postgres(major=_major_of(data))
    sockets = account.owns(locations.sockets(home))
    for unfinished in home.glob(f"{_BUILDING}*"):
        leftovers.take_down(unfinished, program="postgres", stop_signal=signal.SIGKILL)
        shutil.rmtree(unfinished)
    if not data.exists():
        _build(data, programs=programs, account=account)
    _forget_reused_pids(data, sockets)

    settings = [f"--{name}={value}" for name, value in (_SETTINGS | {"unix_socket_directories": str(sockets)}).items()]
    return Server(
        name="postgres",
        command=account.command(
            programs.folder / "postgres",
            "-D",
            data,
            *settings,
            reaching=(programs.folder / "postgres", data, sockets / "socket"),
            stop_signal="INT",
        ),
        stop_signal=signal.SIGINT,  # "fast": disconnect the clients, write everything, end
        answers=lambda: answers(home),
        environment=_GLIBC,
    )


def answers(home: Path) -> bool:
    try:
        # It logs every connection that comes too early.
        if (home / "postgres" / "postmaster.pid").read_text().split()[-1] != "ready":
            return False
        psycopg.connect(locations.database_url(home), connect_timeout=2).close()
    except (FileNotFoundError, IndexError, psycopg.OperationalError):
        return False
    return True


def _major_of(data: Path) -> int | None:
    """The version that made the data; none when there are no data yet."""
    if not data.exists():
        return None
    version = data / "PG_VERSION"
    if version.is_file():
        return int(version.read_text().split(".")[0])
    if any(data.iterdir()):
        raise CannotStart(f"{data} is not a Postgres data folder: move it away, or choose another ORDINAUT_HOME.")
    data.rmdir()
    return None


def _build(data: Path, *, programs: binaries.Postgres, account: Account) -> None:
    """Build beside its final place and move it there, so that a kill half way leaves nothing that looks whole."""
    unfinished = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=data.parent))
    try:
        account.owns(unfinished)
        _initialise(unfinished, programs=programs, account=account)
        unfinished.rename(data)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _initialise(data: Path, *, programs: binaries.Postgres, account: Account) -> None:
    initdb, postgres = programs.folder / "initdb", programs.folder / "postgres"
    # The socket's folder is open to us alone, so whoever reaches it is trusted.
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if programs.major >= 17 else []
    options = ["--auth=trust", f"--username={locations.POSTGRES_USER}", "--encoding=UTF8", "--locale=C", *locale]
    _run(account.command(initdb, "-D", data, *options, reaching=(initdb, data / "file"), stop_signal="KILL"), data)
    # Without a server: the folder must be complete, its database included, before it gets its name.
    single = account.command(
        postgres, "--single", "-D", data, "postgres", reaching=(postgres, data / "file"), stop_signal="KILL"
    )
    _run(single, data, statements=f"CREATE DATABASE {locations.DATABASE}\n")


def _run(command: tuple[str, ...], data: Path, *, statements: str = "") -> None:
    result = subprocess.run(  # noqa: S603 - our own command
        command,
        input=statements,
        capture_output=True,
        text=True,
        check=False,
        env=_plain_environment(),
        start_new_session=True,  # a Ctrl-C of the terminal is for us to hear
        preexec_fn=children.dying_with_us(signal.SIGKILL),
    )
    if result.returncode:
        raise CannotStart(_why_not_built(result.stderr, data.parent))


def _why_not_built(complaint: str, home: Path) -> str:
    if "No space left on device" in complaint or "Disk quota exceeded" in complaint:
        return f"There is no space left for {home}: free some 200 MB, or choose another folder with ORDINAUT_HOME."
    if "could not look up effective user ID" in complaint:
        return (
            f"The user id {os.geteuid()} has no account on this machine, which Postgres needs: "
            "start Ordinaut as a user that has one, or set DATABASE_URL."
        )
    last = complaint.strip().splitlines()[-1:] or ["it gave no reason"]
    return f"Postgres could not make its data folder in {home} ({last[0]}): mend that, or set DATABASE_URL."


def _plain_environment() -> dict[str, str]:
    """Ours without the PG... variables, which would point the programs elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def _forget_reused_pids(data: Path, sockets: Path) -> None:
    """Remove lock files that name a living process which is not this server.

    Postgres itself clears a lock whose process is dead; a number that was given to another program stops it.
    """
    if leftovers.working_in(data, program="postgres"):
        raise CannotStart(f"A Postgres that does not end still works in {data}: end it, then start again.")
    for lock in (data / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            if psutil.pid_exists(int(lock.read_text().splitlines()[0])):
                lock.unlink()
