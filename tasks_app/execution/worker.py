"""Worker: one process's share of the queue. Its dispatcher claims, feeds the crew, and writes what comes back."""

import logging
import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from django.db import connection, transaction

from tasks_app import queue
from tasks_app.admission import Openings, admit
from tasks_app.conf import Conf
from tasks_app.destinations.guard import Guard
from tasks_app.destinations.rules import Rules
from tasks_app.events import wakeup
from tasks_app.execution import vacated
from tasks_app.execution.board import Board, Obituary, Slot
from tasks_app.execution.burial import bury
from tasks_app.execution.claims import Claims
from tasks_app.execution.crew import Crew
from tasks_app.execution.deaf import Deaf
from tasks_app.execution.definitions import Definitions
from tasks_app.execution.doubt import Doubt
from tasks_app.execution.heartbeat import Heartbeat
from tasks_app.execution.held import HeldRun, Interruption
from tasks_app.execution.inbox import Inbox, Kind, Wanted
from tasks_app.execution.intake import BATCH, Intake
from tasks_app.execution.lookout import LOOK_EVERY, Lookout
from tasks_app.execution.presence import Presence
from tasks_app.execution.recorded import readable_steps
from tasks_app.execution.runner import carry_out, not_storable
from tasks_app.execution.suspects import Suspects
from tasks_app.execution.ticker import Ticker
from tasks_app.outages import is_outage
from tasks_app.states import RunState

HAND_BACK_AFTER: Final = 1.0  # seconds that a claimed run may wait for a thread
RELIEVE_AFTER: Final = 0.05  # seconds that one run may keep the others of its batch from starting
PAUSE_WITHOUT_POSTGRES: Final = 1.0  # seconds
_BUSY_ROUND: Final = 0.005  # seconds in which finished runs gather to be written together
_STOP_ROUND: Final = 0.5  # seconds until an idle dispatcher sees that it should stop
_LAST_WORDS: Final = 1.0  # seconds for interrupted steps to give up after the grace

logger = logging.getLogger(__name__)


