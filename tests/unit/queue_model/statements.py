"""What each statement of the queue does to the rows of runs: a model of `tasks_app/queue_sql.py` in plain Python.

A statement is atomic. It answers the row as it is afterwards, or None where its WHERE refuses. Time is counted in ticks: a
lease has `LEASE` of them, the last `MARGIN` of which its worker no longer trusts; then it has expired.

Each condition that protects a run is a `Guard`, and can be taken out: so the model shows what it is for.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple

LEASE: Final = 2  # ticks
MARGIN: Final = 1
WAIT: Final = 1  # ticks that a run waits for its retry, or sleeps
DEADLY: Final = 3  # losses

FINISHED: Final = frozenset({"succeeded", "failed", "timed_out", "canceled", "dead"})


class Guard(StrEnum):
    """Conditions of statements, then two of the worker."""

    CLAIM_STATE = "a claim takes queued runs only"
    CLAIM_FENCE = "a claim raises the fence"
    MOVE_FENCE = "a move names its fence"
    MOVE_STATE = "a move leaves the state running"
    RENEW_FENCE = "a renewal names its fence"
    RENEW_STATE = "a renewal is of a running run"
    RENEW_LEASE = "a renewal is of a lease that has not expired"
    REAP_LEASE = "the reaper takes expired leases only"
    REAP_COUNT = "the reaper counts the loss"
    PROMOTE_STATE = "the promoter takes waiting runs only"
    PROMOTE_TIME = "the promoter waits for the time"
    CANCEL_STATE = "a cancel takes unfinished runs only"
    RETRY_COUNT = "a retry counts the failure"
    TRUST_MARGIN = "a worker trusts its lease for less than its length"
    TRUST_FROM_SENDING = "a worker counts its lease from when it asked"
    TRUST_LOOK = "a worker looks at its trust before an effect"


Without = frozenset[Guard]
NOTHING: Final[Without] = frozenset()


class Row(NamedTuple):
    """A run as the database has it. `left`: ticks until the lease ends, or until the wait is over."""

    state: str = "queued"
    left: int = 0
    fence: int = 0
    attempt: int = 0
    losses: int = 0
    failures: int = 0
    worker: int = 0

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    @property
    def leased(self) -> bool:
        return self.state == "running" and self.left > 0

    @property
    def lost(self) -> bool:
        return self.state == "running" and self.left == 0


# What a worker may write of its run: the state that follows.
MOVES: Final = {
    "checkpoint": "running",
    "succeed": "succeeded",
    "fail": "failed",
    "time_out": "timed_out",
    "retry": "waiting",
    "park": "waiting",
    "release": "queued",
}


def claim(row: Row, *, worker: int, without: Without = NOTHING) -> Row | None:
    if row.state != "queued" and Guard.CLAIM_STATE not in without:
        return None
    fence = row.fence + (Guard.CLAIM_FENCE not in without)
    return row._replace(state="running", left=LEASE, fence=fence, attempt=row.attempt + 1, worker=worker)


def move(row: Row, *, fence: int, kind: str, without: Without = NOTHING) -> Row | None:
    if row.fence != fence and Guard.MOVE_FENCE not in without:
        return None
    if row.state != "running" and Guard.MOVE_STATE not in without:
        return None
    state = MOVES[kind]
    left = {"running": row.left, "waiting": WAIT}.get(state, 0)
    failed = kind == "retry" and Guard.RETRY_COUNT not in without
    return row._replace(state=state, left=left, failures=row.failures + failed)


def renew(row: Row, *, fence: int, without: Without = NOTHING) -> Row | None:
    if row.fence != fence and Guard.RENEW_FENCE not in without:
        return None
    if row.state != "running" and Guard.RENEW_STATE not in without:
        return None
    if not row.leased and Guard.RENEW_LEASE not in without:
        return None
    return row._replace(left=LEASE)


def reap(rows: Sequence[Row], *, without: Without = NOTHING) -> tuple[Row, ...]:
    """Every run at once whose lease has expired. Those that one worker lost are judged together."""
    taken = {
        nth for nth, row in enumerate(rows) if row.lost or (row.state == "running" and Guard.REAP_LEASE in without)
    }
    after = list(rows)
    for worker in {rows[nth].worker for nth in taken}:
        group = [nth for nth in taken if rows[nth].worker == worker]
        blamed = to_blame([rows[nth] for nth in group])
        for nth, to_be_blamed in zip(group, blamed, strict=True):
            losses = rows[nth].losses + (to_be_blamed and Guard.REAP_COUNT not in without)
            state = "dead" if to_be_blamed and losses >= DEADLY else "queued"
            after[nth] = rows[nth]._replace(state=state, left=0, losses=losses)
    return tuple(after)


def to_blame(group: Sequence[Row]) -> list[bool]:
    """Which of the runs that one worker held when it was lost are held responsible: all of them."""
    return [True for _ in group]


def promote(row: Row, *, without: Without = NOTHING) -> Row | None:
    if row.state != "waiting" and Guard.PROMOTE_STATE not in without:
        return None
    if row.left > 0 and Guard.PROMOTE_TIME not in without:
        return None
    return row._replace(state="queued", left=0)


def cancel(row: Row, *, without: Without = NOTHING) -> Row | None:
    if row.finished and Guard.CANCEL_STATE not in without:
        return None
    return row._replace(state="canceled", left=0)


def tick(row: Row) -> Row:
    return row._replace(left=row.left - 1) if row.left else row
