"""The document that says what each attack comes to names tests that exist."""

import re

import pytest

from ordinaut_site.env import BASE_DIR

TEXT = (BASE_DIR / "docs" / "security.md").read_text()
ROWS = re.findall(r"^\| `([a-z-]+)`: [^|]+ \| [^|]+ \| ([^|]+) \|$", TEXT, flags=re.MULTILINE)
NAMED = sorted({name for _, tests in ROWS for name in re.findall(r"`([^`]+)`", tests)})
FILES = list((BASE_DIR / "tests").rglob("test_*.py"))


def test_every_attack_has_a_name_of_its_own_and_its_tests() -> None:
    names = [name for name, _ in ROWS]

    assert len(names) == len(set(names)) == TEXT.count("\n| `") > 30
    assert [name for name, tests in ROWS if "`" not in tests] == []


@pytest.mark.parametrize("name", NAMED)
def test_what_is_named_exists(name: str) -> None:
    path, _, function = name.partition("::")
    found = [file for file in FILES if str(file).endswith(f"/{path}")]

    assert found
    assert any(f"def {function}(" in file.read_text() for file in found) or not function
