"""Consumer: reads every event of the platform once, in order, for a group of processes.

One process of a group is at it at a time, under a lease; the others stand by and one of them takes over when it
falls silent. The group's position is a row of Postgres and moves in the transaction of the handler's effects. So
there is no partition to balance and nothing pending in Redis that could be lost, trimmed or claimed out of order,
and a stream that is emptied needs no group to be made anew: the position was never there.
"""

import logging
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from django.db import Error, connection, transaction
from prometheus_client import Counter

from tasks_app.conf import conf
from tasks_app.events import deadletters, positions
from tasks_app.events.deadletters import MOST_DELIVERIES, HandlerDied
from tasks_app.events.event import Event
from tasks_app.events.positions import Hold, PositionLost, Start
from tasks_app.events.reading import Reader
from tasks_app.events.stream import WAIT_SECONDS
from tasks_app.models import DeadLetter
from tasks_app.outages import is_outage

Handler = Callable[[Event], object]

BATCH: Final = 100
_BACKOFF_SECONDS: Final = 1.0
_STANDBY_SECONDS: Final = 1.0

# The handler took too long: its statement, or its transaction while it waited for something else.
_OWN_FAULT: Final = frozenset({"57014", "25P03"})

_handled = Counter("orchestrator_events_handled_total", "Events that a group has handled.", ["group"])
missed = Counter("orchestrator_events_missed_total", "Events pruned before a group had read them.", ["group"])

logger = logging.getLogger(__name__)


