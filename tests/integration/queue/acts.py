"""Every statement of the model, as it is executed on Postgres."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection

from tasks_app import queue
from tasks_app.models.run import Lease
from tasks_app.states import RunState
from tests.making import claim
from tests.unit.queue_model.statements import Row

WORKER: Final = "worker"
LEASE: Final = timedelta(hours=2)  # however slow the machine, no time but the ticks ends it
DOUBT: Final = timedelta(hours=1)  # what is left of a lease after a tick
WAIT: Final = 3600.0  # seconds
ERROR: Final = {"error_class": "retryable", "code": "busy", "message": "Busy."}

WRITE: Final[dict[str, Callable[[Lease], queue.Move]]] = {
    "checkpoint": lambda lease: queue.checkpoint(lease, steps=()),
    "succeed": queue.succeed,
    "fail": lambda lease: queue.fail(lease, error=ERROR),
    "time_out": lambda lease: queue.time_out(lease, error=ERROR),
    "retry": lambda lease: queue.retry(lease, delay=WAIT, error=ERROR),
    "park": lambda lease: queue.park(lease, delay=WAIT),
    "release": queue.release,
}


class Action(NamedTuple):
    """A statement; `current`: whether it names the row's fence, or the one before."""

    statement: str
    current: bool = True


ACTIONS: Final = (
    *(Action(name) for name in ("claim", "reap", "promote", "cancel", "tick", "bury", "bury another")),
    *(
        Action(name, current)
        for name in ("renew", "still ours", "begin_suspect", "bury and blame", "bury and time out", *WRITE)
        for current in (True, False)
    ),
)


class Different(AssertionError):
    """Model and database disagree."""


def act(row: Row, action: Action, run: UUID, bystander: UUID) -> bool:
    """Execute it; answers whether it did something to the run."""
    lease = Lease(run, row.fence if action.current else row.fence - 1)
    if action.statement in WRITE:
        return queue.move([WRITE[action.statement](lease)]) == {run}
    if action.statement in _BURIALS:
        return bool(_BURIALS[action.statement](lease, Lease(bystander, row.fence)))
    return _STATEMENTS[action.statement](row, lease)


def _claim(row: Row, lease: Lease) -> bool:
    return [(each.id, each.fence, each.attempt) for each in claim(WORKER, lease=LEASE)] == [
        (lease.run_id, row.fence + 1, row.attempt + 1)
    ]


def _renew(row: Row, lease: Lease) -> bool:
    renewal = queue.renew([lease], lease=LEASE)
    if renewal.renewed ^ renewal.lost != {lease.run_id}:
        raise Different(f"The renewal of {lease} answers {renewal}.")
    return bool(renewal.renewed)


def _still_ours(row: Row, lease: Lease) -> bool:
    return queue.still_ours([lease]) == {lease.run_id}


def _begin_suspect(row: Row, lease: Lease) -> bool:
    return queue.begin_suspects([lease]) == {lease.run_id}


def _bury(*blamed: Lease, worker: str = WORKER, timed_out: bool = False) -> list[RunState]:
    blame = [queue.Blame(lease, "worker_lost", "It was this one.", timed_out=timed_out) for lease in blamed]
    return queue.bury(worker=worker, blame=blame, message="It was another.")


def _tick(row: Row, lease: Lease) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE tasks_run
               SET lease_until = CASE WHEN lease_until > clock_timestamp() + %(doubt)s THEN clock_timestamp() + %(doubt)s
                                      WHEN lease_until IS NOT NULL THEN clock_timestamp() - interval '1 second' END,
                   run_at = CASE WHEN state = 'waiting' THEN clock_timestamp() - interval '1 second' ELSE run_at END
             WHERE id = %(run)s
            """,
            {"run": lease.run_id, "doubt": DOUBT},
        )
    return True


_STATEMENTS: Final[dict[str, Callable[[Row, Lease], bool]]] = {
    "claim": _claim,
    "renew": _renew,
    "still ours": _still_ours,
    "begin_suspect": _begin_suspect,
    "tick": _tick,
    "reap": lambda row, lease: bool(queue.reap(limit=10)),
    "promote": lambda row, lease: queue.promote(limit=10) == 1,
    "cancel": lambda row, lease: queue.cancel([lease.run_id], reason="enough") == [lease.run_id],
}

# Given what is held of the run, and what the dead worker may have held of another.
_BURIALS: Final[dict[str, Callable[[Lease, Lease], list[RunState]]]] = {
    "bury": lambda lease, other: _bury(other),
    "bury and blame": lambda lease, other: _bury(lease),
    "bury and time out": lambda lease, other: _bury(lease, timed_out=True),
    "bury another": lambda lease, other: _bury(lease, worker="another"),
}