class Worker:
    """Create it after the process has forked, `start` it, and `stop` it before the process ends."""

    def __init__(
        self,
        *,
        name: str,
        conf: Conf,
        slot: Slot | None = None,
        stop_requested: Callable[[], bool] = lambda: False,
        retire: Callable[[], object] = bool,
    ) -> None:
        """`retire` ends the process: it is called when the worker has stopped because too many of its threads are deaf."""
        self._name = name
        self._conf = conf
        self._slot = slot or Board(processes=1, threads=conf.worker_threads).slots[0]
        self._ticker = Ticker(self._slot)
        self._predecessor: Obituary | None = None
        self._lookout = Lookout(under_way=self._under_way, give_up=self._give_up)
        self._deaf = Deaf(self._slot, threads=conf.worker_threads)
        self._stop_requested = stop_requested
        self._retire = retire
        self._retiring = False
        self._crew: Crew[HeldRun] = Crew(self._work, size=conf.worker_threads)
        self._intake = Intake(threads=conf.worker_threads)
        presence = Presence(name=name, threads=conf.worker_threads)
        self._claims = Claims(worker=name, lease=conf.lease, most=BATCH)
        self._heartbeat = Heartbeat(every=conf.heartbeat, lease=conf.lease, presence=presence)
        self._suspects = Suspects()
        self._alone_since: float | None = None
        self._definitions = Definitions()
        self._inbox = Inbox()
        self._guard = Guard(Rules.of(conf))
        self._unfed: Sequence[queue.ClaimedRun] = ()
        self._unfed_since = 0.0
        self._doubt = Doubt(worker=name)
        self._openings = Openings()
        self._bell = threading.Event()
        self._dry = threading.Event()
        self._hinted = False
        self._next_claim = 0.0
        self._stopping_since: float | None = None
        self._stopped = threading.Event()
        self._dispatcher = threading.Thread(target=self._dispatch, name="dispatcher", daemon=True)

    def start(self) -> None:
        self._predecessor = self._slot.take(self._name, pid=os.getpid())
        self._ticker.start()
        self._heartbeat.start()
        self._guard.start()
        self._dispatcher.start()

    def drain(self) -> bool:
        """Claim until nothing is due; answers then, or, with False, when the worker stops."""
        self._dry.clear()
        self._hinted = True
        self._bell.set()
        if not self._stopped.is_set():  # else nobody is left to answer
            self._dry.wait()
        return self._stopping_since is None

    def stop(self) -> None:
        """Stop claiming, let running steps finish within the grace, hand back the rest.

        What cannot be handed back, as without a database, is left to the process that takes this one's place.
        """
        if self._stopping_since is None:
            self._stopping_since = time.monotonic()
        self._bell.set()
        self._stopped.wait(self._conf.stop_grace.total_seconds() + 3 * _LAST_WORDS)
        self._heartbeat.stop()
        self._guard.stop()
        self._crew.stop()
        self._ticker.stop()
        if self._stopped.is_set():
            self._slot.leave()

    # The crew's side.

    def _work(self, run: HeldRun) -> None:
        seat = self._crew.seat
        self._slot.begin(seat, run.lease, deadline=run.deadline)
        move = carry_out(run, write=self._write_and_wait(run), step_aside=self._crew.step_aside, guard=self._guard)
        self._slot.end(seat)
        self._inbox.put(Wanted(move, run, Kind.DONE))
        if not self._crew.backlog or len(self._inbox) >= BATCH:
            self._bell.set()

    def _write_and_wait(self, run: HeldRun) -> Callable[[queue.Move], bool]:
        def write(move: queue.Move) -> bool:
            wanted = Wanted(move, run, Kind.CHECKPOINT)
            self._inbox.put(wanted)
            self._bell.set()
            return wanted.wait()

        return write

    # The dispatcher's side.

    def _dispatch(self) -> None:
        while not self._stopped.is_set():
            try:
                self._round()
            except Exception as error:  # not even a fault of ours may leave this process without a dispatcher
                if is_outage(error):
                    logger.warning("Postgres does not answer as it should; trying again in a second: %s", error)
                    self._claims.failed()
                else:
                    logger.exception("The dispatcher failed; going on in a second")
                connection.close()
                self._hinted = True
                self._doubt.arise()
                time.sleep(PAUSE_WITHOUT_POSTGRES)
        self._dry.set()
        self._inbox.close()
        connection.close()
        if self._retiring:
            self._retire()

    def _round(self) -> None:
        if self._stopping_since is None and self._stop_requested():
            self._stopping_since = time.monotonic()
        self._bury_predecessor()
        self._feed()
        if self._stopping_since is not None:
            self._wind_down(time.monotonic() - self._stopping_since)
        else:
            self._begin_suspects()
            self._look()
        wanted = self._inbox.take()
        limit = self._appetite(finishing=sum(each.kind is Kind.DONE for each in wanted))
        claimed = (wanted or limit) and self._exchange(wanted, limit=limit)
        if self._openings:
            self._let_in()
        if self._doubt.of_claim and self._doubt.settle_claim(known=[run.claimed.id for run in self._heartbeat.held()]):
            self._hinted = claimed = True
        if claimed:
            return
        self._bell.wait(self._patience())
        self._bell.clear()

    def _appetite(self, *, finishing: int) -> int:
        """How many runs to claim now, when `finishing` of those in hand are about to be written."""
        if self._stopping_since is not None or self._suspects.one_wants_to_be_alone:
            return 0
        hinted, self._hinted = self._hinted, False
        if not hinted and time.monotonic() < self._next_claim:
            return 0
        # A suspect that waits takes a place, too: else one process would claim all that there are, to begin them a few at a time.
        room = self._intake.room(backlog=self._crew.backlog, finishing=finishing)
        limit = max(room - self._suspects.waiting, 0)
        if not limit:
            self._hinted |= hinted
        return min(limit, self._claims.most)

    def _exchange(self, wanted: Sequence[Wanted], *, limit: int) -> bool:
        """Write what is wanted and claim what there is room for, in one transaction: its commit is what costs.

        Answers whether runs were claimed.
        """
        self._doubt.settle_moves(wanted)
        sent = time.monotonic()
        moves = [each.move for each in wanted if each.move]
        try:
            with transaction.atomic():
                held = queue.move(moves) if moves else set()
                claimed = self._claims.take(limit) if limit else []
        except Exception as error:
            if is_outage(error) or not moves:
                raise
            logger.exception("One of %d moves could not be stored: writing each by itself", len(moves))
            self._write_apart(wanted)
            return False
        for each in wanted:
            self._settle(each, held=each.run.claimed.id in held)
        if limit:
            self._unfed, self._unfed_since = claimed, sent
            self._feed()
            # One that must be alone was claimed by itself, whatever lies behind it.
            self._plan_next_claim(full=len(claimed) == limit or self._suspects.one_wants_to_be_alone)
        return bool(claimed)

    def _write_apart(self, wanted: Sequence[Wanted]) -> None:
        """Write every move by itself; a run whose own cannot be stored has failed."""
        for each in wanted:
            held = False
            try:
                held = bool(each.move and queue.move([each.move]))
            except Exception as error:
                if is_outage(error):
                    raise
                logger.exception("Run %s fails: its move cannot be stored", each.run.claimed.id)
                if queue.move([not_storable(each.run)]):
                    vacated.note(self._openings, each.run.claimed, RunState.FAILED)
            self._settle(each, held=held)

    def _settle(self, wanted: Wanted, *, held: bool) -> None:
        self._inbox.written(wanted)
        if held and wanted.move:
            vacated.note(self._openings, wanted.run.claimed, wanted.move.state)
        wanted.settle(held=held)
        if wanted.kind is Kind.CHECKPOINT:
            return
        self._heartbeat.forget(wanted.run)
        if wanted.run.claimed.losses:
            self._suspects.end(wanted.run)
        if wanted.kind is Kind.DONE:
            self._deaf.discard(wanted.run)
            self._intake.finished()
        elif wanted.kind is Kind.NOT_BEGUN:
            self._intake.handed_back()

    def _let_in(self) -> None:
        """Let others go on where runs have made room; tried again by a later round if Postgres does not answer now."""
        admitted = admit(self._openings)
        self._openings = Openings()
        if not admitted:
            return
        self._hinted = True
        self._bell.set()
        if self._stopping_since is not None or self._intake.room(backlog=self._crew.backlog) < admitted:
            wakeup.send()

    def _plan_next_claim(self, *, full: bool) -> None:
        if full:
            self._next_claim = 0.0
            self._intake.call_for_help(wakeup.send)
            return
        self._next_claim = time.monotonic() + self._conf.poll.total_seconds() * random.uniform(1, 2)  # noqa: S311
        self._intake.queue_is_empty()
        if not self._hinted:
            self._dry.set()

    def _feed(self) -> None:
        """Give the crew what was claimed, by a later round if Postgres does not answer now."""
        if not self._unfed:
            return
        definitions = self._definitions.of((run.task, run.task_version) for run in self._unfed)
        recorded = readable_steps([run.id for run in self._unfed if run.attempt > 1])
        trusted_until = self._heartbeat.trust_from(self._unfed_since)
        claimed, self._unfed = self._unfed, ()
        for run in claimed:
            definition = definitions[run.task, run.task_version]
            held = HeldRun(run, definition, recorded.get(run.id, {}), trusted_until=trusted_until)
            self._heartbeat.watch(held)
            if run.losses:
                self._suspects.add(held)
            else:
                self._intake.claimed()
                self._crew.put(held)

    def _begin_suspects(self) -> None:
        """Let those begin whose turn it is; where one wants to be alone, make room for it as if the worker stopped."""
        if not self._suspects.waiting:
            return
        if not self._suspects.one_wants_to_be_alone or self._suspects.one_is_alone:
            self._alone_since = None
        else:
            self._alone_since = self._alone_since or time.monotonic()
            self._clear_out(time.monotonic() - self._alone_since)
            if self._deaf:
                self._begin_to_retire("a run must be alone, and a thread does not come back from its tool")
                return
        ready = self._suspects.ready(others=self._intake.in_flight - self._suspects.begun)
        ours = queue.begin_suspects([run.lease for run in ready]) if ready else set()
        for run in ready:
            if run.claimed.id not in ours:
                self._drop(run)
                continue
            self._suspects.begin(run)
            run.begin()
            self._intake.claimed()
            self._crew.put(run)

    def _drop(self, run: HeldRun) -> None:
        """It is no longer ours, and nothing has been begun of it."""
        self._heartbeat.forget(run)
        self._suspects.end(run)

    def _bury_predecessor(self) -> None:
        """Put back what was in the hands of the process whose place this one took."""
        if self._predecessor:
            bury(self._predecessor)
            self._predecessor = None
            self._hinted = True

    def _look(self) -> None:
        """See to the runs that take too long: to finish, or to find a thread."""
        if self._crew.backlog:
            self._crew.relieve(after=RELIEVE_AFTER)
        if not self._lookout.look():
            return
        if self._deaf and (why := self._deaf.too_much()):
            self._begin_to_retire(why)
        now = time.monotonic()
        for run in self._crew.take_back() if self._crew.backlog else ():
            if now - run.claimed_at > HAND_BACK_AFTER:
                self._hand_back(run)
            else:
                self._crew.put(run)

    def _begin_to_retire(self, why: str) -> None:
        logger.warning("This process ends, and another takes its place: %s", why)
        self._retiring = True
        self._stopping_since = time.monotonic()

    def _under_way(self) -> list[HeldRun]:
        """The runs in hand but for the suspects that still wait."""
        return [run for run in self._heartbeat.held() if run not in self._suspects]

    def _hand_back(self, run: HeldRun) -> None:
        self._inbox.put(Wanted(queue.release(run.lease), run, Kind.NOT_BEGUN))

    def _give_up(self, run: HeldRun, move: queue.Move) -> None:
        """Move a run whose thread does not listen; what the thread still comes to will be refused."""
        if not run.given_up:
            run.given_up = True
            self._deaf.add(run)
            self._inbox.put(Wanted(move, run, Kind.GIVEN_UP))

    def _wind_down(self, stopping_for: float) -> None:
        """Steps that run may finish within the grace; then they are interrupted; then their runs are handed back."""
        self._dry.set()
        self._heartbeat.stopping = True
        for run in self._suspects.take_back():
            self._intake.claimed()
            self._hand_back(run)
        self._clear_out(stopping_for)
        if not self._heartbeat.held() and not self._inbox and not self._doubt.of_claim:
            self._stopped.set()

    def _clear_out(self, clearing_for: float) -> None:
        """Let whatever has begun leave this process, by its end or, after the grace, unfinished."""
        grace = self._conf.stop_grace.total_seconds()
        for run in self._crew.take_back():
            self._hand_back(run)
        for run in self._under_way():
            run.stop_at_next_step = True
            if clearing_for > grace:
                run.interrupt(Interruption.STOPPING)
            if clearing_for > grace + _LAST_WORDS:
                self._give_up(run, queue.release(run.lease))

    def _patience(self) -> float:
        """How long to wait for the bell, in seconds."""
        if self._crew.backlog or self._stopping_since is not None:
            return _BUSY_ROUND if self._crew.backlog else 0.05
        if self._intake.in_flight:
            return LOOK_EVERY
        return min(max(self._next_claim - time.monotonic(), 0.0), _STOP_ROUND)
