"""RunJournal: where a run's step results are kept.

Results of pure steps stay in memory until something needs them durable: an effect that follows, or the
run's end. What a dead worker had not written is computed again; what it had written is never done again.

Several threads may do steps of one run. One of them writes at a time, for all that have something to write by then.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from math import isfinite
from typing import Any, Final, cast

import pipelines
from pipelines import ErrorClass, Interrupted, StepError, StepFailed, StepRecord, StepState
from pipelines.errors import storable
from pipelines.records import Mark, Remembered
from pipelines.usage import Usage
from tasks_app import faults, queue, states
from tasks_app.destinations.budgets import Bill
from tasks_app.destinations.clerk import NoAnswer
from tasks_app.destinations.guard import Guard
from tasks_app.destinations.permits import Call
from tasks_app.execution.held import HeldRun, Interruption
from tasks_app.execution.recorded import remembered_output
from tasks_app.masking import masked

_LONGEST_NAME: Final = 300
_RESULTS: Final = ("succeeded", "skipped")
_NOT_BEGUN: Final = StepError(ErrorClass.CANCELED, "not_begun", "The run was told to stop before the call was made.")
_bill: Final[ContextVar[Bill | None]] = ContextVar("bill", default=None)  # of the call that this thread makes
LONG_STEP_MS: Final = 500  # a pure step that took longer is worth a write of its own
MOST_KEPT: Final = 200  # results of pure steps: more of them would take much memory


class RunJournal:
    """The journal of one attempt. `write` makes a move durable and answers whether the lease still held."""

    def __init__(
        self, run: HeldRun, *, write: Callable[[queue.Move], bool], step_aside: Callable[[], None], guard: Guard
    ) -> None:
        self._run = run
        self._guard = guard
        self._thread = threading.get_ident()
        self._destinations: dict[int, str] = {}  # of the calls under way, or that failed last, by thread
        self._write = write
        self._step_aside = step_aside
        self._writing = threading.Lock()
        self._kept: list[queue.Step] = []
        self._to_remember: list[queue.Remembered] = []

    def share(self) -> None:
        self._step_aside()

    def recorded(self) -> Mapping[str, StepRecord]:
        if not self._run.recorded:
            return {}
        return {step: _as_record(kept) for step, kept in self._run.recorded.items() if self._counts(kept)}

    def keep(self, record: StepRecord) -> None:
        self._note(record)
        if record.idempotency_key:  # the run ends with it
            faults.hit("after_effect_before_checkpoint")
        long = record.duration_ms > LONG_STEP_MS and record.state in _RESULTS  # others go with the move that they cause
        if long or len(self._kept) >= MOST_KEPT:
            self._flush()

    def checkpoint(self, record: StepRecord) -> None:
        self._note(record)
        faults.hit("after_effect_before_checkpoint")
        self._flush()

    def remembered(self, tool: str, key: str) -> Remembered | None:
        self._let_others_go_on()
        agent = self._run.claimed.agent
        try:
            return self._guard.ask(lambda: remembered_output(agent=agent, tool=tool, key=key))
        except NoAnswer as why:
            message = "It cannot be looked up now whether a call under this key was made before."
            raise StepFailed(StepError(ErrorClass.RETRYABLE, "database_unavailable", message)) from why

    def remember(self, record: StepRecord, *, seconds: int) -> None:
        of_whom = self._run.claimed.agent, record.tool, record.idempotency_key
        self._to_remember.append(queue.Remembered(*of_whom, record.output, seconds))
        self.checkpoint(record)

    def before_effect(self, step: pipelines.Step) -> None:
        self._flush()
        if not self._run.may_go_on():
            raise Interrupted
        self._let_others_go_on()

    def begin(self, record: StepRecord) -> None:
        if not self._run.may_go_on():
            raise Interrupted
        self._note(record)
        self._flush()
        if not self._run.may_go_on():  # while that was written
            self._note(record._replace(state="failed", error=_NOT_BEGUN))
            raise Interrupted

    @contextmanager
    def calling(self, tool: str, destination: str, *, seconds: float) -> Iterator[None]:
        thread = threading.get_ident()
        self._destinations[thread] = destination = _named(destination)
        claimed = self._run.claimed
        task = claimed.task if self._run.definition.budgeted else None
        call = Call(claimed.id, claimed.agent, tool, destination, seconds, task)
        with self._guard.calling(call, wait=self._wait_to_call) as bill:
            if bill is None:
                yield
            else:
                with _charging(bill):
                    yield
        del self._destinations[thread]

    def permit(self, tool: str, scopes: frozenset[str]) -> None:
        self._guard.permit(self._run.claimed.agent, tool, scopes)

    def reserve(self, usage: Usage) -> None:
        if (bill := _bill.get()) is not None:
            bill.reserve(usage)

    def charge(self, usage: Usage) -> None:
        if (bill := _bill.get()) is not None:
            bill.settle(usage)

    def may_retry(self) -> bool:
        """Whether the destination of the call that failed stands one more retry: of this thread's last, or of any thread's."""
        failed = self._destinations.get(threading.get_ident())
        destination = next(iter(self._destinations.values()), "") if failed is None else failed
        return not destination or self._guard.may_retry(destination)

    def interrupted(self) -> bool:
        return self._run.interruption is not None

    def wait(self, seconds: float) -> bool:
        return self._run.wait(seconds)

    def unwritten(self) -> Sequence[queue.Step]:
        """What the run's last move has still to write."""
        return self._kept

    def _let_others_go_on(self) -> None:
        if threading.get_ident() == self._thread:  # the others are none of the crew's
            self._step_aside()

    def _wait_to_call(self, seconds: float) -> bool:
        """The lease may have run out meanwhile: no effect begins then."""
        return self._run.wait(seconds) or not self._run.may_go_on()

    def _counts(self, step: queue.Step) -> bool:
        """Of a run that was given another chance, no failure counts that it ended with before."""
        return step.state != states.StepState.FAILED or step.final or self._run.claimed.failures > 0

    def _note(self, record: StepRecord) -> None:
        self._kept.append(_as_step(record))

    def _flush(self) -> None:
        """Return when what this thread has noted is durable, whichever thread has written it."""
        with self._writing:
            kept = self._kept[:]
            del self._kept[: len(kept)]  # others add meanwhile, at the end
            remember = self._to_remember[:]
            del self._to_remember[: len(remember)]
            if kept and not self._write(queue.checkpoint(self._run.lease, steps=kept, remember=remember)):
                self._run.interrupt(Interruption.LEASE_LOST)  # for the other threads
            if self._run.interruption == Interruption.LEASE_LOST:
                raise Interrupted


