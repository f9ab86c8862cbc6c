"""Whether a call may begin: the breaker, the limits, and the place in line that a run keeps while it waits."""

import itertools
import time
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from tasks_app.destinations import breakers, permits
from tasks_app.destinations.permits import Call, Go, Later, Never
from tasks_app.destinations.rules import Rules
from tasks_app.models import Destination, PostponedCall
from tasks_app.rate_limits import parse
from tests.integration.destinations.making import API, RULES, call_to, let_pass, opened, told

pytestmark = pytest.mark.django_db

LIMITED = Rules(limits=parse(["http.request=60/m"]))


def asked(call: Call | None = None, *, rules: Rules = RULES) -> Go | Later | Never:
    answer, _state = permits.ask(call or call_to(), rules=rules)
    return answer


def later(call: Call | None = None, *, rules: Rules = RULES) -> Later:
    answer = asked(call, rules=rules)
    assert isinstance(answer, Later), answer
    return answer


def test_nothing_is_in_the_way_of_a_call_to_what_is_well_or_unknown() -> None:
    assert asked() == Go()
    told(1000, 10)

    assert asked() == Go()
    assert not PostponedCall.objects.exists()


def test_a_call_to_what_failed_waits_for_the_time_of_the_next_trial() -> None:
    opened(cooled=False)

    answer = later()

    assert (answer.waiting_for, answer.seconds) == ("breaker", pytest.approx(30, abs=1))


def test_the_first_to_come_then_tries_and_the_others_wait_for_what_it_finds() -> None:
    opened()

    assert asked() == Go(trial=1)
    assert later() == Later(pytest.approx(5, abs=0.5), "breaker")  # type: ignore[arg-type]


def test_those_who_wait_come_back_one_after_the_other() -> None:
    opened(cooled=False)
    Destination.objects.update(return_rate=2.0)

    begun = time.monotonic()
    waits = [later().seconds for _ in range(6)]
    took = time.monotonic() - begun

    assert waits == [pytest.approx(30 + nth / 2, abs=1 + took) for nth in range(6)]
    assert [after - before for before, after in itertools.pairwise(waits)] == [pytest.approx(0.5, abs=0.05 + took)] * 5


def test_when_it_answers_again_they_return_in_line_and_what_is_new_lines_up_behind_them() -> None:
    opened(cooled=False)
    Destination.objects.update(return_rate=2.0)
    waiting = [call_to() for _ in range(30)]
    for each in waiting:
        later(each)
    let_pass(31)
    first = asked(waiting[0])
    assert first == Go(trial=1)
    breakers.close(API, trial=1)

    assert later().seconds > 10
    assert [isinstance(asked(each), Go) for each in waiting[1:4]] == [True] * 3
    assert breakers.end_recovery() == []
    let_pass(60)
    assert breakers.end_recovery() == [API]
    assert asked() == Go()


def test_a_run_that_comes_back_too_soon_keeps_its_place() -> None:
    opened(cooled=False)
    call = call_to()
    promised = later(call).seconds
    let_pass(10)
    for _ in range(5):
        later()

    assert later(call) == Later(pytest.approx(promised - 10, abs=0.5), "breaker")  # type: ignore[arg-type]


def test_a_call_that_waited_for_longer_than_its_patience_is_given_up() -> None:
    opened(cooled=False)
    call = call_to()
    later(call)
    for _ in range(3):  # as long as it comes back, it is one wait
        let_pass(240)
        come_back(call)
        open_for_another(240)
        assert isinstance(asked(call), Later)
    impatient = Rules(patience=timedelta(minutes=12))

    answer = asked(call, rules=impatient)

    assert isinstance(answer, Never)
    assert answer.waited == pytest.approx(3 * 240, abs=5)
    assert isinstance(asked(call, rules=impatient), Never), "its retry begins no new wait"
    assert isinstance(asked(call_to(), rules=impatient), Later), "another has only begun to wait"


def come_back(call: Call) -> None:
    PostponedCall.objects.filter(run_id=call.run).update(promised_at=Now())


def open_for_another(seconds: float) -> None:
    Destination.objects.update(next_trial_at=Now() + timedelta(seconds=seconds))


def test_calls_under_a_limit_go_evenly_and_the_rest_gets_in_line() -> None:
    begun = time.monotonic()
    answers = [asked(rules=LIMITED) for _ in range(5)]
    took = time.monotonic() - begun

    assert answers[0] == Go(pytest.approx(0, abs=0.1))
    kinds = [each.waiting_for if isinstance(each, Later) else "go" for each in answers]
    assert kinds[2:] == ["rate_limit"] * 3
    assert answers[4].seconds - answers[3].seconds == pytest.approx(1, abs=0.05 + took)  # type: ignore[union-attr]


def test_a_place_is_used_once_and_given_up_with_it() -> None:
    for _ in range(3):
        asked(rules=LIMITED)
    call = call_to()
    promised = later(call, rules=LIMITED).seconds
    behind = later(call_to(), rules=LIMITED).seconds
    let_pass(promised)

    assert isinstance(asked(call, rules=LIMITED), Go)

    assert not PostponedCall.objects.filter(run_id=call.run).exists()
    assert later(call, rules=LIMITED).seconds > behind - promised, "the next call of the run is a new one"


def test_a_place_that_was_lost_with_its_worker_takes_nothing_from_the_others() -> None:
    limits = Rules(limits=parse(["http.request=1/m"]))
    asked(rules=limits)
    lost, next_in_line = call_to(), call_to()
    later(lost, rules=limits), later(next_in_line, rules=limits)
    let_pass(120)

    assert asked(next_in_line, rules=limits) == Go(pytest.approx(0, abs=0.1))


def test_a_place_that_nobody_came_back_to_for_long_is_none() -> None:
    opened(cooled=False)
    call = call_to()
    later(call)
    let_pass(1000)
    open_for_another(30)

    later(call)

    assert PostponedCall.objects.filter(run_id=call.run, since__gt=Now() - timedelta(seconds=5)).exists()


def test_a_trial_that_gets_no_slot_is_left_to_the_next() -> None:
    opened()
    told(1, 0, of="http.request b.example.org:443")
    asked(call_to("http.request b.example.org:443"), rules=LIMITED)
    asked(call_to("http.request b.example.org:443"), rules=LIMITED)

    assert later(rules=LIMITED).waiting_for == "rate_limit"

    assert Destination.objects.get(name=API).trial_until is None


def test_a_tool_without_destination_keeps_its_limit_all_the_same() -> None:
    limits = Rules(limits=parse(["test.tool=1/m"]))
    call = call_to("", tool="test.tool")

    assert asked(call, rules=limits) == Go(pytest.approx(0, abs=0.1))
    assert later(call, rules=limits).seconds == pytest.approx(60, abs=1)
