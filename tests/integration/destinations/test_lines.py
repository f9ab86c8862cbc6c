"""Slots under a rate: evenly spaced, each given once, and a line for those that do not get one soon."""

import time

import pytest

from tasks_app.destinations.lines import get_in_line, take_slot
from tasks_app.rate_limits import RateLimit
from tests.integration.destinations.making import let_pass

pytestmark = pytest.mark.django_db

FIVE_A_SECOND = RateLimit("api.example.org", 0.2)
ONE_A_MINUTE = RateLimit("llm.generate", 60.0)


def slots(number: int, *limits: RateLimit, in_line: bool = False) -> list[float | None]:
    return [take_slot(limits or [FIVE_A_SECOND], in_line=in_line) for _ in range(number)]


def test_slots_are_spaced_by_the_interval_and_end_a_second_ahead() -> None:
    begun = time.monotonic()
    taken = slots(10)
    took = time.monotonic() - begun

    given = [slot for slot in taken if slot is not None]
    for nth, slot in enumerate(given):
        assert nth * 0.2 - took - 0.05 <= slot <= nth * 0.2 + took + 0.05
    assert 5 <= len(given) <= 7 + took / 0.2


def test_what_was_not_used_is_not_saved_up() -> None:
    slots(1)
    let_pass(3600)

    assert len([slot for slot in slots(10) if slot is not None]) <= 6


def test_a_call_under_two_limits_has_the_later_slot_and_uses_both() -> None:
    assert slots(2, FIVE_A_SECOND, ONE_A_MINUTE) == [pytest.approx(0, abs=0.1), None]

    [after] = slots(1, FIVE_A_SECOND)
    assert after == pytest.approx(0.2, abs=0.1)


def test_a_slot_that_is_refused_uses_nothing() -> None:
    slots(1, ONE_A_MINUTE)
    assert slots(3, FIVE_A_SECOND, ONE_A_MINUTE) == [None] * 3

    assert slots(1, FIVE_A_SECOND) == [pytest.approx(0, abs=0.05)]


def test_places_in_line_follow_the_slots_that_are_taken_and_each_other() -> None:
    slots(5)

    places = [get_in_line([FIVE_A_SECOND]) for _ in range(3)]

    assert places == [pytest.approx(seconds, abs=0.15) for seconds in (1.0, 1.2, 1.4)]


def test_who_comes_while_others_are_in_line_takes_nothing_of_theirs() -> None:
    get_in_line([ONE_A_MINUTE], not_before=120)

    assert slots(1, ONE_A_MINUTE) == [None]
    assert slots(1, ONE_A_MINUTE, in_line=True) == [pytest.approx(0, abs=0.05)]


def test_all_who_come_back_at_once_still_go_one_after_the_other() -> None:
    for _ in range(100):
        get_in_line([FIVE_A_SECOND])
    let_pass(600)

    began = time.monotonic()
    taken = [slot for slot in slots(100, in_line=True) if slot is not None]
    took = time.monotonic() - began

    assert len(taken) <= (took + 2) / 0.2 + 1, "no more than fit between now and two seconds ahead"


def test_a_line_begins_no_sooner_than_it_may() -> None:
    assert get_in_line([ONE_A_MINUTE], not_before=30) == pytest.approx(30, abs=0.5)
    assert get_in_line([ONE_A_MINUTE], not_before=30) == pytest.approx(90, abs=0.5)
