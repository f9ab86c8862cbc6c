"""The client as a package: its code is generated when it is built, from what the source distribution brings along."""

import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ordinaut_site.env import BASE_DIR

CLIENT = BASE_DIR / "client"
GENERATED = "ordinaut_client/generated"
ODD = {"post": {"requestBody": {"content": {"text/odd": {"schema": {}}}}, "responses": {}}}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """As git has it."""
    ignored = shutil.ignore_patterns("generated*", "__pycache__")
    return shutil.copytree(CLIENT, tmp_path / "client", ignore=ignored)


def run(folder: Path, *words: object, code: int = 0) -> str:
    command = [sys.executable, *map(str, words)]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert said.returncode == code, said.stdout + said.stderr
    return said.stdout + said.stderr


def describe(client: Path, paths: dict[str, Any]) -> None:
    """A small API in the place of ours."""
    document = {"openapi": "3.1.1", "info": {"title": "Small", "version": "1"}, "paths": paths}
    (client / "openapi.json").write_text(json.dumps(document))


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.py")}


def test_a_wheel_that_is_built_of_the_source_distribution_holds_the_generated_code(copied: Path) -> None:
    (copied / GENERATED).mkdir()
    (copied / GENERATED / "old.py").write_text("left by an older checkout")

    run(copied, "-m", "hatchling", "build", "--target", "sdist", "--directory", "built")
    [source] = (copied / "built").iterdir()
    offline = ("--no-build-isolation", "--check-build-dependencies", "--no-index", "--no-deps")
    run(copied, "-m", "pip", "wheel", "--quiet", *offline, "--wheel-dir", "wheels", source)

    with tarfile.open(source) as archive:
        brought = {name.partition("/")[2] for name in archive.getnames()}
    assert {"hatch_build.py", "generator.yml", "openapi.json", "templates/literal_enum.py.jinja"} <= brought
    assert not [name for name in brought if name.startswith(GENERATED)]
    [wheel] = (copied / "wheels").iterdir()
    zipfile.ZipFile(wheel).extractall(copied / "installed")
    assert files(copied / "installed" / "ordinaut_client") == files(CLIENT / "ordinaut_client")


def test_an_editable_package_finds_the_generated_code_beside_the_rest(copied: Path) -> None:
    describe(copied, {})

    run(copied, "-c", "from hatchling.build import build_editable; build_editable('.')")

    assert {"__init__.py", "client.py", "types.py"} <= set(files(copied / GENERATED))


def test_where_the_generator_warns_nothing_is_made_and_nothing_is_lost(copied: Path) -> None:
    describe(copied, {"/odd": ODD})
    (copied / GENERATED).mkdir()
    (copied / GENERATED / "kept.py").write_text("")

    told = run(copied, "hatch_build.py", code=1)

    assert "Unsupported content type text/odd" in told
    assert "openapi.json" in told.splitlines()[0]
    assert [path.name for path in (copied / GENERATED).iterdir()] == ["kept.py"]
