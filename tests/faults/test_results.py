"""What a row demands, and what the table says of it."""

from pathlib import Path

import pytest

from tests.faults import results
from tests.faults.histories import History
from tests.faults.results import Row
from tests.faults.test_checker import RUN, WHOLE


def test_a_row_holds_when_the_history_is_whole_and_every_measure_within_its_limit() -> None:
    row = Row("F1", "SIGKILL", 1)
    row.measure("resumed after", 31.25, unit="s", at_most=40)
    row.measure("runs in its hands", 3, at_least=1)

    row.judge(WHOLE)

    assert row.runs == 1


def test_a_row_fails_by_a_measure_by_the_history_and_by_a_load_that_made_no_runs() -> None:
    slow = Row("F1", "SIGKILL", 7)
    slow.measure("resumed after", 41, unit="s", at_most=40)
    with pytest.raises(AssertionError, match=r"F1, seed 7:\nI6 resumed after 41 s \(≤ 40\)"):
        slow.judge(WHOLE)
    with pytest.raises(AssertionError, match="I1 run gone was promised"):
        Row("F1", "SIGKILL", 1).judge(History(runs=[RUN], promised=["gone"]))
    with pytest.raises(AssertionError, match="no runs"):
        Row("F1", "SIGKILL", 1).judge(History())


def test_the_table_shows_the_worst_of_each_fault_the_seeds_that_failed_and_what_was_measured_before(
    tmp_path: Path,
) -> None:
    rows = []
    for seed, seconds, passed in ((2, 39.0, False), (1, 33.0, True)):
        row = Row("F10", "FLUSHALL", seed, runs=1000, passed=passed)
        row.measure("whole after", seconds, unit="s", at_most=30)
        row.measure("refilled", 100 - seconds, at_least=1)
        rows.append(row)
    rows.append(Row("F9", "restart", 1, runs=5, passed=True))
    page = tmp_path / "page.md"
    page.write_text(f"before\n{results.BEGIN}\n| F9 | restart | old |\n| F8 | no beat | old |\n{results.END}\nafter\n")

    results.write(rows, page)

    assert page.read_text().splitlines() == [
        "before",
        results.BEGIN,
        "| | fault | seeds | runs | measured, the worst (limit) | verdict |",
        "|---|---|---|---|---|---|",
        "| F8 | no beat | old |",
        "| F9 | restart | 1 | 5 |  | holds |",
        "| F10 | FLUSHALL | 2 | 2,000 | whole after 39 s (≤ 30); refilled 61 (≥ 1) | fails with seeds 2 |",
        results.END,
        "after",
    ]
