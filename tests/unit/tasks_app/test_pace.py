"""While Postgres is slow a process claims less, and soon as much as before when it is quick again."""

import logging

import pytest

from tasks_app.execution.pace import Pace


def claims(pace: Pace, *seconds: float) -> int:
    for each in seconds:
        pace.claimed(seconds=each)
    return pace.limit


def test_quick_claims_change_nothing() -> None:
    assert claims(Pace(most=250), *[0.01] * 100) == 250


def test_slow_claims_halve_the_batch_again_and_again_down_to_one() -> None:
    pace = Pace(most=250)

    assert claims(pace, *[0.3] * 2) == 125
    assert claims(pace, *[0.3] * 2) == 62
    assert claims(pace, *[0.3] * 100) == 1


def test_one_slow_claim_among_many_is_no_reason() -> None:
    pace = Pace(most=250)

    assert claims(pace, 0.5, *[0.01] * 19, 0.5) == 250
    assert claims(pace, *[0.01] * 18, 0.5) == 125


def test_an_error_halves_it_at_once() -> None:
    pace = Pace(most=250)
    pace.failed()

    assert pace.limit == 125


def test_quick_claims_bring_it_back_step_by_step() -> None:
    pace = Pace(most=100)
    claims(pace, *[0.3] * 4)
    assert pace.limit == 25

    assert claims(pace, *[0.01] * 5) == 35
    assert claims(pace, *[0.01] * 35) == 100


def test_even_a_small_batch_recovers() -> None:
    pace = Pace(most=3)
    pace.failed()

    assert (pace.limit, claims(pace, *[0.0] * 10)) == (1, 3)


def test_it_is_said_once_when_it_begins_and_once_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    pace = Pace(most=100)

    claims(pace, *[0.3] * 6, *[0.01] * 60)

    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "claims take 300 ms" in caplog.text
