"""The model of the queue beside the real one: every statement, from every row that it can meet.

The rows that statements lead to are found with the model's statements alone, as a tree of shortest ways. The tree is then
walked on Postgres by savepoints, so that each statement is executed once for each row, and the outcome is compared: whether
it was accepted, the row, and that nothing else changed. Time is moved by an UPDATE of the row.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db import Error, connection, transaction

from tasks_app import queue
from tasks_app.models.run import Lease
from tests.making import claim, make_run, make_task
from tests.unit.queue_model import statements
from tests.unit.queue_model.machine import Asked
from tests.unit.queue_model.statements import Row

LEASE: Final = timedelta(hours=2)  # however slow the machine, no time but the ticks ends it
DOUBT: Final = timedelta(hours=1)  # what is left of a lease after a tick
WAIT: Final = 3600.0  # seconds
MOST_FAILURES: Final = 1
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


class Outcome(NamedTuple):
    accepted: bool
    row: Row


ACTIONS: Final = (
    *(Action(name) for name in ("claim", "reap", "promote", "cancel", "tick")),
    *(Action(name, current) for name in ("renew", *WRITE) for current in (True, False)),
)


class Different(AssertionError):
    """Model and database disagree."""


@dataclass
class Tree:
    """For each row, those that statements lead to which nothing shorter leads to."""

    children: dict[Row, dict[Action, Row]] = field(default_factory=dict)

    @classmethod
    def grown(cls) -> "Tree":
        tree = cls()
        found = {like(Row())}
        ahead = [Row()]
        for row in ahead:
            grown: dict[Action, Row] = {}
            for action in ACTIONS:
                after = modelled(row, action).row
                if like(after) not in found and after.failures <= MOST_FAILURES:
                    found.add(like(after))
                    ahead.append(after)
                    grown[action] = after
            tree.children[row] = grown
        return tree

    def asked(self) -> set[Asked]:
        """What is compared, in the words of the model check."""
        rows = {row._replace(fence=0, attempt=0) for row in self.children}
        return {Asked(row, action.statement, action.current) for row in rows for action in ACTIONS}


def like(row: Row) -> Row:
    """The row that stands for all whose differences no statement looks at."""
    return Row(row.state) if row.finished else row._replace(fence=min(row.fence, 1), attempt=min(row.attempt, 1))


def modelled(row: Row, action: Action) -> Outcome:
    fence = row.fence if action.current else row.fence - 1
    after: Row | None
    if action.statement == "reap":
        [after] = statements.reap([row])
        return Outcome(after != row, after)
    if action.statement == "tick":
        after = statements.tick(row)
    elif action.statement == "claim":
        after = statements.claim(row, worker=0)
    elif action.statement == "promote":
        after = statements.promote(row)
    elif action.statement == "cancel":
        after = statements.cancel(row)
    elif action.statement == "renew":
        after = statements.renew(row, fence=fence)
    else:
        after = statements.move(row, fence=fence, kind=action.statement)
    return Outcome(after is not None, after or row)


def compare(tree: Tree) -> int:
    """Walk the tree on Postgres; answers how many statements were compared. Raises `Different` at the first difference."""
    bystander = make_run(make_task())
    run = make_run(make_task())
    try:
        claim("a bystander", limit=1, lease=timedelta(days=1))
        seen = _look(run.pk, bystander.pk)
        return _compare_from(Row(), tree, run.pk, seen, way=())
    except Error as error:
        raise Different(str(error)) from error


def _compare_from(row: Row, tree: Tree, run: UUID, before: "_Seen", *, way: tuple[str, ...]) -> int:
    compared = 0
    for action in ACTIONS:
        here = (*way, action.statement if action.current else f"{action.statement} under an old fence")
        with _undone():
            after = _compare_one(row, action, run, before, way=" > ".join(here))
            compared += 1
            following = tree.children[row].get(action)
            if following:
                compared += _compare_from(following, tree, run, after, way=here)
    return compared


def _compare_one(row: Row, action: Action, run: UUID, before: "_Seen", *, way: str) -> "_Seen":
    expected = modelled(row, action)
    try:
        accepted = _act(row, action, run)
    except Error as error:
        raise Different(f"{way}: {error}") from error
    after = _look(run, before.bystander)
    outcome = Outcome(accepted, after.row)
    if outcome != expected:
        raise Different(f"{way}: {outcome}, and in the model {expected}")
    if after.of_bystander != before.of_bystander:
        raise Different(f"{way}: another run was changed, too")
    if not accepted and after.of_run != before.of_run:
        raise Different(f"{way}: refused, and yet the row was changed")
    return after


def _act(row: Row, action: Action, run: UUID) -> bool:
    """Execute it; answers whether it did something to the run."""
    lease = Lease(run, row.fence if action.current else row.fence - 1)
    if action.statement in WRITE:
        return queue.move([WRITE[action.statement](lease)]) == {run}
    return _STATEMENTS[action.statement](row, lease)


def _claim(row: Row, lease: Lease) -> bool:
    return [(each.id, each.fence, each.attempt) for each in claim(lease=LEASE)] == [
        (lease.run_id, row.fence + 1, row.attempt + 1)
    ]


def _renew(row: Row, lease: Lease) -> bool:
    renewal = queue.renew([lease], lease=LEASE)
    if renewal.renewed ^ renewal.lost != {lease.run_id}:
        raise Different(f"The renewal of {lease} answers {renewal}.")
    return bool(renewal.renewed)


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
    "tick": _tick,
    "reap": lambda row, lease: bool(queue.reap(limit=10)),
    "promote": lambda row, lease: queue.promote(limit=10) == 1,
    "cancel": lambda row, lease: queue.cancel([lease.run_id], reason="enough") == [lease.run_id],
}


class _Seen(NamedTuple):
    """Both runs in the database, with all their columns."""

    row: Row
    of_run: str
    bystander: UUID
    of_bystander: str


def _look(run: UUID, bystander: UUID) -> _Seen:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT run.state,
                   CASE run.state WHEN 'running' THEN (run.lease_until > clock_timestamp())::int
                                                    + (run.lease_until > clock_timestamp() + %(doubt)s)::int
                                  WHEN 'waiting' THEN (run.run_at > clock_timestamp())::int
                                  ELSE (run.lease_until IS NOT NULL)::int END,
                   run.fence, run.attempt, run.losses, run.failures, run::text, bystander::text
              FROM tasks_run AS run, tasks_run AS bystander
             WHERE run.id = %(run)s AND bystander.id = %(bystander)s
            """,
            {"run": run, "bystander": bystander, "doubt": DOUBT},
        )
        *row, of_run, of_bystander = cursor.fetchone()
        return _Seen(Row(*row), of_run, bystander, of_bystander)


class _undone:  # noqa: N801  it reads as a statement
    """What is done inside is taken back at the end."""

    def __enter__(self) -> None:
        self._savepoint = transaction.savepoint()

    def __exit__(self, *_: object) -> None:
        transaction.savepoint_rollback(self._savepoint)
