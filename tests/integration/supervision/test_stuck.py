"""A run that is stuck in C code is ended from outside; whoever shared its process goes on."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from tasks_app.models import Attempt, Run
from tasks_app.models.clock import database_now
from tests.integration.supervision.conftest import Start, until
from tests.making import attempts_of, make_run, make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
# What is waited for comes within seconds; on a machine that does a hundred other things, within this.
LONG = 100.0
LEASE = 60.0  # seconds: nobody loses a run for being slow
BEATS = 4.0  # seconds


def run_of(tool: str, **given: object) -> Run:
    return make_run(make_task(payload={"pipeline": [{"id": "a", "uses": tool, "with": given}]}))


def states(*runs: Run) -> list[str]:
    return [Run.objects.values_list("state", flat=True).get(pk=run.pk) for run in runs]


def beats(run: Run) -> float:
    """For how many seconds its lease has been renewed, at the rate of one heartbeat a second."""
    held = Run.objects.get(pk=run.pk)
    assert held.lease_until, (held.state, attempts_of(run))
    assert held.claimed_at
    return (held.lease_until - held.claimed_at).total_seconds() - LEASE


def test_a_run_stuck_in_c_code_is_blamed_and_its_neighbours_go_on_at_once(start_worker: Start) -> None:
    stuck = run_of("harm.regex")
    start_worker(ORDINAUT_STUCK_SECONDS="3")
    neighbours = [run_of("harm.nap", seconds=1) for _ in range(5)]

    until(lambda: Attempt.objects.filter(run=stuck, outcome="lost").exists(), seconds=LONG)
    until(lambda: states(*neighbours) == ["succeeded"] * 5, seconds=LONG)

    attempt = Attempt.objects.filter(run=stuck).earliest("number")
    assert attempt.error["code"] == "worker_stuck"
    assert "kept the interpreter" in attempt.error["message"]
    assert set(Run.objects.exclude(pk=stuck.pk).values_list("losses", flat=True)) == {0}
    until(lambda: states(stuck) == ["dead"], seconds=2 * LONG)
    assert len(attempts_of(stuck)) == 3


def test_a_pool_that_was_stopped_as_a_whole_loses_nobody_when_it_goes_on(start_worker: Start, tmp_path: Path) -> None:
    over = tmp_path / "over"
    run = run_of("harm.nap", until=str(over))
    worker = start_worker(ORDINAUT_STUCK_SECONDS="5", ORDINAUT_LEASE_SECONDS="60", ORDINAUT_HEARTBEAT_SECONDS="1")
    until(over.with_suffix(".begun").exists, seconds=LONG)
    children = {child.pid for child in psutil.Process(worker.process.pid).children()}

    os.killpg(worker.process.pid, signal.SIGSTOP)
    later = database_now() + timedelta(seconds=8)
    until(lambda: database_now() > later)
    os.killpg(worker.process.pid, signal.SIGCONT)
    until(lambda: beats(run) > 8 + BEATS, seconds=LONG)
    over.touch()
    until(lambda: states(run) == ["succeeded"], seconds=LONG)

    assert {child.pid for child in psutil.Process(worker.process.pid).children()} == children
    assert len(attempts_of(run)) == 1


def test_runs_that_only_compute_do_not_starve_the_heartbeat(start_worker: Start, tmp_path: Path) -> None:
    over = tmp_path / "over"
    start_worker(
        ORDINAUT_WORKER_THREADS="8",
        ORDINAUT_LEASE_SECONDS="60",
        ORDINAUT_HEARTBEAT_SECONDS="1",
        ORDINAUT_STUCK_SECONDS="30",
    )
    runs = [run_of("harm.compute", until=str(over)) for _ in range(8)]

    until(lambda: states(*runs) == ["running"] * 8, seconds=LONG)
    all_compute_since = [beats(run) for run in runs]
    until(
        lambda: all(beats(run) > then + BEATS for run, then in zip(runs, all_compute_since, strict=True)), seconds=LONG
    )
    over.touch()
    until(lambda: states(*runs) == ["succeeded"] * 8, seconds=LONG)

    assert not Attempt.objects.filter(outcome="lost").exists()
    assert set(Run.objects.values_list("losses", flat=True)) == {0}


def test_a_tool_that_computes_on_after_its_run_is_over_costs_a_process_and_no_run(start_worker: Start) -> None:
    worker = start_worker()
    until(lambda: psutil.Process(worker.process.pid).children(), seconds=LONG)
    before = psutil.Process(worker.process.pid).children()
    payload = {"pipeline": [{"id": "a", "uses": "harm.compute", "with": {"seconds": 600}}]}
    endless = make_run(make_task(payload=payload, timeout_seconds=1))

    until(lambda: states(endless) == ["timed_out"], seconds=LONG)
    until(lambda: not any(child.is_running() and child.status() != "zombie" for child in before), seconds=LONG)
    after = run_of("noop")
    until(lambda: states(after) == ["succeeded"], seconds=LONG)

    assert "computes on" in worker.said
    assert not Attempt.objects.filter(outcome="lost").exists()
