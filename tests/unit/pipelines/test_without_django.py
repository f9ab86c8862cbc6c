"""The engine needs neither Django nor Celery nor Redis: shown where they cannot be imported at all."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.pipelines.fakes import BUILTIN

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO")}
    done = subprocess.run(
        [sys.executable, str(HERE / "without_django.py")],
        env=environment | {"PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_every_module_is_imported_and_none_asks_for_them(told: dict[str, Any]) -> None:
    assert told["modules"] > 40
    assert (told["asked"], told["present"]) == ([], [])


def test_every_builtin_tool_is_called_or_simulated(told: dict[str, Any]) -> None:
    assert told["came_to"].keys() == {tool.address for tool in BUILTIN}
    assert {outcome for outcome, _ in told["came_to"].values()} == {"Succeeded"}


@pytest.mark.parametrize(
    "tool", [tool for tool in BUILTIN if tool.pure and "output" in tool.examples[0]], ids=lambda tool: tool.address
)
def test_a_tool_that_needs_nothing_answers_as_its_example_says(told: dict[str, Any], tool: Any) -> None:
    assert told["came_to"][tool.address][1] == tool.examples[0]["output"]
