"""What beat runs: the periodic tasks in the database, by recurrence too, and beside them the standing duties.

Any number of beats follow the same rows, without a leader. A beat that finds a task due asks its row:

    lock the row (another beat at it: look again) ─ is it due by what the row says? ─ write the run ─ send ─ commit

A beat that dies before the commit has written nothing: another sends the task once more, under the same task id.
"""

# mypy: disallow-untyped-calls=False
# django-celery-beat has no types.

import gc
import heapq
import logging
import time
from typing import Any, Final

from celery.beat import SchedulingError, event_t
from django.conf import settings
from django.db import Error, connections, router, transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string
from django_celery_beat import schedulers
from django_celery_beat.models import PeriodicTask
from kombu.common import ignore_errors

from schedules.beat import clocks
from schedules.beat.duties import Duties, Duty
from schedules.beat.entries import RecurrenceEntry

SENT_A_TICK: Final = 100
_LOOK_AGAIN: Final = 0.25  # seconds, when another beat is at the row
_TRY_AGAIN: Final = 1.0  # seconds, after a failure
_LONGEST_SENDING: Final = "10s"  # so long a beat that is paused while it sends keeps the row from the others
_ALL: Final = "periodic tasks"

logger = logging.getLogger(__name__)


class DatabaseScheduler(schedulers.DatabaseScheduler):
    """django-celery-beat's scheduler for any number of beats, which also follows RRULEs and runs `settings.BEAT_DUTIES`.

    `BEAT_DUTIES` is `{name: (dotted path of run_once, seconds)}`, with a third word for those that share a thread; those
    named in `BEAT_DUTIES_THAT_PLAN` stand still while the clocks of host and database are too far apart, as the periodic
    tasks do. The duties begin with the schedule's setup, so never for a lazy scheduler (which only introspects), and end at
    `close()`.
    """

    Entry = RecurrenceEntry
    _setting_up = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.duties = Duties(())
        self._failing: set[str] = set()
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        if DatabaseScheduler._setting_up:
            raise SystemExit  # a signal came meanwhile: Celery's handler wants to close a scheduler and so makes another
        DatabaseScheduler._setting_up = True
        try:
            self._read_and_begin()
        finally:
            DatabaseScheduler._setting_up = False

    def _read_and_begin(self) -> None:
        self._last_timestamp = self.Changes.last_change()  # before the rows are read: no later change is missed
        super().setup_schedule()
        self.duties = Duties(_duties())
        gc.freeze()  # what is loaded by now stays: the collector need not go through it at every tick
        self.duties.start()

    def enabled_models_qs(self) -> QuerySet[PeriodicTask]:
        """All of them: what comes later waits in the heap. Leaving out other hours by zone fails where zones change."""
        chosen: QuerySet[PeriodicTask] = self.Model.objects.enabled().select_related("recurrence")
        return chosen

    def schedule_changed(self) -> bool:
        """Whether somebody changed a task since this was last asked. By hosts whose clocks differ: to any other time."""
        before = self._last_timestamp
        return bool(super().schedule_changed()) or self._last_timestamp != before

    def sync(self) -> None:
        """Nothing waits to be written: each run is, as it is sent."""

    def close(self) -> None:
        self.duties.stop()
        super().close()

    def tick(self, *_: Any, **__: Any) -> float:
        """Send what is due, at most `SENT_A_TICK`; the seconds until the next is, at most `max_interval`."""
        try:
            wait = self._send_due()
        except clocks.ClocksApart as error:
            self._failed(_ALL, error)
            return _TRY_AGAIN
        except Error as error:
            self._failed(_ALL, error)
            self._last_timestamp = None  # a change may have been seen and not read
            connections.close_all()
            return _TRY_AGAIN
        self._works(_ALL)
        return wait

    def _send_due(self) -> float:
        if not self.schedule:  # read again when it has changed
            return float(self.max_interval)
        if self._heap is None or self._heap_invalidated:
            self._heap_invalidated = False
            self.populate_heap()
        for _ in range(SENT_A_TICK):
            if not self._heap:
                return float(self.max_interval)
            first = self._heap[0]
            if (wait := first.time - time.time()) > 0:
                return float(min(wait, self.max_interval))
            entry, seconds = self._look_at(first.entry)
            if entry.model.enabled:
                heapq.heapreplace(self._heap, event_t(time.time() + seconds, first.priority, entry))
            else:
                heapq.heappop(self._heap)
        return 0.0

    def _look_at(self, entry: RecurrenceEntry) -> tuple[RecurrenceEntry, float]:
        """Send the entry if it is due; as it is then, and the seconds until it is to be looked at again."""
        due, seconds = self._judged(entry)
        if not due:
            return entry, seconds
        clocks.require_agreement()
        producer = self.producer  # waits for a broker that is away: not with a row locked
        try:
            looked_at = self._send_if_due(entry, producer)
        except (SchedulingError, ValueError) as error:
            self._failed(entry.name, error)
            self._give_up_broker()
            return entry, _TRY_AGAIN
        self._works(entry.name)
        return looked_at

    def _send_if_due(self, entry: RecurrenceEntry, producer: Any) -> tuple[RecurrenceEntry, float]:
        with transaction.atomic(using=router.db_for_write(self.Model)):
            row = self.Model.objects.select_for_update(skip_locked=True).filter(pk=entry.model.pk).first()
            if row is None:
                return entry, _LOOK_AGAIN
            current = self.Entry(row, app=self.app)
            due, seconds = self._judged(current)
            if due:
                _limit_transaction()
                current.options |= {"task_id": current.task_id, "retry": False}
                current.note_run()
                logger.info("Sending periodic task %s (%s)", current.name, current.task)
                self.apply_async(current, producer=producer, advance=False)
            return current, seconds

    def _judged(self, entry: RecurrenceEntry) -> tuple[bool, float]:
        try:
            due, seconds = entry.is_due()
        except Error:
            raise
        except Exception:  # noqa: BLE001  one schedule that cannot be evaluated stops no other
            due, seconds = self._is_due_failed(entry)
        return due, seconds

    def _give_up_broker(self) -> None:
        """So that the next sending begins with a connection that answers."""
        self.__dict__.pop("producer", None)
        connection = self.__dict__.pop("connection", None)
        if connection is not None:
            ignore_errors(connection, connection.release)

    def _failed(self, what: str, error: Exception) -> None:
        if what not in self._failing:
            logger.error("%s cannot be sent, which is tried again: %s", what, error)
        self._failing.add(what)

    def _works(self, what: str) -> None:
        if what in self._failing:
            logger.warning("%s can be sent again", what)
        self._failing.discard(what)


def _limit_transaction() -> None:
    connection = connections[router.db_for_write(PeriodicTask)]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{_LONGEST_SENDING}'")


def _duties() -> list[Duty]:
    planning = getattr(settings, "BEAT_DUTIES_THAT_PLAN", ())
    duties = []
    for name, (path, seconds, *thread) in getattr(settings, "BEAT_DUTIES", {}).items():
        run_once = import_string(path)
        if name in planning:
            run_once = clocks.while_they_agree(run_once)
        duties.append(Duty(name, run_once, float(seconds), *thread))
    return duties
