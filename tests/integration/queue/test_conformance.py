"""The model that was checked is the queue that runs: each of its statements does in Postgres what the model says."""

import re

import pytest

from tasks_app import queue_sql
from tests.integration.queue.acts import ACTIONS, Different
from tests.integration.queue.conformance import Tree, compare
from tests.unit.queue_model.explore import Exploration
from tests.unit.queue_model.world import Setup

pytestmark = pytest.mark.django_db

# A guard of a statement, wherever it or one that looks first repeats it, and what stands there when it is taken out.
GUARDS = {
    "a claim takes queued runs only": ("CLAIM", r"(run\.)?state = 'queued'", "true"),
    "a claim raises the fence": ("CLAIM", r"fence = run\.fence \+ 1", "fence = run.fence"),
    "a claim counts the attempt": ("CLAIM", r"attempt = run\.attempt \+ 1", "attempt = greatest(run.attempt, 1)"),
    "a move names its run": ("MOVE", r"run\.id = move\.run", "true"),
    "a move names its fence": ("MOVE", r"run\.fence = move\.fence", "true"),
    "a move leaves the state running": ("MOVE", r"run\.state = 'running'", "true"),
    "a move that is no checkpoint ends the lease": (
        "MOVE",
        r"lease_until = CASE WHEN move\.state = 'running' THEN run\.lease_until END",
        "lease_until = run.lease_until",
    ),
    "a retry counts the failure": (
        "MOVE",
        r"failures = run\.failures \+ coalesce\(move\.failures, 0\)",
        "failures = run.failures",
    ),
    "a renewal names its run": ("RENEW", r"held\.run = run\.id", "true"),
    "a renewal names its fence": ("RENEW", r"run\.fence = held\.fence", "true"),
    "a renewal is of a lease that has not expired": ("RENEW", r"run\.lease_until > clock_timestamp\(\)", "true"),
    "the reaper takes expired leases only": ("REAP", r"(run\.)?lease_until < clock_timestamp\(\)", "true"),
    "a run is blamed for the first loss, begun or not": ("REAP", r"losses = 0 OR ", ""),
    "a run that was lost before is blamed only if it had begun": (
        "REAP",
        r"losses = 0 OR begun_fence IS NOT DISTINCT FROM fence",
        "true",
    ),
    "a run that was lost before had begun under this very lease": (
        "REAP",
        r"begun_fence IS NOT DISTINCT FROM fence",
        "begun_fence IS NOT NULL",
    ),
    "the reaper counts the loss": ("REAP", r"run\.losses \+ decided\.blamed::int", "run.losses"),
    "the third lost worker is the last": ("REAP", r">= %\(deadly\)s", "> %(deadly)s"),
    "a burial names its worker": ("BURY", r"AND run\.worker = %\(worker\)s", ""),
    "a burial takes running runs only": ("BURY", r"run\.state = 'running'", "true"),
    "a burial blames the run it names": ("BURY", r"blame\.run = run\.id", "true"),
    "a burial blames a run under the fence it had": ("BURY", r"AND blame\.fence = run\.fence", ""),
    "a burial counts the loss of the blamed": ("BURY", r"run\.losses \+ decided\.blamed::int", "run.losses"),
    "a burial ends what was out of time": ("BURY", r"WHEN timed_out THEN 'timed_out'", "WHEN false THEN 'timed_out'"),
    "a suspect's beginning names its run": ("BEGIN_SUSPECTS", r"held\.run = run\.id", "true"),
    "a suspect's beginning names its fence": ("BEGIN_SUSPECTS", r"run\.fence = held\.fence", "true"),
    "a suspect's beginning is of a running run": ("BEGIN_SUSPECTS", r"run\.state = 'running'", "true"),
    "a run is ours under its fence": ("STILL_OURS", r"run\.fence = held\.fence", "true"),
    "a run is ours while it is running": ("STILL_OURS", r"run\.state = 'running'", "true"),
    "the promoter takes waiting runs only": (
        "WAKES PROMOTE",
        r"(?<=WHERE |  AND )(run\.)?state = 'waiting'(\s+AND (run\.)?waiting_for IN \([^)]*\))?",
        "true",
    ),
    "the promoter waits for the time": (
        "WAKES PROMOTE",
        r"(run\.)?run_at <= (clock_timestamp\(\)|\(SELECT clock_timestamp\(\)\))",
        "true",
    ),
    "a cancel names its runs": ("CANCEL", r"id = ANY\(%\(runs\)s\)", "true"),
    "a cancel takes unfinished runs only": ("CANCEL", r"state IN \('queued', 'waiting', 'running'\)", "true"),
}


def test_every_statement_does_to_every_row_what_the_model_says() -> None:
    tree = Tree.grown()

    compared = compare(tree)

    print(f"\n{compared:,} statements on {len(tree.children):,} rows")  # noqa: T201  shown by pytest -s
    assert compared == len(tree.children) * len(ACTIONS)


def test_what_the_model_check_asks_of_a_row_is_what_was_compared() -> None:
    asked = Exploration(Setup(retries=1, in_flight=False)).run().asked

    assert asked
    assert asked <= Tree.grown().asked()


@pytest.mark.parametrize("guard", GUARDS)
def test_a_statement_without_one_of_its_guards_is_found_out(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names, words, instead = GUARDS[guard]
    for statement in names.split():
        unguarded, places = re.subn(words, instead, getattr(queue_sql, statement))
        assert places, f"{statement} says it in other words now: write them into GUARDS, or the guard is not proved."
        monkeypatch.setattr(queue_sql, statement, unguarded)

    with pytest.raises(Different) as difference:
        compare(Tree.grown())
    print(f"\n{difference.value}")  # noqa: T201  shown by pytest -s
