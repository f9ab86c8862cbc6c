"""The document that says what proves each rule names tests that exist."""

import re

import pytest

from ordinaut_site.env import BASE_DIR

TEXT = (BASE_DIR / "docs" / "reliability.md").read_text()
RULES = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", TEXT, flags=re.MULTILINE)
NAMED = sorted({name for _, tests in RULES for name in re.findall(r"`([^`]+)`", tests)})
FILES = list((BASE_DIR / "tests").rglob("test_*.py"))


def test_every_rule_names_its_proof() -> None:
    assert [int(number) for number, tests in RULES if "`" in tests] == list(range(1, 27))


@pytest.mark.parametrize("name", NAMED)
def test_what_is_named_exists(name: str) -> None:
    path, _, function = name.partition("::")
    found = [file for file in FILES if str(file).endswith(f"/{path}")]

    assert found
    assert any(f"def {function}(" in file.read_text() for file in found) or not function
