"""The application's own files, as text."""

from collections.abc import Iterator
from pathlib import Path

from ordinaut_site.env import BASE_DIR

PACKAGES = ("ordinaut_site", "plugins", "tasks_app", "pipelines", "schedules")


def modules(*, within: str = "") -> Iterator[tuple[str, str]]:
    """Path (from the repository's root) and text of every module, migrations apart."""
    for package in PACKAGES:
        for path in sorted((BASE_DIR / package).rglob("*.py")):
            name = path.relative_to(BASE_DIR).as_posix()
            if "/migrations/" not in name and name.startswith(within):
                yield name, path.read_text()


def folders() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (path for path in (BASE_DIR / package).rglob("*") if path.is_dir())
