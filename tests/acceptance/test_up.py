"""From an empty folder to a scheduled run that succeeded, with the documents' own commands."""

import json
import re
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.checkout import Platform, fresh_checkout, instant

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]


@pytest.fixture
def platform() -> Iterator[Platform]:
    with tempfile.TemporaryDirectory(prefix="ou-") as folder:
        Path(folder).chmod(0o711)
        with fresh_checkout(Path(folder)) as started:
            yield started


def succeeded(platform: Platform, task: str) -> list[dict[str, Any]]:
    return [run for run in platform.runs(task) if run["status"] == "succeeded"]


def task_titled(platform: Platform, words: str) -> dict[str, Any]:
    [task] = [task for task in platform.get("/api/v1/tasks")["items"] if words in task["title"]]
    return dict(task)


def follow(platform: Platform, document: str) -> str:
    """Paste every command of a document, in order, into one shell; answer what it printed."""
    blocks = re.findall(r"```bash\n(.*?)```", (platform.checkout / document).read_text(), flags=re.DOTALL)
    answer = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", "\n".join(blocks)],
        cwd=platform.checkout,
        env=platform.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert blocks
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def check_first_steps(platform: Platform) -> None:
    *_, run, paused, resumed, canceled, refused = map(json.loads, follow(platform, "docs/first-steps.md").splitlines())
    assert run["status"] == "succeeded"
    assert [step["output"] for step in run["steps"]] == [42, {"text": "The sum is 42"}]
    assert [task["status"] for task in (paused, resumed, canceled)] == ["paused", "active", "canceled"]
    assert [fault["pointer"] for fault in refused["errors"]] == ["/schedule_expr", "/payload/pipeline/0/uses"]


def test_the_readme_leads_from_an_empty_folder_to_a_task_that_fires_and_outlives_a_restart(platform: Platform) -> None:
    platform.start()
    platform.wait_until_ready(seconds=120)
    ready_at = time.monotonic()
    demo = task_titled(platform, "alive")
    platform.until(lambda: succeeded(platform, demo["id"]), seconds=30)
    assert time.monotonic() - ready_at < 60
    kept = platform.credentials()
    platform.until(lambda: kept["ORDINAUT_ADMIN_PASSWORD"] in platform.log, seconds=10)
    assert stat.S_IMODE((platform.home / "credentials.env").stat().st_mode) == 0o600

    follow(platform, "README.md")

    greeting = task_titled(platform, "Greet me")
    [first, *_] = platform.until(lambda: succeeded(platform, greeting["id"]), seconds=30)
    late = (instant(first["started_at"]) - instant(first["scheduled_for"])).total_seconds()
    assert 0 <= late < 3
    [step] = platform.get(f"/api/v1/runs/{first['id']}")["steps"]
    assert step["output"] == {"message": "Good morning, Ada"}

    check_first_steps(platform)

    assert platform.press_ctrl_c() < 15
    begun = time.monotonic()
    platform.start()
    platform.wait_until_ready(seconds=30)
    assert time.monotonic() - begun < 20  # 10 s on an idle machine; tests share theirs
    assert platform.credentials() == kept
    assert kept["ORDINAUT_ADMIN_PASSWORD"] not in platform.log
    before = succeeded(platform, greeting["id"])
    assert first["id"] in {run["id"] for run in before}
    platform.until(lambda: len(succeeded(platform, greeting["id"])) > len(before), seconds=30)
    assert platform.press_ctrl_c() < 15
