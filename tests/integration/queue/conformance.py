"""The model of the queue beside the real one: every statement, from every row that it can meet.

The rows that statements lead to are found with the model's statements alone, as a tree of shortest ways. The tree is then
walked on Postgres by savepoints, so that each statement is executed once for each row, and the outcome is compared: whether
it was accepted, the row, and that nothing else changed. Time is moved by an UPDATE of the row.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from tests.integration.queue.acts import ACTIONS, DOUBT, WORKER, Action, Different, act
from tests.making import claim, make_run, make_task
from tests.unit.queue_model import statements
from tests.unit.queue_model.folding import asked_alike
from tests.unit.queue_model.statements import NEVER, NOBODY, Blame, Row
from tests.unit.queue_model.world import Asked

OURS: Final = 0  # the worker that claims the run
MOST_FAILURES: Final = 1


class Outcome(NamedTuple):
    accepted: bool
    row: Row


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
        return {asked_alike(Asked(row, *action)) for row in self.children for action in ACTIONS}


def like(row: Row) -> Row:
    """The row that stands for all whose differences no statement looks at: begun now, begun once, and never are three."""
    if row.finished:
        return Row(row.state)
    fence = min(row.fence, 1)
    begun_fence = fence if row.begun else min(row.begun_fence, 0)
    return row._replace(fence=fence, attempt=min(row.attempt, 1), begun_fence=begun_fence)


def modelled(row: Row, action: Action) -> Outcome:
    after = _after(row, action.statement, fence=row.fence if action.current else row.fence - 1)
    return Outcome(after is not None, after or row)


def _after(row: Row, statement: str, *, fence: int) -> Row | None:
    if statement in statements.MOVES:
        return statements.move(row, fence=fence, kind=statement)
    if statement.startswith("bury"):
        blame = Blame(fence, timed_out=statement == "bury and time out") if " and " in statement else None
        return statements.bury(row, worker=OURS + (statement == "bury another"), blame=blame)
    return {
        "tick": lambda: statements.tick(row),
        "claim": lambda: statements.claim(row, worker=OURS),
        "renew": lambda: statements.renew(row, fence=fence),
        "still ours": lambda: statements.still_ours(row, fence=fence),
        "begin_suspect": lambda: statements.begin_suspect(row, fence=fence),
        "reap": lambda: statements.reap(row),
        "promote": lambda: statements.promote(row),
        "cancel": lambda: statements.cancel(row),
    }[statement]()


def compare(tree: Tree) -> int:
    """Walk the tree on Postgres; answers how many statements were compared. Raises `Different` at the first difference."""
    bystander = make_run(make_task())
    run = make_run(make_task())
    try:
        claim("a bystander", limit=1, lease=timedelta(days=1))
        seen = _look(run.pk, bystander.pk)
        return _compare_from(Row(), tree, run.pk, seen, way=())
    except IntegrityError as error:
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
        accepted = act(row, action, run, before.bystander)
    except (IntegrityError, ValueError) as error:  # a ValueError when more was moved than was asked for
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
                   run.fence, run.attempt, run.losses, run.failures,
                   CASE run.worker WHEN %(worker)s THEN %(ours)s ELSE %(nobody)s END,
                   coalesce(run.begun_fence, %(never)s), run::text, bystander::text
              FROM tasks_run AS run, tasks_run AS bystander
             WHERE run.id = %(run)s AND bystander.id = %(bystander)s
            """,
            {"run": run, "bystander": bystander, "doubt": DOUBT}
            | {"worker": WORKER, "ours": OURS, "nobody": NOBODY, "never": NEVER},
        )
        *row, of_run, of_bystander = cursor.fetchone()
        return _Seen(Row(*row), of_run, bystander, of_bystander)


class _undone:  # noqa: N801  it reads as a statement
    """What is done inside is taken back at the end."""

    def __enter__(self) -> None:
        self._savepoint = transaction.savepoint()

    def __exit__(self, *_: object) -> None:
        transaction.savepoint_rollback(self._savepoint)
