"""What is installed is what was locked: every requirement at one version with its digests, and nothing beside them."""

import re
from pathlib import Path

import pytest

from ordinaut_site.env import BASE_DIR

LOCKED = sorted((BASE_DIR / "requirements").glob("*.txt"))
INSTALLING = ["deploy/install.sh", "Makefile"]


def requirements(path: Path) -> list[str]:
    joined = path.read_text().replace("\\\n", " ")
    return [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("path", LOCKED, ids=lambda path: path.name)
def test_a_requirement_without_a_version_or_a_digest_is_refused(path: Path) -> None:
    lines = requirements(path)

    assert lines
    assert [line for line in lines if not re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", line)] == []
    assert [line[:60] for line in lines if "--hash=sha256:" not in line] == []


@pytest.mark.parametrize("path", LOCKED, ids=lambda path: path.name)
def test_nothing_is_installed_from_elsewhere_than_an_index(path: Path) -> None:
    assert not re.search(
        r"git\+|https?://(?!.*--hash)|^-e |--extra-index-url|--find-links", "\n".join(requirements(path))
    )


def test_every_wish_is_locked() -> None:
    for path in LOCKED:
        wished = {
            re.split(r"[\[<>=!~; ]", line)[0].lower()
            for line in path.with_suffix(".in").read_text().splitlines()
            if line and not line.startswith(("#", "-"))
        }
        locked = {re.split(r"[\[=]", line)[0] for line in requirements(path)}
        assert {name.replace("_", "-") for name in wished} <= locked, path.name


@pytest.mark.parametrize("path", INSTALLING)
def test_whatever_installs_asks_for_the_digests(path: str) -> None:
    text = (BASE_DIR / path).read_text()
    installing = [line for line in text.splitlines() if re.search(r"\bpip (install|sync)\b", line)]

    assert [line for line in installing if "--require-hashes" not in line] == []
