"""The engine and a brute force that shares nothing with it give the same instants.

A few of each kind; tests/benchmarks/bench_recurrence_properties.py compares a hundred thousand. Each is named by its seed.
"""

import os

import pytest

from tests.unit.schedules.random_cases import ZONES, any_case, case_at_a_change, check

CASES = int(os.environ.get("PROPERTY_CASES", "100"))
DST_CASES = int(os.environ.get("PROPERTY_DST_CASES", "150"))
PARTS = 10


@pytest.mark.parametrize("part", range(PARTS))
def test_every_random_recurrence_equals_brute_force(part: int) -> None:
    for seed in range(part, CASES, PARTS):
        check(*any_case(seed), seed=seed)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_recurrence_at_a_change_of_clocks_equals_brute_force(part: int) -> None:
    for seed in range(part, DST_CASES, PARTS):
        found = case_at_a_change(seed, ZONES[seed * 7 % len(ZONES)])
        if found is not None:
            check(*found, seed=seed)
