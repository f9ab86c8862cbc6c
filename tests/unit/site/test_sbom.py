"""What the platform runs with is told in full, and nobody is told that nothing is known where nobody was asked."""

import json
import os
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker

from ordinaut_site.env import BASE_DIR


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Any:
    target = tmp_path_factory.mktemp("sbom") / "bill.json"
    # Nothing is asked: what would lead elsewhere leads nowhere.
    subprocess.run(["make", "--silent", "sbom"], cwd=BASE_DIR, env=_away() | {"SBOM": str(target)}, check=True)
    return json.loads(target.read_text())


def test_the_bill_has_every_pinned_distribution_with_its_version_and_no_other(bill: Any) -> None:
    told = {(_canonical(each["name"]), each["version"]) for each in bill["components"]}

    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "ordinaut")
    assert len(told) > 80
    assert told == set(_pinned())


def test_each_component_is_told_with_its_licence_its_address_and_what_it_needs(bill: Any) -> None:
    refs = {each["bom-ref"] for each in bill["components"]}
    needed = {each["ref"]: each.get("dependsOn", []) for each in bill["dependencies"]}

    # Two that say theirs in words that are no licence's name.
    assert {each["name"] for each in bill["components"] if not each.get("licenses")} <= {
        "python-crontab",
        "uritemplate",
    }
    assert [each["name"] for each in bill["components"] if not each["purl"].startswith("pkg:pypi/")] == []
    assert needed.keys() - refs == {bill["metadata"]["component"]["bom-ref"]}
    assert [ref for each in needed.values() for ref in each if ref not in refs] == []
    assert f"Django=={version('django')}" in needed[bill["metadata"]["component"]["bom-ref"]]


def test_an_environment_that_is_not_what_was_locked_has_no_bill(tmp_path: Path) -> None:
    elsewhere = tmp_path / "clone"
    for part in ("deploy", "requirements"):
        (elsewhere / part).mkdir(parents=True)
    (elsewhere / "deploy" / "sbom.py").write_text((BASE_DIR / "deploy" / "sbom.py").read_text())
    (elsewhere / "pyproject.toml").symlink_to(BASE_DIR / "pyproject.toml")
    (elsewhere / ".venv").symlink_to(BASE_DIR / ".venv")
    (elsewhere / "requirements" / "base.in").write_text("django\n")
    (elsewhere / "requirements" / "base.txt").write_text("django==1.0 \\\n    --hash=sha256:00\n")

    refused = subprocess.run(
        [BASE_DIR / ".venv/audit/bin/python", elsewhere / "deploy" / "sbom.py", tmp_path / "bill.json"],
        capture_output=True,
        check=False,
        text=True,
    )

    assert refused.returncode == 1
    assert refused.stderr.endswith("run `make install`. Missing: django 1.0\n")
    assert not (tmp_path / "bill.json").exists()


@pytest.mark.usefixtures("bill")  # its environment has been built
def test_an_audit_that_can_ask_nobody_fails_and_does_not_say_that_all_is_well(tmp_path: Path) -> None:
    audit = subprocess.run(
        [BASE_DIR / "deploy/audit.sh", "requirements/uv.txt"],
        env=_away() | {"PIP_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        check=False,
        text=True,
    )

    assert audit.returncode == 1
    assert "No known vulnerabilities" not in audit.stdout + audit.stderr
    assert "pypi.org" in audit.stderr


def test_a_package_that_the_service_does_not_know_fails_the_audit() -> None:
    """Without --strict pip-audit leaves it out, and says that nothing is known."""
    assert "pip-audit --strict " in (BASE_DIR / "deploy/audit.sh").read_text()


def _away() -> dict[str, str]:
    """Whoever would ask a service asks port 9 of this machine, where nobody listens."""
    closed = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    return os.environ | closed | {"NO_PROXY": "", "no_proxy": ""}


def _pinned() -> list[tuple[str, str]]:
    locked = (BASE_DIR / "requirements" / "base.txt").read_text()
    pins = re.findall(r"^([a-z0-9._-]+)(?:\[.+?\])?==(\S+)(?: ; (.+?))? \\$", locked, re.MULTILINE)
    return [(name, pinned) for name, pinned, marker in pins if not marker or Marker(marker).evaluate()]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
