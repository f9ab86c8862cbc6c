"""Generates the package's code from the OpenAPI document, openapi.json: `ordinaut_client/generated`, which is kept nowhere.

The build of a wheel does it by itself (hatchling runs the hook below); in a checkout, `python hatch_build.py` does.
"""

import fcntl
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
GENERATED = ROOT / "ordinaut_client" / "generated"


class GenerationFailed(Exception):
    """The generator has failed, or warned; the text is what it said."""


class Generation(BuildHookInterface[Any]):
    """Puts the code into a wheel, or, for an editable one, where the rest is read."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            renew()
            return
        self._folder = tempfile.TemporaryDirectory()
        made = Path(self._folder.name) / GENERATED.name
        generate(made)
        build_data["force_include"][str(made)] = GENERATED.relative_to(ROOT).as_posix()

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._folder.cleanup()


def generate(folder: Path) -> None:
    """Write the code into a folder that is not there yet. Raises `GenerationFailed`, also after a mere warning."""
    options = {
        "--path": ROOT / "openapi.json",
        "--config": ROOT / "generator.yml",
        "--custom-template-path": ROOT / "templates",
        "--output-path": folder,
        "--meta": "none",
    }
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    for name, value in options.items():
        command += [name, str(value)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the words are ours
    if said.returncode:
        raise GenerationFailed(f"No client can be made of {ROOT / 'openapi.json'}:\n{said.stdout}{said.stderr}")


def renew() -> None:
    """Generate the code beside the old, one process at a time, and only when it is whole put it in its place."""
    new, old = GENERATED.with_suffix(".new"), GENERATED.with_suffix(".old")
    with Path(__file__).open() as ours:
        fcntl.flock(ours, fcntl.LOCK_EX)
        for left_by_a_killed_process in (new, old):
            shutil.rmtree(left_by_a_killed_process, ignore_errors=True)
        generate(new)
        if GENERATED.exists():
            GENERATED.rename(old)
        new.rename(GENERATED)
        shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    try:
        renew()
    except GenerationFailed as failed:
        sys.exit(str(failed))
