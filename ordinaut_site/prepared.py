"""Has this database been prepared for this code? Asked at every start, where loading Django to find out takes seconds."""

import hashlib
from pathlib import Path

import psycopg

from ordinaut_site.embedded import locations
from ordinaut_site.env import BASE_DIR, Env

_NOTE = "prepared"
# A database that was made anew has another oid; one that was restored, another newest migration.
_STATE = """
    SELECT (SELECT oid FROM pg_database WHERE datname = current_database()), count(*), max(id), max(applied)
      FROM django_migrations
"""


def holds(env: Env) -> bool:
    note = env.home / _NOTE
    return note.is_file() and note.read_text() == _state(env)


def remember(env: Env) -> None:
    """To be called when `manage.py prepare` has succeeded."""
    if state := _state(env):
        (env.home / _NOTE).write_text(state)


def _state(env: Env) -> str:
    """The code's migrations and the database's; empty when it has none."""
    url = env.database_url or locations.database_url(env.home)
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            row = connection.execute(_STATE).fetchone()
    except psycopg.Error:
        return ""
    known = hashlib.sha256(repr((row, url, env.port, env.public_url)).encode())
    known.update((BASE_DIR / "requirements" / "base.txt").read_bytes())
    for migration in _migrations():
        known.update(str(migration).encode())
    return known.hexdigest()


def _migrations() -> list[Path]:
    packages = ("ordinaut_site", "plugins", "tasks_app", "schedules")
    return sorted(path for package in packages for path in (BASE_DIR / package).glob("**/migrations/*.py"))