class Consumer:
    """Calls `handle` with every event, in the order of `pos`, in a transaction that moves the group's position.

    What `handle` writes to Postgres through Django therefore happens exactly once. An effect elsewhere (an HTTP
    call, a file) may happen again when the process dies before the commit, or when a later event of the same batch
    fails: give `event.id` to the other side to tell the repetition, or write down here what is to be sent and send
    it from there. `handle` has 30 seconds, after which Postgres ends its transaction.

    A handler that raises is called again after 1, 2, 4 and 8 seconds; then the event becomes a dead letter of the
    group and the next one is handled. A database that does not answer is no fault of the event: it is waited for.

    group: at most 100 characters. start: where a group begins that is new, behind the newest event or before the
    oldest that is kept. batch: how many events share a transaction; 1 for a handler whose effects elsewhere should
    be repeated as rarely as can be. lease: after how much silence another process takes over.
    """

    def __init__(
        self,
        group: str,
        handle: Handler,
        *,
        start: Start = "newest",
        batch: int = BATCH,
        lease: timedelta | None = None,
    ) -> None:
        if not 0 < len(group) <= positions.LONGEST_GROUP:
            raise ValueError(f"A group's name has 1 to {positions.LONGEST_GROUP} characters, not {len(group)}.")
        if batch < 1:
            raise ValueError("A batch holds at least one event.")
        self.group = group
        self._handle = handle
        self._start: Start = start
        self._batch = batch
        self._lease = lease or conf().lease
        self._holder = f"{socket.gethostname()}:{os.getpid()}"[:100]
        self._reader = Reader(wait=min(WAIT_SECONDS, self._lease.total_seconds() / 3))
        self._hold: Hold | None = None
        self._pos = 0
        self._one_by_one_until = 0
        self._blameless = False
        self._unsure = False
        self._began = False
        self._undelivered: DeadLetter | None = None

    def run(self, stop: threading.Event) -> None:
        """Handle events until `stop` is set; what is being handled then is ended first. It outlives Redis and Postgres."""
        try:
            while not stop.is_set():
                if self._outlived(stop) == 0 and self._hold is None:
                    stop.wait(self._some(_STANDBY_SECONDS))
        finally:
            self._let_go()
            connection.close()

    def run_once(self, stop: threading.Event) -> int:
        """Take the group if nobody has it, and handle what comes next; answers how many events were handled or buried."""
        if self._undelivered:
            deadletters.want_again(self._undelivered)
            self._undelivered = None
        if self._hold is None and not self._take():
            return 0
        assert self._hold is not None
        if self._unsure:  # a commit that was not answered may have happened
            self._pos, self._unsure = positions.of(self._hold), False
        self._deliver_letters(stop)
        before = self._pos
        events = self._reader.next(after=before, limit=self._batch, stop=stop)
        if not events:
            positions.renew(self._hold, pos=before, lease=self._lease)
            return 0
        if events[0].pos > before + 1:
            before = self._skip_to(events[0].pos - 1)
        self._deliver(events, stop)
        return self._pos - before

    def _outlived(self, stop: threading.Event) -> int:
        try:
            return self.run_once(stop)
        except PositionLost as lost:
            logger.warning("%s", lost)
            self._hold = None
        except Error as error:
            if not is_outage(error):
                raise
            logger.warning("%s waits for the database: %s", self.group, error)
            connection.close()
            stop.wait(self._some(_BACKOFF_SECONDS))
            self._unsure = True
        return 0

    def _some(self, seconds: float) -> float:
        """About so long, and never so long that a lease would end: processes that began together part."""
        return random.uniform(0.5, 1) * min(seconds, self._lease.total_seconds() / 3)  # noqa: S311 - no secret

    def _take(self) -> bool:
        if not self._began:
            positions.begin(self.group, start=self._start)
            self._began = True
        taken = positions.claim(self.group, holder=self._holder, lease=self._lease)
        if taken is None:
            return False
        self._hold, self._pos = taken
        # The one before us may have died of an event of its last batch: find out which, one by one.
        self._one_by_one_until = self._pos + self._batch
        logger.info("%s is read by %s from event %s on", self.group, self._holder, self._pos + 1)
        return True

    def _let_go(self) -> None:
        self._reader.close()
        hold, self._hold = self._hold, None
        try:
            if hold is not None:
                positions.release(hold)
        except Error as error:
            if not is_outage(error):
                raise
            logger.warning("%s is not handed over, its lease will end: %s", self.group, error)

    def _skip_to(self, pos: int) -> int:
        """Go on behind events that were pruned before this group had read them: nobody can bring them back."""
        assert self._hold is not None
        positions.skip_missing(self._hold, pos=self._pos, to=pos)
        lost = pos - self._pos
        missed.labels(self.group).inc(lost)
        logger.error("%s was away too long: events %s to %s are not kept any more", self.group, self._pos + 1, pos)
        self._pos = pos
        return pos

    def _deliver(self, events: Sequence[Event], stop: threading.Event) -> None:
        if self._pos >= self._one_by_one_until:
            try:
                self._handle_all(events)
            except PositionLost:
                raise
            except Exception as error:  # whatever it raises: its event is found below, and counted
                if _is_blameless(error):
                    raise
            else:
                return
        for event in events:
            if stop.is_set():
                return
            self._deliver_one(event, stop)

    def _deliver_one(self, event: Event, stop: threading.Event) -> None:
        """Until it is handled, buried, or the consumer is stopped."""
        while not stop.is_set():
            nth = self._count_delivery()
            if nth > MOST_DELIVERIES:
                died = HandlerDied(f"{MOST_DELIVERIES} processes ended while they handled it")
                self._bury(event, died, deliveries=nth - 1)
                return
            try:
                self._handle_all([event])
            except PositionLost:
                raise
            except Exception as error:  # whatever a handler raises is counted and kept
                if _is_blameless(error):
                    self._blameless = True
                    raise
                logger.warning("%s: delivery %s of event %s failed", self.group, nth, event.pos, exc_info=True)
                if nth >= MOST_DELIVERIES:
                    self._bury(event, error, deliveries=nth)
                    return
            else:
                return
            self._pause(_BACKOFF_SECONDS * 2 ** (nth - 1), stop)

    def _count_delivery(self) -> int:
        assert self._hold is not None
        nth = positions.count_delivery(self._hold, pos=self._pos, lease=self._lease, again=self._blameless)
        self._blameless = False
        return nth

    def _handle_all(self, events: Sequence[Event]) -> None:
        assert self._hold is not None
        to = events[-1].pos
        with transaction.atomic():
            positions.advance(self._hold, pos=self._pos, to=to, lease=self._lease)
            for event in events:
                self._handle(event)
        self._pos = to
        _handled.labels(self.group).inc(len(events))

    def _bury(self, event: Event, error: BaseException, *, deliveries: int) -> None:
        assert self._hold is not None
        with transaction.atomic():
            positions.advance(self._hold, pos=self._pos, to=event.pos, lease=self._lease)
            deadletters.bury(self.group, event, error, deliveries=deliveries)
        self._pos = event.pos

    def _pause(self, seconds: float, stop: threading.Event) -> None:
        """Wait, and keep the group meanwhile."""
        assert self._hold is not None
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not stop.is_set():
            stop.wait(min(left, self._lease.total_seconds() / 3))
            positions.renew(self._hold, pos=self._pos, lease=self._lease)

    def _deliver_letters(self, stop: threading.Event) -> None:
        """The dead letters that somebody asked for: each once, behind the events that overtook it."""
        while not stop.is_set() and (letter := deadletters.next_asked_for(self.group)):
            try:
                if deadletters.begin_delivery(letter):
                    self._deliver_letter(letter)
            except Exception:
                self._undelivered = letter  # the wish is off the letter already: it is put back when that can be done
                raise

    def _deliver_letter(self, letter: DeadLetter) -> None:
        assert self._hold is not None
        try:
            with transaction.atomic():
                positions.renew(self._hold, pos=self._pos, lease=self._lease)
                self._handle(Event.read(letter.event))
                letter.delete()
        except PositionLost:
            raise
        except Exception as error:
            if _is_blameless(error):
                raise
            deadletters.note_failure(letter, error)
            logger.warning("%s could not handle event %s this time either", self.group, letter.pos, exc_info=True)


def _is_blameless(error: Exception) -> bool:
    """Whether the database failed the handler, and not the handler its event."""
    return is_outage(error) and getattr(error.__cause__, "sqlstate", None) not in _OWN_FAULT
