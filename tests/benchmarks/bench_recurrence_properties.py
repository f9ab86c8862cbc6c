"""Does the engine answer every random recurrence as the brute force does, and how many of them in a second?

ORDINAUT_PROPERTY_CASES of any kind, and a fifth as many around changes of clocks, with the zones in turn. Seeds go up from
ORDINAUT_PROPERTY_SEED; a fault is named by its seed, which makes it again.
"""

import os
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import datetime
from time import perf_counter

import pytest

from tests.unit.schedules.brute_force import Case
from tests.unit.schedules.random_cases import ZONES, any_case, case_at_a_change, check

CASES = int(os.environ.get("ORDINAUT_PROPERTY_CASES", "100000"))
SEED = int(os.environ.get("ORDINAUT_PROPERTY_SEED", "1000000"))
PART = 50  # seeds that a process is given at once
SHOWN = 10


@pytest.mark.timeout(4 * 3600)
def test_random_recurrences_equal_brute_force() -> None:
    with ProcessPoolExecutor() as processes:
        faults = _faults("random recurrences", CASES, _of_any_kind, processes)
        faults += _faults("recurrences at changes of clocks", CASES // 5, _at_changes, processes)

    assert not faults, "\n".join(faults[:SHOWN])


def _faults(name: str, wanted: int, compare: Callable[[int], list[str | None]], processes: Executor) -> list[str]:
    """Compare as many as are wanted: a zone that never changes its clocks gives none for its seed."""
    begun = perf_counter()
    results: list[str] = []
    seed = SEED
    while len(results) < wanted:
        starts = range(seed, seed + wanted - len(results), PART)
        for part in processes.map(compare, starts):
            results += [result for result in part if result is not None]
        seed = starts[-1] + PART
    faults = list(filter(None, results))
    rate = len(results) / (perf_counter() - begun)
    print(f"\n{len(results):,} {name}, seeds {SEED} to {seed - 1}: {len(faults)} faults, {rate:,.0f} cases a second")
    return faults


def _of_any_kind(start: int) -> list[str | None]:
    return [_compared(seed, lambda: any_case(seed)) for seed in range(start, start + PART)]  # noqa: B023  called at once


def _at_changes(start: int) -> list[str | None]:
    return [
        _compared(seed, lambda: case_at_a_change(seed, ZONES[seed % len(ZONES)]))  # noqa: B023  called at once
        for seed in range(start, start + PART)
    ]


def _compared(seed: int, draw: Callable[[], tuple[Case, datetime, datetime] | None]) -> str | None:
    """What is wrong, "" when nothing is, None without a case."""
    drawn = draw()
    if drawn is None:
        return None
    try:
        check(*drawn, seed=seed)
    except Exception as error:  # noqa: BLE001  whatever it is, which seed made it matters most
        return f"seed {seed}: {error!r:.1000}"
    return ""
