"""Burial: what becomes of the runs of a process that is dead for certain."""

import logging
import os
import time

from prometheus_client.multiprocess import mark_process_dead

from tasks_app import queue, workers
from tasks_app.execution.board import Obituary, Seat
from tasks_app.outages import is_outage

logger = logging.getLogger(__name__)


def bury(dead: Obituary) -> None:
    """Put its runs back at once. If that fails, except for an outage of Postgres, their leases will end by themselves.

    Whom it is put down to: the runs because of which it had to be killed; if that is not known, those that were under way.
    """
    try:
        _bury(dead)
    except Exception as error:
        if is_outage(error):
            raise
        logger.exception("Worker %s cannot be buried: its leases will end by themselves", dead.worker)


def _bury(dead: Obituary) -> None:
    blame = [_stuck(dead, seat) for seat in dead.blamed] or [_under_way(dead, seat) for seat in dead.begun]
    states = queue.bury(
        worker=dead.worker,
        blame=blame,
        message=f"The process of worker {dead.worker} died, which was not this run's doing.",
    )
    workers.lose(name=dead.worker)
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        mark_process_dead(dead.pid)  # type: ignore[no-untyped-call]  # what it gauged is no longer so
    if states:
        logger.warning(
            "The process of worker %s died: %d runs put back, blamed: %s",
            dead.worker,
            len(states),
            ", ".join(str(each.lease.run_id) for each in blame) or "none",
        )


def _stuck(dead: Obituary, seat: Seat) -> queue.Blame:
    message = (
        f"A tool of this run kept the interpreter of worker {dead.worker} to itself for {dead.silent:.0f} s, "
        "so its process was killed."
    )
    return queue.Blame(seat.lease, "worker_stuck", message, timed_out=time.monotonic() > seat.deadline)


def _under_way(dead: Obituary, seat: Seat) -> queue.Blame:
    message = f"The process of worker {dead.worker} died while this run was under way."
    return queue.Blame(seat.lease, "worker_lost", message)
