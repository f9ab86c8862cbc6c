"""Guard: stands before every call of a process's runs, and sees what comes of it."""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar
from uuid import UUID

import prometheus_client as prometheus

from pipelines import ErrorClass, Interrupted, Postponed, StepError, StepFailed
from tasks_app.destinations import breakers, permits
from tasks_app.destinations.breakers import Counts
from tasks_app.destinations.budgets import Account, Bill, Books
from tasks_app.destinations.clerk import EVERY, Clerk, NoAnswer
from tasks_app.destinations.permits import Call, Go, Later
from tasks_app.destinations.rights import Agents, Rights
from tasks_app.destinations.rules import WINDOW, Rules
from tasks_app.destinations.verdicts import Verdict, verdict_of
from tasks_app.states import BreakerState, WaitingFor

UNPROVEN: Final = 2  # calls that one process has under way to a destination of which it knows no success
IN_PLACE: Final = 1.0  # seconds that a call waits for such a place
_ASK_AGAIN: Final = 5.0  # seconds, of which 50 to 100 % are waited
_LOOK_UP: Final = 0.25  # seconds after which a waiting call sees that its run was told to stop
_FRESH: Final = 3 * EVERY  # seconds for which a copy of the breakers is good enough
_WINDOW: Final = WINDOW.total_seconds()

T = TypeVar("T")

logger = logging.getLogger(__name__)

_postponed = prometheus.Counter(
    "orchestrator_calls_postponed_total", "Calls that were not made yet, by what their run waits for.", ["waiting_for"]
)
_waited = prometheus.Counter(
    "orchestrator_rate_wait_seconds_total", "Seconds that calls have waited in place for a slot."
)
_delayed = prometheus.Counter(
    "orchestrator_retries_over_budget_total", "Retries that wait longer: too many were asked for."
)


@dataclass(slots=True)
class _Seen:
    """What this process knows of a destination. Times are monotonic seconds."""

    under_way: int = 0
    failed_last: bool = False
    answered_at: float = float("-inf")
    called_at: float = 0.0
    untold: Counts = field(default_factory=Counts)

    def proven(self, now: float) -> bool:
        return not self.failed_last and now - self.answered_at < _WINDOW


