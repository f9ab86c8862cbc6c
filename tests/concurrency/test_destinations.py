"""Two workers, two connections, one destination."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now

from tasks_app.destinations import breakers
from tasks_app.destinations.lines import get_in_line, take_slot
from tasks_app.models import CallTally, Destination
from tasks_app.queue_sql import execute
from tasks_app.rate_limits import RateLimit
from tests.concurrency.another import as_another
from tests.integration.destinations.making import API, RULES, opened, told
from tests.integration.execution.conftest import until

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")
LASTING = timedelta(seconds=30)
TEN_A_SECOND = RateLimit("api.example.org", 0.1)


def all_at_once(number: int, act: Callable[[], T]) -> list[T]:
    """Do it on as many connections at the same moment."""
    ready, answers = threading.Barrier(number), []

    def run() -> None:
        connection.ensure_connection()
        ready.wait(10)
        answers.append(act())
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(answers) == number
    return answers


def test_of_all_who_come_at_once_exactly_one_tries() -> None:
    opened()

    trials = all_at_once(6, lambda: breakers.begin_trial(API, lasting=LASTING))

    assert sorted(trials, key=str) == [1, None, None, None, None, None]


def test_who_ends_recoveries_waits_for_nobody_who_tells_of_a_destination() -> None:
    for name in ("a", "b"):
        told(1, 0, of=name)
    Destination.objects.filter(name__in=["a", "b"]).update(state="recovering", opened_at=Now(), recovering_since=Now())

    with transaction.atomic():
        breakers.record({"a": breakers.Counts(calls=1)}, rules=RULES)
        closed = as_another(breakers.end_recovery)

    assert closed == ["b"]
    assert breakers.end_recovery() == ["a"]


def test_who_comes_while_a_trial_is_being_taken_waits_for_the_outcome_and_gets_none() -> None:
    opened()

    with transaction.atomic():
        assert breakers.begin_trial(API, lasting=LASTING) == 1
        with pytest.raises(OperationalError, match="lock timeout"):
            as_another(lambda: breakers.begin_trial(API, lasting=LASTING))

    assert as_another(lambda: breakers.begin_trial(API, lasting=LASTING)) is None


def test_the_tenth_failure_opens_whoever_told_the_other_nine() -> None:
    answers = all_at_once(5, lambda: told(2, 2))

    assert sorted(answers) == [[], [], [], [], [API]]
    assert Destination.objects.get(name=API).openings == 1


def test_no_call_is_lost_from_the_window_when_all_tell_at_once() -> None:
    all_at_once(6, lambda: [told(1, 0) for _ in range(20)])

    assert sum(CallTally.objects.values_list("calls", flat=True)) == 120


def test_no_slot_is_given_twice_and_none_closer_than_the_interval() -> None:
    def take() -> int:
        return sum(take_slot([TEN_A_SECOND], in_line=False) is not None for _ in range(15))

    began = time.monotonic()
    taken = sum(all_at_once(4, take))
    took = time.monotonic() - began

    assert 10 <= taken <= (took + 1) / 0.1 + 1, "no more than fit between now and a second ahead"


def test_everyone_in_line_has_a_place_of_their_own() -> None:
    hour = RateLimit("llm.generate", 3600.0)

    places = all_at_once(6, lambda: get_in_line([hour]))

    assert [round(seconds / 3600) for seconds in sorted(places)] == [0, 1, 2, 3, 4, 5]


def test_a_budget_is_not_overspent_by_many_at_once() -> None:
    told(100, 0)

    granted = [each for answers in all_at_once(4, lambda: spent(25)) for each in answers]

    assert granted.count(True) == 70


def spent(number: int) -> list[bool]:
    return [breakers.spend_retry(API, rules=RULES) for _ in range(number)]


def test_calls_under_several_limits_that_cross_do_not_stand_still() -> None:
    one, other = RateLimit("a", 0.001), RateLimit("b", 0.001)
    turn = iter([[one, other], [other, one]] * 3)

    def take() -> int:
        limits = next(turn)
        return sum(take_slot(limits, in_line=True) is not None for _ in range(30))

    assert all_at_once(4, take) == [30] * 4


def while_we_have_not_committed(act: Callable[[], object], other: Callable[[], T]) -> T:
    """Do `act`, let another connection begin with `other` before our commit, and answer what it came to."""
    answers: list[T] = []

    def run() -> None:
        answers.append(other())
        connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        act()
        thread.start()
        until(lambda: execute("SELECT 1 FROM pg_locks WHERE NOT granted", {}))
    thread.join(10)
    return answers[0]


def test_who_asks_for_a_slot_while_another_takes_one_gets_the_next() -> None:
    minute = RateLimit("llm.generate", 60.0)
    get_in_line([minute])

    second = while_we_have_not_committed(
        lambda: take_slot([minute], in_line=True), lambda: take_slot([minute], in_line=True)
    )

    assert second is None


def test_who_asks_for_the_last_retry_while_another_takes_it_gets_none() -> None:
    told(100, 0)
    assert spent(69)[-1]

    assert not while_we_have_not_committed(lambda: spent(1), lambda: spent(1)[0])
