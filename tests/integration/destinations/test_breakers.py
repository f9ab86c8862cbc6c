"""When a breaker opens, who tries, and what closes it."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from tasks_app.destinations import breakers, permits
from tasks_app.destinations.breakers import Counts
from tasks_app.destinations.rules import Rules
from tasks_app.models import CallTally, Destination
from tests.integration.destinations.making import API, RULES, call_to, cool, counted, let_pass, lose_trial, opened, told

pytestmark = pytest.mark.django_db

HALF_A_MINUTE = timedelta(seconds=30)


def state() -> str:
    return Destination.objects.values_list("state", flat=True).get(name=API)


def tried() -> int:
    trial = breakers.begin_trial(API, lasting=HALF_A_MINUTE)
    assert trial is not None
    return trial


def seconds_until_trial() -> float:
    at = Destination.objects.get(name=API).next_trial_at
    assert at is not None
    return (at - timezone.now()).total_seconds()


@pytest.mark.parametrize(
    ("calls", "failures", "opens"),
    [(9, 9, False), (10, 10, True), (10, 5, True), (10, 4, False), (100, 49, False), (100, 50, True), (1000, 0, False)],
)
def test_it_opens_when_half_of_at_least_ten_calls_failed(calls: int, failures: int, opens: bool) -> None:
    assert told(calls, failures) == ([API] if opens else [])

    assert state() == ("open" if opens else "closed")


def test_when_it_opens_is_a_setting() -> None:
    strict = Rules(percent=10, least_calls=100, cooldown=timedelta(seconds=2))

    assert told(99, 99, rules=strict) == []
    assert told(1, 1, rules=strict) == [API]
    assert 1 < seconds_until_trial() <= 2


def test_ten_failures_in_succession_open_it_however_well_it_was_before() -> None:
    told(100_000, 0)
    assert told(9, 9) == []

    assert told(1, 1) == [API]


def test_a_success_in_between_ends_the_succession() -> None:
    told(100_000, 0)
    told(9, 9)
    told(1, 0)

    assert told(9, 9) == []


def test_a_success_from_before_the_failures_that_is_told_after_them_does_not() -> None:
    told(100_000, 0)
    late = counted(50, 0)
    assert late.answered_at is not None
    late.answered_at -= 0.9
    told(9, 9)
    breakers.record({API: late}, rules=RULES)

    assert told(1, 1) == [API]


def test_counts_that_could_not_be_told_are_told_with_the_later_ones_in_their_order() -> None:
    failing = Counts()
    failing.failed(), failing.answered(), failing.failed()
    more, well = counted(2, 2), counted(1, 0)

    both = failing.before(more)

    assert (both.calls, both.failures, both.in_succession, both.answered_at) == (5, 4, 3, failing.answered_at)
    assert (failing.before(well).in_succession, failing.before(well).answered_at) == (0, well.answered_at)


def test_what_several_workers_told_is_added_up() -> None:
    told(4, 4)
    told(4, 4)

    assert told(2, 2) == [API]


def test_one_destination_says_nothing_of_another() -> None:
    counts = {API: counted(10, 10), "http.request other.example.org:443": counted(10, 1), "llm.generate": counted(3, 3)}

    assert [name for name, state in breakers.record(counts, rules=RULES).items() if state == "open"] == [API]
    assert breakers.troubled() == {API: "open"}


def test_what_failed_more_than_a_minute_ago_is_forgotten() -> None:
    told(9, 9)
    let_pass(60)

    assert told(9, 9) == []
    assert state() == "closed"


def test_what_failed_within_the_minute_counts() -> None:
    told(5, 5)
    let_pass(40)

    assert told(5, 5) == [API]


def test_a_window_never_takes_more_than_six_rows() -> None:
    for _ in range(9):
        told(1, 0)
        let_pass(10)
    told(3, 0)

    assert CallTally.objects.count() <= 6
    assert sum(CallTally.objects.filter(calls=3).values_list("calls", flat=True)) == 3


def test_nobody_tries_before_the_cool_down_is_over() -> None:
    opened(cooled=False)
    assert 29 < seconds_until_trial() <= 30
    assert breakers.begin_trial(API, lasting=HALF_A_MINUTE) is None

    cool()

    assert breakers.begin_trial(API, lasting=HALF_A_MINUTE) == 1


def test_one_tries_and_the_others_wait_until_its_worker_is_given_up_for_lost() -> None:
    opened()
    assert tried() == 1
    assert breakers.begin_trial(API, lasting=HALF_A_MINUTE) is None

    lose_trial()

    assert tried() == 2


def test_a_trial_that_was_answered_closes_it_and_forgets_the_failures() -> None:
    opened()

    assert breakers.close(API, trial=tried())

    assert state() == "recovering"
    assert not CallTally.objects.exists()
    assert told(9, 9) == []
    assert breakers.end_recovery() == [API]
    assert breakers.troubled() == {}


def test_a_trial_that_failed_doubles_the_cool_down_up_to_five_minutes() -> None:
    opened()
    waits = []
    for _ in range(6):
        assert breakers.reopen(API, trial=tried(), rules=RULES)
        waits.append(seconds_until_trial())
        cool()

    assert waits == pytest.approx([60, 120, 240, 300, 300, 300], abs=1)


def test_a_service_that_has_failed_for_weeks_overflows_nothing() -> None:
    opened()
    Destination.objects.update(openings=100_000)

    assert breakers.reopen(API, trial=tried(), rules=RULES)
    assert seconds_until_trial() == pytest.approx(300, abs=1)


def test_a_trial_that_said_nothing_leaves_it_to_the_next() -> None:
    opened()

    assert breakers.give_trial_back(API, trial=tried())

    assert tried() == 2
    assert state() == "open"


@pytest.mark.parametrize("late", ["closes", "fails", "says nothing"])
def test_a_trial_that_was_given_up_for_lost_decides_nothing_any_more(late: str) -> None:
    opened()
    lost = tried()
    lose_trial()
    newest = tried()

    if late == "closes":
        assert not breakers.close(API, trial=lost)
    elif late == "fails":
        assert not breakers.reopen(API, trial=lost, rules=RULES)
    else:
        assert not breakers.give_trial_back(API, trial=lost)

    assert breakers.begin_trial(API, lasting=HALF_A_MINUTE) is None
    assert breakers.close(API, trial=newest)


def test_one_that_fails_again_while_it_recovers_stays_open_for_longer() -> None:
    opened()
    breakers.close(API, trial=tried())

    assert told(10, 10) == [API]

    assert seconds_until_trial() == pytest.approx(60, abs=1)


def test_a_recovery_that_ended_begins_the_cool_downs_anew() -> None:
    opened()
    breakers.close(API, trial=tried())
    breakers.end_recovery()

    told(10, 10)

    assert seconds_until_trial() == pytest.approx(30, abs=1)


def test_it_returns_at_the_rate_at_which_it_was_called_before_it_failed() -> None:
    told(1000, 0)
    let_pass(20)
    told(1000, 1000)
    destination = Destination.objects.get(name=API)

    assert 1.5 * 2000 / 30 <= destination.return_rate <= 1.5 * 2000 / 20


def test_it_returns_faster_when_more_has_come_to_wait_for_it_than_it_was_called_before() -> None:
    opened(cooled=False)
    for _ in range(200):
        permits.ask(call_to(), rules=RULES)
    Destination.objects.update(opened_at=Now() - timedelta(seconds=10))
    cool()

    breakers.close(API, trial=tried())

    assert Destination.objects.get().return_rate == pytest.approx(1.5 * 200 / 10, rel=0.05)


def test_a_return_that_takes_long_grows_faster_so_that_it_ends() -> None:
    opened()
    breakers.close(API, trial=tried())
    Destination.objects.update(return_rate=3.0, recovering_since=Now() - timedelta(minutes=30))

    found = breakers.breaker_of(API)

    assert found is not None
    assert found.return_rate == pytest.approx(6, rel=0.01)


def test_a_reset_closes_it_at_once_and_forgets_the_window() -> None:
    destination = opened()

    assert breakers.reset(destination.pk)
    assert not breakers.reset(destination.pk)

    assert state() == "closed"
    assert told(9, 9) == []


def test_a_tenth_of_the_calls_may_be_retries_beyond_one_a_second() -> None:
    told(200, 0)

    granted = [breakers.spend_retry(API, rules=RULES) for _ in range(90)]

    assert granted == [True] * 80 + [False] * 10


def test_retries_of_more_than_a_minute_ago_are_forgotten() -> None:
    told(1, 0)
    spent = [breakers.spend_retry(API, rules=RULES) for _ in range(62)]
    assert spent[-2:] == [True, False]

    let_pass(60)

    assert breakers.spend_retry(API, rules=RULES)


def test_a_destination_that_was_forgotten_stands_a_retry() -> None:
    assert breakers.spend_retry("http.request unknown.example.org:443", rules=RULES)
