"""A worker that is killed in the middle of a run."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.acceptance.checkout import Platform, fresh_checkout

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]
NAPS = 7
SEVEN_NAPS = {
    "title": "Seven naps",
    "schedule_kind": "manual",
    "payload": {"pipeline": [{"id": f"nap{n}", "uses": "system.sleep", "with": {"seconds": 2}} for n in range(NAPS)]},
}


@pytest.fixture
def platform() -> Iterator[Platform]:
    with tempfile.TemporaryDirectory(prefix="ok-") as folder:
        Path(folder).chmod(0o711)
        with fresh_checkout(Path(folder), installed=True) as started:
            yield started


@contextmanager
def second_worker(platform: Platform) -> Iterator[None]:
    """Beside the one of `make up`, on the same home."""
    python = platform.checkout / ".venv" / "bin" / "python"
    with (platform.home.parent / "second.log").open("wb") as output:
        worker = subprocess.Popen(
            [python, "-m", "celery", "-A", "ordinaut_site", "worker", "-n", "second@%h"],
            cwd=platform.checkout,
            env=platform.environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(30)


def worker_of(attempt: dict[str, Any]) -> psutil.Process:
    """Its main Celery process: a worker's name is `host:pid:word`, the pid a pool process's."""
    process = psutil.Process(int(attempt["worker"].split(":")[1]))
    while "worker" in (above := process.parents()[0]).cmdline():
        process = above
    return process


def test_a_run_whose_worker_is_killed_ends_once_and_elsewhere(platform: Platform) -> None:
    platform.start()
    platform.wait_until_ready(seconds=120)
    with second_worker(platform):
        task = platform.post("/api/v1/tasks", SEVEN_NAPS)
        run = platform.post(f"/api/v1/tasks/{task['id']}/run_now", {})["id"]

        def detail() -> dict[str, Any]:
            return dict(platform.get(f"/api/v1/runs/{run}"))

        # A pure step's result may be recorded with the next one's: two naps are over.
        platform.until(lambda: detail()["steps"], seconds=18)
        [attempt] = detail()["attempts"]
        victim = worker_of(attempt)
        children = victim.children()
        os.kill(victim.pid, signal.SIGKILL)
        psutil.wait_procs(children, timeout=5)

        platform.until(lambda: detail()["status"] == "succeeded", seconds=90)

    ended = detail()
    first, second = ended["attempts"]
    assert (first["outcome"], second["outcome"]) == ("lost", "succeeded")
    assert first["worker"] != second["worker"]
    assert [step["id"] for step in ended["steps"]] == [f"nap{n}" for n in range(NAPS)]
    assert (ended["steps"][0]["attempt"], ended["steps"][-1]["attempt"]) == (1, 2)
    assert len(platform.runs(task["id"])) == 1
