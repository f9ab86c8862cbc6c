"""How a row of the fault matrix is written.

    pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

    @pytest.mark.fault("F1", "SIGKILL to a worker while HTTP calls are in flight")
    def test_the_runs_of_a_killed_worker_go_on_within_40_seconds(scene_of: SceneOf, row: Row) -> None:
        with scene_of(workers=2, ORDINAUT_LEASE_SECONDS="15") as scene:    # scene.py: what can be varied
            scene.under_load(seconds=5)
            held = scene.runs_held_by(scene.platform.workers[0].family())
            killed_at = scene.platform.workers[0].kill()                   # processes.py, effects.py, proxy.py: the faults
            scene.go_on(10)
            history = scene.settled()                                      # load ended, all runs ended, all events out

        row.measure("resumed after", resumed_after(history, held, since=killed_at), unit="s", at_most=40)
        row.judge(history)                                                 # checker.py: I1 to I5, I7, and the limits above

One fault a test; the verdict is `row.judge`'s alone. Faults at a named point of the code are planted from the environment:
see planted/sitecustomize.py. A test that is part of `make test` is marked `faults_short`, too. `make faults` runs all,
each with the seeds `ORDINAUT_FAULTS_SEED` (1) and following, as many as `ORDINAUT_FAULTS_REPEATS` (1) says; with
`ORDINAUT_FAULTS_TABLE=1` the table goes into docs/reliability.md.
"""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ordinaut_site.env import BASE_DIR
from tests.faults import results
from tests.faults.homes import prepared_home
from tests.faults.results import Row
from tests.faults.scene import Scene, scene

SceneOf = Callable[..., AbstractContextManager[Scene]]

PAGE = BASE_DIR / "docs" / "reliability.md"
_rows: list[Row] = []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        first, repeats = (int(os.environ.get(f"ORDINAUT_FAULTS_{name}", "1")) for name in ("SEED", "REPEATS"))
        seeds = range(first, first + repeats)
        metafunc.parametrize("seed", seeds, ids=[f"seed {seed}" for seed in seeds])


@pytest.fixture(scope="session")
def _template() -> Iterator[Path]:
    with prepared_home() as home:
        yield home


@pytest.fixture
def scene_of(_template: Path, seed: int) -> SceneOf:
    """`scene`, with this test's seed."""
    return partial(scene, _template, seed=seed)


@pytest.fixture
def row(request: pytest.FixtureRequest, seed: int) -> Row:
    """The row that this test fills, named by its `fault` mark."""
    mark = request.node.get_closest_marker("fault")
    assert mark is not None, "say which row of the matrix this is: @pytest.mark.fault('F1', 'what happens')"
    fault, what = mark.args
    filled = Row(fault, what, seed)
    request.node.stash[_ROW] = filled
    _rows.append(filled)
    return filled


_ROW = pytest.StashKey[Row]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    report = yield
    if report.when == "call" and _ROW in item.stash:
        item.stash[_ROW].passed = report.passed
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _rows:
        terminalreporter.section("fault matrix")
        terminalreporter.write_line(results.table(_rows))


def pytest_sessionfinish() -> None:
    if _rows and os.environ.get("ORDINAUT_FAULTS_TABLE"):
        results.write(_rows, PAGE)
