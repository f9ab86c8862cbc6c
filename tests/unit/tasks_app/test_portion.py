"""How many runs a process claims at one time, by how long its claims take."""

from tasks_app.execution.portion import LEAST, Portion


def after(*claims: tuple[int, float]) -> int:
    portion = Portion(most=500)
    for runs, seconds in claims:
        portion.claimed(runs, seconds=seconds)
    return portion.limit


def test_at_first_and_while_claims_are_quick_it_is_the_most() -> None:
    assert after() == 500
    assert after(*[(500, 0.005)] * 20) == 500


def test_slow_claims_become_as_small_as_keeps_them_short() -> None:
    assert 240 <= after(*[(500, 0.04)] * 50) <= 260


def test_one_slow_claim_among_quick_ones_changes_little() -> None:
    assert after(*[(500, 0.01)] * 20, (500, 0.04)) == 500


def test_it_does_not_fall_below_the_least() -> None:
    assert after(*[(500, 5.0)] * 50) == LEAST


def test_it_grows_again_with_quick_claims() -> None:
    assert after(*[(500, 0.5)] * 50, *[(LEAST, 0.002)] * 50) == 500


def test_small_claims_say_nothing() -> None:
    assert after(*[(LEAST - 1, 0.05)] * 50) == 500
