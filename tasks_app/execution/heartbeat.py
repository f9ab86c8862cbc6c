"""Heartbeat: keeps the leases of a process and its line in the register, from a thread and a connection of its own."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import Error, connection
from prometheus_client import Counter, Gauge

from tasks_app import queue
from tasks_app.execution.held import TRUST_MARGIN, HeldRun, Interruption
from tasks_app.execution.presence import Presence

_held = Gauge("orchestrator_leases_held", "Runs in the hands of workers.", multiprocess_mode="livesum")
_missed = Counter("orchestrator_heartbeats_missed_total", "Heartbeats that did not reach Postgres.")

logger = logging.getLogger(__name__)


class Heartbeat:
    """Renews the lease of every run it is told of, and interrupts those whose lease was lost."""

    def __init__(self, *, every: timedelta, lease: timedelta, presence: Presence) -> None:
        self._presence = presence
        self.stopping = False
        self._every = every.total_seconds()
        self._lease = lease
        self._held: dict[UUID, HeldRun] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=5)

    def trust_from(self, sent: float) -> float:
        """Until when (monotonic) a lease asked for at `sent` is surely ours."""
        lease = self._lease.total_seconds()
        return sent + lease - min(TRUST_MARGIN, lease / 6)

    def watch(self, run: HeldRun) -> None:
        self._held[run.claimed.id] = run

    def forget(self, run: HeldRun) -> None:
        known = self._held.pop(run.claimed.id, run)
        if known is not run:
            self._held[run.claimed.id] = known

    def held(self) -> list[HeldRun]:
        return list(self._held.values())

    def beat_once(self) -> int:
        """Renew every lease held; answers how many were lost."""
        held = self.held()
        if not held:
            return 0
        sent = time.monotonic()
        renewal = queue.renew([run.lease for run in held], lease=self._lease)
        lost = 0
        for run in held:
            if run.claimed.id in renewal.renewed:
                run.trusted_until = self.trust_from(sent)
            elif run.claimed.id in renewal.lost and self._held.get(run.claimed.id) is run:
                run.interrupt(Interruption.LEASE_LOST)
                lost += 1
        return lost

    def _beat(self) -> None:
        self._try_to(self._tell)
        while not self._stopped.wait(self._every):
            self._try_to(self.beat_once)
            self._try_to(self._tell)
        _held.set(0)
        self._try_to(self._presence.end)
        connection.close()

    def _tell(self) -> None:
        _held.set(len(self._held))
        self._presence.tell(held=len(self._held), stopping=self.stopping)

    def _try_to(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Error as error:
            # Leases that cannot be renewed are not trusted for long: each run sees to that itself.
            logger.warning("A heartbeat was missed; trying again: %s", error)
            _missed.inc()
            connection.close()
        except Exception:  # a fault of ours must not leave the runs of this process without a heartbeat
            logger.exception("The heartbeat failed; going on")
