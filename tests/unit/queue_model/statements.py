"""What each statement of the queue does to the rows of runs: a model of `tasks_app/queue_sql.py` in plain Python.

A statement is atomic. It answers the row as it is afterwards, or None where its WHERE refuses. Time is counted in ticks: a
lease has `LEASE` of them, the last `MARGIN` of which its worker no longer trusts; then it has expired.

Each condition that protects a run is a `Guard`, and can be taken out: so the model shows what it is for.
"""

from enum import StrEnum
from typing import Final, NamedTuple

LEASE: Final = 2  # ticks
MARGIN: Final = 1
WAIT: Final = 1  # ticks that a run waits for its retry, or sleeps
DEADLY: Final = 3  # losses
NOBODY: Final = -1  # the worker of a run that was never claimed
NEVER: Final = -1  # the fence under which a run was begun that never was

FINISHED: Final = frozenset({"succeeded", "failed", "timed_out", "canceled", "dead"})


class Guard(StrEnum):
    """Conditions of statements, then those of the worker."""

    CLAIM_STATE = "a claim takes queued runs only"
    CLAIM_FENCE = "a claim raises the fence"
    MOVE_FENCE = "a move names its fence"
    MOVE_STATE = "a move leaves the state running"
    RENEW_FENCE = "a renewal names its fence"
    RENEW_STATE = "a renewal is of a running run"
    RENEW_LEASE = "a renewal is of a lease that has not expired"
    REAP_LEASE = "the reaper takes expired leases only"
    REAP_BEGUN = "the reaper blames a run that was lost before only when it had begun"
    PUT_BACK_COUNT = "who puts a run back that is blamed counts the loss"
    BURY_WORKER = "a burial names its worker"
    BURY_STATE = "a burial takes running runs only"
    BEGIN_FENCE = "a suspect's beginning names its fence"
    BEGIN_STATE = "a suspect's beginning is of a running run"
    PROMOTE_STATE = "the promoter takes waiting runs only"
    PROMOTE_TIME = "the promoter waits for the time"
    CANCEL_STATE = "a cancel takes unfinished runs only"
    RETRY_COUNT = "a retry counts the failure"
    TRUST_MARGIN = "a worker trusts its lease for less than its length"
    TRUST_FROM_SENDING = "a worker counts its lease from when it asked"
    TRUST_LOOK = "a worker looks at its trust before an effect"
    SUSPECT_RECORDED = "a worker begins a suspect only after that was recorded"
    SUSPECT_ALONE = "a worker begins a run that was lost twice only when it is alone"


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
    worker: int = NOBODY
    begun_fence: int = NEVER

    @property
    def begun(self) -> bool:
        """Whether it was recorded of this lease that the run had begun."""
        return self.begun_fence == self.fence

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    @property
    def leased(self) -> bool:
        return self.state == "running" and self.left > 0

    @property
    def lost(self) -> bool:
        return self.state == "running" and self.left == 0


class Blame(NamedTuple):
    """That a worker's death is put down to the run which it held under this fence."""

    fence: int
    timed_out: bool = False


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


def still_ours(row: Row, *, fence: int) -> Row | None:
    return row if row.fence == fence and row.state == "running" else None


def begin_suspect(row: Row, *, fence: int, without: Without = NOTHING) -> Row | None:
    if row.fence != fence and Guard.BEGIN_FENCE not in without:
        return None
    if row.state != "running" and Guard.BEGIN_STATE not in without:
        return None
    return row._replace(begun_fence=row.fence)


def reap(row: Row, *, without: Without = NOTHING) -> Row | None:
    """A run that was never lost is blamed, and one that was when it had begun."""
    if row.state != "running" or (row.left > 0 and Guard.REAP_LEASE not in without):
        return None
    blamed = row.losses == 0 or row.begun or Guard.REAP_BEGUN in without
    return _put_back(row, blamed=blamed, without=without)


def bury(row: Row, *, worker: int, blame: Blame | None, without: Without = NOTHING) -> Row | None:
    """Blamed is whom the obituary names under the fence that the row has."""
    if row.worker != worker and Guard.BURY_WORKER not in without:
        return None
    if row.state != "running" and Guard.BURY_STATE not in without:
        return None
    blamed = blame is not None and blame.fence == row.fence
    return _put_back(row, blamed=blamed, timed_out=blamed and blame is not None and blame.timed_out, without=without)


def _put_back(row: Row, *, blamed: bool, timed_out: bool = False, without: Without = NOTHING) -> Row:
    losses = row.losses + (blamed and Guard.PUT_BACK_COUNT not in without)
    state = "timed_out" if timed_out else "dead" if blamed and losses >= DEADLY else "queued"
    return row._replace(state=state, left=0, losses=losses)


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
