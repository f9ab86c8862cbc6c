"""The guard of a process: what it lets pass by itself, and when it asks. The clerk's answers are given here."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from pipelines import ErrorClass, Interrupted, Postponed, StepError, StepFailed, ToolFailure
from tasks_app.destinations import breakers, guard, permits, rights
from tasks_app.destinations.breakers import Counts
from tasks_app.destinations.clerk import NoAnswer
from tasks_app.destinations.guard import Guard
from tasks_app.destinations.permits import Call, Go, Later, Never
from tasks_app.destinations.rights import Rights
from tasks_app.destinations.rules import Rules
from tasks_app.rate_limits import parse
from tasks_app.states import BreakerState, WaitingFor

AGENT = uuid4()
BUSY = ToolFailure(StepError(ErrorClass.RETRYABLE, "busy", "later"))


class Postgres:
    """In the place of the clerk and its statements: remembers what it was asked, and answers what it is told to."""

    def __init__(self) -> None:
        self.away = False
        self.troubled: dict[str, BreakerState] = {}
        self.answer: Go | Later | Never = Go()
        self.asked: list[str] = []
        self.told: list[tuple[str, int, int]] = []
        self.trials: list[str] = []
        self.rights = Rights("alice", True, frozenset({"notify"}), time.monotonic())

    def do(self, act: Callable[[], Any]) -> Any:
        if self.away:
            raise NoAnswer("it is away")
        return act()

    def record(self, counts: dict[str, Counts], **_rules: object) -> dict[str, BreakerState]:
        self.told += [(name, each.calls, each.failures) for name, each in counts.items()]
        return {name: self.troubled.get(name, BreakerState.CLOSED) for name in counts}

    def ask(self, call: Call, **_rules: object) -> tuple[Go | Later | Never, BreakerState]:
        self.asked.append(call.destination)
        return self.answer, self.troubled.get(call.destination, BreakerState.CLOSED)


@pytest.fixture
def postgres(monkeypatch: pytest.MonkeyPatch) -> Postgres:
    made = Postgres()
    monkeypatch.setattr(breakers, "record", made.record)
    monkeypatch.setattr(breakers, "troubled", lambda: dict(made.troubled))
    monkeypatch.setattr(breakers, "end_recovery", lambda: made.trials.append("end") or [])
    for name in ("close", "reopen", "give_trial_back"):
        monkeypatch.setattr(breakers, name, lambda *_a, _name=name, **_k: made.trials.append(_name))
    monkeypatch.setattr(permits, "ask", made.ask)
    monkeypatch.setattr(rights, "_read", lambda _agent: made.rights)
    monkeypatch.setattr(guard, "IN_PLACE", 0.05)
    return made


def guard_of(postgres: Postgres, **rules: Any) -> Guard:
    made = Guard(Rules(**rules))
    made._clerk = postgres  # type: ignore[assignment]
    return made


def call(destination: str = "llm.generate") -> Call:
    return Call(uuid4(), AGENT, "llm.generate", destination, 30.0)


def never_stopped(_seconds: float) -> bool:
    return False


def made(by: Guard, raised: BaseException | None = None, *, to: str = "llm.generate") -> None:
    with by.calling(call(to), wait=never_stopped):
        if raised:
            raise raised


def failed(by: Guard, raised: BaseException = BUSY) -> None:
    with pytest.raises(type(raised)):
        made(by, raised)


def test_calls_that_succeed_ask_nobody_and_are_told_together(postgres: Postgres) -> None:
    guarding = guard_of(postgres)
    for _ in range(100):
        made(guarding)
    assert (postgres.asked, postgres.told) == ([], [])

    guarding._share()

    assert postgres.told == [("llm.generate", 100, 0)]
    guarding._share()
    assert len(postgres.told) == 1


def test_a_failure_is_told_at_once_with_the_successes_before_it(postgres: Postgres) -> None:
    guarding = guard_of(postgres)
    made(guarding), made(guarding)

    failed(guarding)

    assert postgres.told == [("llm.generate", 3, 1)]


def test_a_call_that_says_nothing_is_not_counted(postgres: Postgres) -> None:
    guarding = guard_of(postgres)

    failed(guarding, Interrupted())
    failed(guarding, ValueError())
    guarding._share()

    assert postgres.told == []


def test_a_call_to_what_is_open_asks_and_waits_as_it_is_told(postgres: Postgres) -> None:
    postgres.troubled = {"llm.generate": BreakerState.OPEN}
    postgres.answer = Later(17.0, WaitingFor.BREAKER)

    with pytest.raises(Postponed) as postponed:
        made(guard_of(postgres))

    assert (postponed.value.seconds, postponed.value.reason) == (17.0, "breaker")


def test_a_call_that_waited_for_too_long_fails_so_that_it_may_be_retried(postgres: Postgres) -> None:
    postgres.troubled = {"llm.generate": BreakerState.OPEN}
    postgres.answer = Never(3600.0)

    with pytest.raises(StepFailed) as refused:
        made(guard_of(postgres))

    assert (refused.value.error.error_class, refused.value.error.code) == ("retryable", "destination_unavailable")


@pytest.mark.parametrize(
    ("raised", "outcome"), [(None, "close"), (BUSY, "reopen"), (Interrupted(), "give_trial_back")], ids=str
)
def test_a_trial_says_what_came_of_it(postgres: Postgres, raised: BaseException | None, outcome: str) -> None:
    postgres.troubled, postgres.answer = {"llm.generate": BreakerState.OPEN}, Go(trial=3)
    guarding = guard_of(postgres)

    if raised:
        failed(guarding, raised)
    else:
        made(guarding)

    assert postgres.trials == [outcome]


def test_a_run_that_is_stopped_while_it_waits_for_its_slot_gives_its_trial_back(postgres: Postgres) -> None:
    postgres.troubled, postgres.answer = {"llm.generate": BreakerState.OPEN}, Go(0.5, trial=3)
    waits: list[float] = []

    with (
        pytest.raises(Interrupted),
        guard_of(postgres).calling(call(), wait=lambda seconds: bool(waits.append(seconds)) or True),
    ):
        pytest.fail("it was called")

    assert (waits, postgres.trials) == ([0.5], ["give_trial_back"])


def test_a_call_whose_time_was_spent_waiting_says_nothing_of_its_destination(postgres: Postgres) -> None:
    guarding, impatient = guard_of(postgres, limits=parse(["llm.generate=1/s"])), replace(call(), seconds=0.02)
    postgres.answer = Go(0.03)

    with (
        pytest.raises(StepFailed) as failing,
        guarding.calling(impatient, wait=lambda seconds: bool(time.sleep(seconds))),
    ):
        pytest.fail("it was called")

    assert (failing.value.error.error_class, failing.value.error.code) == (ErrorClass.TIMEOUT, "no_time_to_call")
    assert postgres.told == []


def test_a_limit_asks_even_for_a_tool_without_destination(postgres: Postgres) -> None:
    guarding = guard_of(postgres, limits=parse(["llm.generate=1/s"]))

    made(guarding, to="")
    made(guarding)

    assert postgres.asked == ["", "llm.generate"]


def test_of_what_has_not_answered_yet_only_two_calls_are_under_way(postgres: Postgres) -> None:
    guarding, under_way = guard_of(postgres), threading.Barrier(3)
    finish = threading.Event()

    def slow() -> None:
        with guarding.calling(call(), wait=never_stopped):
            under_way.wait(5)
            finish.wait(5)

    threads = [threading.Thread(target=slow) for _ in range(2)]
    for thread in threads:
        thread.start()
    under_way.wait(5)

    with pytest.raises(Postponed) as postponed:
        made(guarding)
    made(guarding, to="http.request other:443")

    assert (postponed.value.reason, 2.5 <= postponed.value.seconds <= 5) == ("breaker", True)
    finish.set()
    for thread in threads:
        thread.join(5)
    with guarding.calling(call(), wait=never_stopped), guarding.calling(call(), wait=never_stopped):
        made(guarding)


def test_a_failure_makes_the_others_careful_until_the_next_success(postgres: Postgres) -> None:
    guarding = guard_of(postgres)
    made(guarding)
    failed(guarding)

    with (
        guarding.calling(call(), wait=never_stopped),
        guarding.calling(call(), wait=never_stopped),
        pytest.raises(Postponed),
    ):
        made(guarding)
    made(guarding)


def test_a_stopped_run_does_not_go_on_waiting_for_a_place(postgres: Postgres) -> None:
    guarding = guard_of(postgres)

    with (
        guarding.calling(call(), wait=never_stopped),
        guarding.calling(call(), wait=never_stopped),
        pytest.raises(Interrupted),
        guarding.calling(call(), wait=lambda _seconds: True),
    ):
        pytest.fail("it was called")


def test_without_postgres_calls_to_what_is_well_go_on_and_are_told_later(postgres: Postgres) -> None:
    guarding = guard_of(postgres)
    made(guarding)
    postgres.away = True
    guarding._copied_at = time.monotonic() - 60

    made(guarding)
    failed(guarding)
    assert guarding.may_retry("llm.generate")
    postgres.away = False
    guarding._share()

    assert postgres.told == [("llm.generate", 3, 1)]


def test_without_postgres_nobody_calls_what_is_open(postgres: Postgres) -> None:
    postgres.troubled = {"llm.generate": BreakerState.OPEN}
    guarding = guard_of(postgres)
    guarding._copy()
    postgres.away = True

    with pytest.raises(Postponed):
        made(guarding)


def test_what_could_not_be_written_is_told_by_the_next(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object, **_rules: object) -> None:
        raise OSError("disk full")

    guarding = guard_of(postgres)
    made(guarding)
    with monkeypatch.context() as breaking:
        breaking.setattr(breakers, "record", broken)
        with pytest.raises(OSError, match="disk full"):
            guarding._share()

    guarding._share()

    assert postgres.told == [("llm.generate", 1, 0)]


def test_one_that_recovers_is_looked_after_each_second(postgres: Postgres) -> None:
    postgres.troubled = {"llm.generate": BreakerState.RECOVERING}
    guarding = guard_of(postgres)
    made(guarding)

    guarding._share()

    assert postgres.trials == ["end"]
    postgres.troubled = {}
    guarding._share()
    made(guarding)
    assert postgres.asked == ["llm.generate"]


def test_what_nobody_calls_any_more_is_forgotten_and_a_quiet_process_asks_nothing(postgres: Postgres) -> None:
    guarding = guard_of(postgres)
    made(guarding)
    guarding._share()
    guarding._seen["llm.generate"].called_at -= 61
    guarding._share()
    assert guarding._seen == {}

    guarding._called_at -= 61
    postgres.troubled = {"llm.generate": BreakerState.OPEN}
    guarding._share()

    assert guarding._troubled == {}


def test_a_retry_over_budget_is_told_so(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breakers, "spend_retry", lambda *_given, **_rules: False)

    assert not guard_of(postgres).may_retry("llm.generate")


def test_a_trial_whose_outcome_cannot_be_told_is_left_to_its_lease(postgres: Postgres) -> None:
    postgres.troubled, postgres.answer = {"llm.generate": BreakerState.OPEN}, Go(trial=3)
    guarding = guard_of(postgres)

    with guarding.calling(call(), wait=never_stopped):
        postgres.away = True

    assert postgres.trials == []
    assert guarding._seen["llm.generate"].under_way == 0


def test_a_call_gives_its_place_back_even_when_what_came_of_it_cannot_be_told(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ValueError("not to be stored")

    monkeypatch.setattr(breakers, "record", refuse)
    monkeypatch.setattr(breakers, "reopen", refuse)
    guarding = guard_of(postgres)

    postgres.troubled, postgres.answer = {"llm.generate": BreakerState.OPEN}, Go(trial=3)
    with pytest.raises(ValueError, match="not to be stored"):
        made(guarding, BUSY)

    assert guarding._seen["llm.generate"].under_way == 0


def test_an_agent_that_is_disabled_calls_nothing(postgres: Postgres) -> None:
    postgres.rights = replace(postgres.rights, active=False)

    with pytest.raises(StepFailed, match="disabled") as refused:
        made(guard_of(postgres), to="")

    assert (refused.value.error.code, refused.value.error.error_class) == ("agent_disabled", ErrorClass.PERMANENT)


@pytest.mark.parametrize(
    ("has", "needs", "code"),
    [({"notify"}, {"notify"}, None), ({"admin"}, {"notify"}, None), (set(), {"notify", "read"}, "scope_missing"),
     ({"notify"}, {"notify", "read"}, "scope_missing")],
)  # fmt: skip
def test_an_agent_calls_what_it_has_the_scopes_for(
    postgres: Postgres, has: set[str], needs: set[str], code: str | None
) -> None:
    postgres.rights = replace(postgres.rights, scopes=frozenset(has))

    refused = None
    try:
        guard_of(postgres).permit(AGENT, "pager.alert", frozenset(needs))
    except StepFailed as failed:
        refused = failed.error

    assert (refused and refused.code) == code
    assert refused is None or "read" in refused.message


def test_what_an_agent_may_do_is_asked_once_a_second(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(rights, "_read", lambda agent: asked.append(agent) or replace(postgres.rights, read_at=now[0]))
    now = [100.0]
    monkeypatch.setattr(rights.time, "monotonic", lambda: now[0])
    guarding = guard_of(postgres)

    for moment in (100.0, 100.9, 101.1):
        now[0] = moment
        guarding.permit(AGENT, "a")

    assert asked == [AGENT, AGENT]


def test_without_postgres_what_was_known_of_an_agent_counts_and_one_that_is_not_known_waits(postgres: Postgres) -> None:
    guarding = guard_of(postgres)
    guarding.permit(AGENT, "a")
    guarding._agents._known[AGENT] = replace(postgres.rights, read_at=float("-inf"))
    postgres.away = True

    guarding.permit(AGENT, "a", frozenset({"notify"}))
    with pytest.raises(Postponed) as later:
        guarding.permit(uuid4(), "a")

    assert later.value.reason == "breaker"


def test_a_process_remembers_so_many_agents_and_no_more(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "_MOST", 2)
    guarding = guard_of(postgres)
    agents = [uuid4() for _ in range(3)]

    for agent in agents:
        guarding.permit(agent, "a")

    assert list(guarding._agents._known) == agents[1:]