class Guard:
    """One for all threads of a process; `start` it after the process has forked."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._clerk = Clerk(self._share)
        self._agents = Agents(self._ask)
        self._books = Books(self._ask)
        self._changed = threading.Condition()
        self._seen: dict[str, _Seen] = {}
        self._troubled: dict[str, BreakerState] = {}
        self._copied_at = float("-inf")
        self._called_at = float("-inf")

    def start(self) -> None:
        self._clerk.start()

    def stop(self) -> None:
        self._clerk.stop()

    @contextmanager
    def calling(self, call: Call, *, wait: Callable[[float], bool]) -> Iterator[Bill | None]:
        """Surrounds a call, and gives its bill if there is a budget. `wait` sleeps, and answers True when the run must not go on.

        Raises `Postponed`, `StepFailed` when the call has waited for too long, its agent is disabled or its budget used up, and
        `Interrupted`.
        """
        rights = self.permit(call.agent, call.tool)
        if not call.destination:
            self._permitted(call, wait)
            yield self._billed(call, rights)
            return
        asked_at = time.monotonic()
        seen = self._entered(call.destination, wait)
        verdict, trial = Verdict.SILENT, None
        try:
            trial = self._permitted(call, wait)
            if time.monotonic() - asked_at >= call.seconds:  # made now, it would fail by no fault of the destination's
                raise StepFailed(_no_time(call))
            bill = self._billed(call, rights)
            try:
                yield bill
            except BaseException as raised:
                verdict = verdict_of(raised)
                raise
            else:
                verdict = verdict_of(None)
        finally:
            self._left(call.destination, seen, verdict, trial)

    def ask(self, act: Callable[[], T]) -> T:
        """What `act`, a short question to Postgres, answers on the connection that the guard has for such. Raises `NoAnswer`."""
        return self._clerk.do(act)

    def permit(self, agent: UUID, tool: str, scopes: frozenset[str] = frozenset()) -> Rights:
        """What the agent may do. Raises `StepFailed` when it is disabled or lacks one of the scopes, and `Postponed` while
        nobody knows.
        """
        try:
            rights = self._agents.of(agent)
        except NoAnswer:
            raise _later(_ASK_AGAIN * random.uniform(0.5, 1.0), WaitingFor.BREAKER) from None  # noqa: S311 - spreads load
        if (refusal := rights.refusal(tool, scopes)) is not None:
            raise StepFailed(refusal)
        return rights

    def may_retry(self, destination: str) -> bool:
        """Whether one more retry is within the destination's budget; within it counts one. Without Postgres it is."""
        try:
            within = self._clerk.do(lambda: breakers.spend_retry(destination, rules=self._rules))
        except NoAnswer:
            return True
        if not within:
            _delayed.inc()
        return within

    # Before the call.

    def _billed(self, call: Call, rights: Rights) -> Bill | None:
        """Charge the call, where its agent or its task has a budget: last of all, since it is not given back."""
        accounts = [Account(call.agent, "minute")] if rights.budgeted else []
        if call.task is not None:
            accounts.append(Account(call.task, "day"))
        return self._books.open(accounts) if accounts else None

    def _ask(self, question: Callable[[], T]) -> T:
        return self._clerk.do(question)

    def _entered(self, destination: str, wait: Callable[[float], bool]) -> _Seen:
        """Wait in place until few enough calls are under way to a destination that may be about to fail.

        Else all the threads of all the workers would have failed before the first of them knew.
        """
        until = time.monotonic() + IN_PLACE
        while True:
            with self._changed:
                now = self._called_at = time.monotonic()
                seen = self._seen.setdefault(destination, _Seen())
                seen.called_at = now
                open_now = self._troubled.get(destination) == BreakerState.OPEN
                if seen.under_way < UNPROVEN or seen.proven(now) or open_now:
                    seen.under_way += 1
                    return seen
                if now < until:
                    self._changed.wait(min(_LOOK_UP, until - now))
            if now >= until:
                raise _later(_ASK_AGAIN * random.uniform(0.5, 1.0), WaitingFor.BREAKER)  # noqa: S311 - spreads load
            if wait(0.0):
                raise Interrupted

    def _permitted(self, call: Call, wait: Callable[[float], bool]) -> int | None:
        """Ask, unless nothing is wrong. Answers the number of the trial, if the call is one."""
        if not self._must_ask(call):
            return None
        try:
            answer, state = self._clerk.do(lambda: permits.ask(call, rules=self._rules))
        except NoAnswer:
            raise _later(_ASK_AGAIN * random.uniform(0.5, 1.0), WaitingFor.BREAKER) from None  # noqa: S311 - spreads load
        self._note_state(call.destination, state)
        if isinstance(answer, Later):
            raise _later(answer.seconds, answer.waiting_for)
        if not isinstance(answer, Go):
            raise StepFailed(_unavailable(call.destination, answer.waited))
        if answer.wait:
            _waited.inc(answer.wait)
            if wait(answer.wait):
                self._end_trial(call.destination, answer.trial, Verdict.SILENT)
                raise Interrupted
        return answer.trial

    def _must_ask(self, call: Call) -> bool:
        if self._rules.limits_of(call.tool, call.destination):
            return True
        if not call.destination:
            return False
        if time.monotonic() - self._copied_at > _FRESH:
            try:
                self._clerk.do(self._copy_if_old)
            except NoAnswer:  # the runs' leases end soon without Postgres; until then calls go on as before
                logger.warning("The breakers cannot be read now")
        return call.destination in self._troubled

    # After the call.

    def _left(self, destination: str, seen: _Seen, verdict: Verdict, trial: int | None) -> None:
        with self._changed:
            if verdict is Verdict.FAILED:
                seen.failed_last = True
                seen.untold.failed()
            elif verdict is Verdict.ANSWERED:
                seen.failed_last = False
                seen.answered_at = time.monotonic()
                seen.untold.answered()
        try:
            if verdict is Verdict.FAILED:
                self._tell_at_once()
        finally:
            try:
                self._end_trial(destination, trial, verdict)
            finally:
                self._free(seen)

    def _free(self, seen: _Seen) -> None:
        """Whatever became of the telling: a place that stays taken would hold up the destination's other calls."""
        with self._changed:
            seen.under_way -= 1
            self._changed.notify_all()

    def _tell_at_once(self) -> None:
        """The thread that met a failure waits: until it is told, its place is taken."""
        try:
            self._clerk.do(self._tell)
        except NoAnswer:
            logger.warning("A failed call cannot be told now; it will be later")

    def _end_trial(self, destination: str, trial: int | None, verdict: Verdict) -> None:
        if trial is None:
            return
        try:
            self._clerk.do(lambda: _settled(destination, trial, verdict, self._rules))
        except NoAnswer:
            logger.warning("What came of the trial of %s cannot be told; another will be made", destination)
        if verdict is Verdict.ANSWERED:
            self._note_state(destination, BreakerState.RECOVERING)

    # On the clerk's thread.

    def _share(self) -> None:
        """What is done each second while calls are made."""
        self._books.settle_late()
        if time.monotonic() - self._called_at > _WINDOW:
            return
        self._tell()
        if BreakerState.RECOVERING in self._troubled.values():
            breakers.end_recovery()
        self._copy()
        self._forget()

    def _tell(self) -> None:
        with self._changed:
            told = {name: seen.untold for name, seen in self._seen.items() if seen.untold.calls}
            for name in told:
                self._seen[name].untold = Counts()
        if not told:
            return
        try:
            states = breakers.record(told, rules=self._rules)
        except BaseException:
            with self._changed:
                for name, counts in told.items():
                    seen = self._seen.setdefault(name, _Seen())
                    seen.untold = counts.before(seen.untold)
            raise
        for name, state in states.items():
            self._note_state(name, state)

    def _copy(self) -> None:
        troubled = breakers.troubled()
        with self._changed:
            self._troubled = troubled
            self._copied_at = time.monotonic()
            self._changed.notify_all()

    def _copy_if_old(self) -> None:
        """Many threads may have asked for it at once."""
        if time.monotonic() - self._copied_at > EVERY:
            self._copy()

    def _forget(self) -> None:
        """A task may name any number of hosts: those that nobody calls any more take no room."""
        old = time.monotonic() - _WINDOW
        with self._changed:
            for name, seen in list(self._seen.items()):
                if seen.called_at < old and not seen.under_way and not seen.untold.calls:
                    del self._seen[name]

    def _note_state(self, destination: str, state: BreakerState) -> None:
        with self._changed:
            if state == BreakerState.CLOSED:
                self._troubled.pop(destination, None)
            else:
                self._troubled[destination] = state
            self._changed.notify_all()


def _settled(destination: str, trial: int, verdict: Verdict, rules: Rules) -> None:
    if verdict is Verdict.ANSWERED:
        breakers.close(destination, trial=trial)
    elif verdict is Verdict.FAILED:
        breakers.reopen(destination, trial=trial, rules=rules)
    else:
        breakers.give_trial_back(destination, trial=trial)


def _later(seconds: float, waiting_for: WaitingFor) -> Postponed:
    _postponed.labels(waiting_for).inc()
    return Postponed(seconds, reason=waiting_for)


def _no_time(call: Call) -> StepError:
    message = f"the {call.seconds:.1f} s that the step had left were spent waiting to call {call.destination}"
    return StepError(ErrorClass.TIMEOUT, "no_time_to_call", message)


def _unavailable(destination: str, waited: float) -> StepError:
    message = f"{destination} has failed for so many calls that it is not called now; this one waited {waited:.0f} s"
    return StepError(ErrorClass.RETRYABLE, "destination_unavailable", message)
