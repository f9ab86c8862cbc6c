"""Homes for platforms: one is built a session, servers' data, tables, credentials and all; each platform gets a copy."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from ordinaut_site import kept_files
from ordinaut_site.embedded import locations, postgres
from ordinaut_site.env import BASE_DIR
from tests.integration.embedded.serving import new_home, serving

_NOT_OURS = ("DATABASE_", "REDIS_", "ORDINAUT_", "DJANGO_", "PYTEST_", "COVERAGE_", "COV_CORE_", "PORT", "PG")


def plain_environment() -> dict[str, str]:
    """Ours without what leads to the servers of the test session."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}


@contextmanager
def prepared_home() -> Iterator[Path]:
    """A home after its first start, with the demo agent but without its tasks; no server runs."""
    with new_home() as home:
        kept_files.make_secrets(home)
        with serving(postgres.prepare(home), home=home):
            _prepare(plain_environment() | {"ORDINAUT_HOME": str(home), "PYTHONPATH": str(BASE_DIR)})
            with psycopg.connect(locations.database_url(home)) as connection:
                connection.execute("DELETE FROM tasks_taskdefinition")
                connection.execute("DELETE FROM tasks_task")
        yield home


@contextmanager
def copy_of(template: Path) -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="of-"))
    home.chmod(0o711)
    try:
        for part in ("postgres", kept_files.SECRETS, kept_files.CREDENTIALS):
            # Postgres's folder may belong to the account that root steps down to.
            subprocess.run(["cp", "-a", str(template / part), str(home)], check=True)
        (home / "metrics").mkdir()
        (home / "logs").mkdir()
        yield home
    finally:
        shutil.rmtree(home)


def _prepare(environment: Mapping[str, str]) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "prepare"], cwd=BASE_DIR, env=environment, check=True, capture_output=True
    )
