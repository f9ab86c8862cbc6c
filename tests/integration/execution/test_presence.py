"""The register says which workers there are, by their own heartbeats."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from tasks_app import workers
from tasks_app.maintenance import reap
from tasks_app.models import Worker
from tests.integration.execution.conftest import until
from tests.integration.execution.work import Gate, MakeWorker, pipeline, with_tool
from tests.making import make_run, make_task, told

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = timedelta(milliseconds=50)


def told_of(worker: Worker) -> list[str]:
    return [event.type for event in told(aggregate_id=worker.pk)]


def register(name: str = "host:1:a") -> Worker:
    return workers.register(name=name, host="host", pid=1, threads=8)


def test_a_worker_is_in_the_register_with_what_it_holds_until_it_stops(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    with_tool(monkeypatch, "test.gate", gate, pure=False)
    make_run(make_task(payload=pipeline({"id": "a", "uses": "test.gate"})))
    worker = make_worker("me", heartbeat=QUICK, worker_threads=3)

    until(lambda: Worker.objects.filter(name="me", state="running", held=1, threads=3).exists())
    gate.finish.set()
    worker.stop()

    [row] = Worker.objects.all()
    assert (row.state, row.held) == ("stopped", 0)
    assert told_of(row) == ["worker.started", "worker.stopped"]


def test_who_has_been_silent_for_a_lease_is_lost_once_and_is_there_again_when_it_speaks() -> None:
    silent, alive = register("host:1:a"), register("host:2:b")
    Worker.objects.filter(pk=silent.pk).update(seen_at=Now() - timedelta(minutes=1))

    assert [reap.run_once()["lost_workers"] for _ in range(2)] == [1, 0]
    assert dict(Worker.objects.values_list("name", "state")) == {"host:1:a": "lost", "host:2:b": "running"}
    assert told_of(silent) == ["worker.started", "worker.lost"]
    assert told_of(alive) == ["worker.started"]

    workers.beat(silent, held=3, stopping=False)
    silent.refresh_from_db()
    assert (silent.state, silent.held) == ("running", 3)
    assert workers.lose_silent(after=timedelta(seconds=30)) == 0


def test_a_process_that_is_dead_for_certain_is_lost_at_once() -> None:
    worker = register()

    assert [workers.lose(name=worker.name) for _ in range(2)] == [1, 0]
    workers.sign_off(worker)

    assert told_of(worker) == ["worker.started", "worker.lost"]


def test_a_line_that_somebody_removed_is_written_again() -> None:
    worker = register()
    Worker.objects.all().delete()

    workers.beat(worker, held=1, stopping=True)

    assert Worker.objects.get().state == "stopping"


def test_those_long_gone_are_forgotten() -> None:
    gone, lately, quiet = register("gone"), register("lately"), register("quiet")
    workers.sign_off(gone)
    workers.sign_off(lately)
    Worker.objects.filter(pk__in=[gone.pk, quiet.pk]).update(seen_at=Now() - timedelta(days=2))

    workers.lose_silent(after=timedelta(days=3))

    assert set(Worker.objects.values_list("name", flat=True)) == {"lately", "quiet"}


def test_a_worker_whose_registration_was_not_answered_is_registered_once() -> None:
    assert register() == register()

    assert Worker.objects.count() == 1
    assert len(told("worker.started")) == 1
