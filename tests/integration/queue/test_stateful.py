"""Whatever is done to the queue, in whatever order: what Postgres holds is what an oracle in memory says.

ORDINAUT_QUEUE_CASES is the number of examples; ORDINAUT_QUEUE_STEPS how many things are done in each.
"""

import os
import re
from typing import Final

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tasks_app import admission_sql, queue_sql
from tasks_app.models import step_log
from tests.integration.queue.queue_machine import QueueMachine

pytestmark = pytest.mark.django_db

EXAMPLES: Final = int(os.environ.get("ORDINAUT_QUEUE_CASES", "40"))
# Shrinking takes longer than a test may: set the number of examples to be shown the shortest way.
PHASES: Final = tuple(Phase) if "ORDINAUT_QUEUE_CASES" in os.environ else (Phase.reuse, Phase.generate)
STEPS: Final = int(os.environ.get("ORDINAUT_QUEUE_STEPS", "40"))


BY_SEARCH: Final = pytest.mark.skipif(
    "ORDINAUT_QUEUE_CASES" not in os.environ, reason="takes minutes: set ORDINAUT_QUEUE_CASES"
)
FOUND_AT_ONCE: Final = settings(
    max_examples=200, stateful_step_count=40, deadline=None, derandomize=True, phases=[Phase.generate],
    database=None, suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _nobody_to_wake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks_app.events.wakeup.send", lambda: None)


@pytest.mark.timeout(max(120, EXAMPLES * 5))
def test_the_queue_does_what_an_oracle_says_in_whatever_order_things_happen() -> None:
    run_state_machine_as_test(
        QueueMachine,
        settings=settings(
            phases=PHASES,
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


# A guard that sequences of moves are needed to miss, wherever the statement repeats it, and what stands there without it.
GUARDS = {
    "one of a lane at a time": (admission_sql, "TAKE_TURNS", r"AND NOT other\.takes_turn", "AND false"),
    "the oldest instant of a lane first": (
        admission_sql,
        "TAKE_TURNS",
        r"ORDER BY run\.scheduled_for, run\.id",
        "ORDER BY run.id",
    ),
    "a turn is no place under a key": (
        admission_sql,
        "TAKE_TURNS",
        r"CASE WHEN run\.concurrency_key <> '' OR run\.agent_limited THEN 'waiting' ELSE 'queued' END",
        "'queued'",
    ),
    "nobody overtakes": (admission_sql, "TAKE_PLACES", r"min\(concurrency_limit\) OVER behind", "concurrency_limit"),
    "the running hold their places": (
        admission_sql,
        "TAKE_PLACES",
        r"run\.state IN \('queued', 'running', 'waiting'\)",
        "run.state IN ('queued', 'waiting')",
    ),
    "the most urgent under a key first": (admission_sql, "TAKE_PLACES", r"(run\.)?priority DESC, ", ""),
    "an instant has one run": (queue_sql, "ENQUEUE", r"ON CONFLICT \(task_id, scheduled_for\) DO NOTHING", ""),
    "a promoted run under a key waits on": (queue_sql, "PROMOTE", r" OR run\.concurrency_key <> ''", ""),
    "a claim takes the most urgent": (queue_sql, "CLAIM", r"priority DESC, ", ""),
    "the events of a move are numbered": (
        queue_sql,
        "MOVE",
        r"event_seq = run\.event_seq \+ move\.size",
        "event_seq = run.event_seq + 1",
    ),
    "a burial takes what this worker has": (queue_sql, "BURY", r"AND run\.worker = %\(worker\)s", ""),
    "a burial blames under the fence it names": (queue_sql, "BURY", r"AND blame\.fence = run\.fence", ""),
    "a suspect's beginning is of a running run": (queue_sql, "BEGIN_SUSPECTS", r"run\.state = 'running'", "true"),
    "a suspect's beginning is of this lease": (queue_sql, "BEGIN_SUSPECTS", r"run\.fence = held\.fence", "true"),
}


@pytest.mark.timeout(600)
@BY_SEARCH
def test_a_step_that_is_recorded_again_where_the_last_record_counts_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(step_log, "_FINAL", frozenset())

    with pytest.raises(AssertionError):
        run_state_machine_as_test(QueueMachine, settings=FOUND_AT_ONCE)


@pytest.mark.timeout(600)
@BY_SEARCH
@pytest.mark.parametrize("guard", GUARDS)
def test_the_queue_without_one_of_its_guards_is_found_out(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, statement, words, instead = GUARDS[guard]
    unguarded, places = re.subn(words, instead, getattr(module, statement), flags=re.DOTALL)
    assert places, f"{statement} says it in other words now: write them into GUARDS, or the guard is not proved."
    monkeypatch.setattr(module, statement, unguarded)

    with pytest.raises((AssertionError, IntegrityError)):
        run_state_machine_as_test(QueueMachine, settings=FOUND_AT_ONCE)