@contextmanager
def _charging(bill: Bill) -> Iterator[None]:
    token = _bill.set(bill)
    try:
        yield
    finally:
        _bill.reset(token)


def _as_step(record: StepRecord) -> queue.Step:
    step, state, tool, given, output, error, duration, key, failures, mark, wait = record
    if key:  # only a tool that reaches outside is given secrets; nobody reads an input again but people
        given = masked(given)
    said = error_as_json(error) if error else None
    return queue.Step(step, state, tool, given, output, said, duration, key, failures, mark, wait)


def _as_record(step: queue.Step) -> StepRecord:
    return StepRecord(
        step=step.step,
        state=cast("StepState", step.state),
        tool=step.tool,
        input=step.input,
        output=step.output,
        error=_as_error(step.error) if step.state == "refused" or step.mark else None,
        duration_ms=step.duration_ms,
        idempotency_key=step.idempotency_key,
        failures=step.failures,
        mark=cast("Mark", step.mark),
        wait=step.wait,
    )


def _as_error(stored: Mapping[str, Any] | None) -> StepError:
    assert stored is not None, "who refuses says why"
    return StepError(ErrorClass(stored["error_class"]), stored["code"], stored["message"])


def _named(destination: str) -> str:
    """As it is stored. A tool may have made it of anything that a task says."""
    return str(_storable(destination))[:_LONGEST_NAME]


def error_as_json(error: StepError) -> dict[str, Any]:
    """As it is stored. A tool may put anything into it: other programs' words, bytes that are no text."""
    return {name: _storable(value) for name, value in asdict(error).items() if value is not None}


def _storable(value: object) -> object:
    if isinstance(value, float) and isfinite(value):
        return value
    return storable(value)
