"""Which components does the platform run with? The CycloneDX document of what requirements/base.txt has put into .venv.

.venv/audit/bin/python deploy/sbom.py FILE

Asks no service. Beside the platform's components .venv may hold the installer's and those of tests: they are left out.
Fails where .venv is not what was locked.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).resolve().parent.parent


class NotInstalled(Exception):
    """What was locked, and is not there."""


def locked(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Name and version of each requirement that this Python and platform install, from the lines of a locked file."""
    for wanted in _requirements(lines):
        yield canonicalize_name(wanted.name), next(iter(wanted.specifier)).version


def only(bill: dict[str, Any], wanted: Set[tuple[str, str]], *, direct: Set[str]) -> dict[str, Any]:
    """The bill without all other components; the platform needs the direct ones itself. Raises `NotInstalled`."""
    refs: dict[tuple[str, str], str] = {
        (canonicalize_name(each["name"]), each["version"]): each["bom-ref"] for each in bill["components"]
    }
    if missing := sorted(wanted - refs.keys()):
        raise NotInstalled(", ".join(f"{name} {version}" for name, version in missing))
    kept = {refs[each] for each in wanted}
    root = {
        "ref": bill["metadata"]["component"]["bom-ref"],
        "dependsOn": sorted(refs[name, version] for name, version in wanted if name in direct),
    }
    others = [_among(kept, each) for each in bill["dependencies"] if each["ref"] in kept]
    components = [each for each in bill["components"] if each["bom-ref"] in kept]
    return bill | {"components": components, "dependencies": [root, *others]}


def _among(kept: set[str], dependency: dict[str, Any]) -> dict[str, Any]:
    refs = [ref for ref in dependency.get("dependsOn", ()) if ref in kept]
    return {"ref": dependency["ref"]} | ({"dependsOn": refs} if refs else {})


def _requirements(lines: Iterable[str]) -> Iterator[Requirement]:
    for line in lines:
        if line[:1].isalnum():
            wanted = Requirement(line.split(" #")[0].rstrip("\\\n "))
            if wanted.marker is None or wanted.marker.evaluate():
                yield wanted


def _installed() -> dict[str, Any]:
    # What it writes is valid; to have that looked at takes five times as long.
    tool = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "cyclonedx_py",
        "environment",
        "--no-validate",
        "--output-reproducible",
    ]
    words = [*tool, "--pyproject", str(_ROOT / "pyproject.toml"), str(_ROOT / ".venv" / "bin" / "python")]
    told = subprocess.run(words, capture_output=True, check=False)  # noqa: S603 - words of this file
    if told.returncode:
        sys.exit(told.stderr.decode())
    bill: dict[str, Any] = json.loads(told.stdout)
    return bill


def _lines(name: str) -> list[str]:
    return (_ROOT / "requirements" / name).read_text().splitlines()


def _write(target: Path) -> None:
    direct = {canonicalize_name(each.name) for each in _requirements(_lines("base.in"))}
    bill = only(_installed(), set(locked(_lines("base.txt"))), direct=direct)
    target.write_text(json.dumps(bill, indent=2) + "\n")


if __name__ == "__main__":
    try:
        _write(Path(sys.argv[1]))
    except NotInstalled as missing:
        sys.exit(f".venv does not hold what requirements/base.txt says; run `make install`. Missing: {missing}")
