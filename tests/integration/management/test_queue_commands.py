"""`manage.py queue`, `workers` and `reap`: what they print, for people and for programs."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F

from tasks_app import queue, workers
from tasks_app.models import Agent, DutyRound, Run
from tasks_app.models.clock import database_now
from tasks_app.services import queue_state
from tests.making import claim_one, expire, make_agent, make_run, make_task

pytestmark = pytest.mark.django_db


def printed(*arguments: str) -> str:
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def busy() -> None:
    agent = make_agent()
    Agent.objects.filter(pk=agent.pk).update(name="mail\nbot")
    task = make_task(created_by=agent)
    make_run(task, priority=9)
    queue.apply(queue.park(claim_one().lease, delay=60))
    make_run(task, priority=9)
    claim_one()
    for _ in range(2):
        make_run(task)
    Run.objects.filter(state="queued").update(run_at=F("run_at") - timedelta(minutes=2))


def test_the_queue_is_printed_for_people() -> None:
    busy()

    lines = printed("queue").splitlines()

    assert lines[0] == "queued 2, running 1, waiting 1, dead 0"
    assert lines[1].startswith("The oldest queued run has been due for 12")
    assert lines[3].split() == [
        "priority",
        "under",
        "5",
        "s",
        "5",
        "s",
        "to",
        "1",
        "min",
        "1",
        "to",
        "10",
        "min",
        "10",
        "to",
        "60",
        "min",
        "over",
        "1",
        "h",
        "queued",
    ]
    assert lines[4].split() == ["5", "0", "0", "2", "0", "0", "2"]
    assert lines[6] == "waiting for: sleep 1"
    assert lines[7].startswith("leases: 1 held, 0 over, the first ends in ")
    assert lines[8:] == ["ended badly in 24 hours: -", "most queued: mail?bot 2"]


def test_an_empty_queue_is_printed_as_one() -> None:
    assert printed("queue").splitlines()[-4:] == [
        "waiting for: -",
        "leases: 0 held, 0 over, none to end",
        "ended badly in 24 hours: -",
        "most queued: -",
    ]


def look_at(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_state, "LOOKED_AT", most)
    monkeypatch.setitem(queue_state.PARAMETERS, "most", most)


def test_every_number_that_may_be_more_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    look_at(2, monkeypatch)
    busy()
    task = make_task()
    for state in ("dead", "dead", "failed"):
        run = make_run(task, priority=9)
        queue.apply(queue.fail(claim_one().lease, error={"code": "x"}))
        Run.objects.filter(pk=run.pk).update(state=state)
    make_run(task, priority=9)
    queue.apply(queue.retry(claim_one().lease, delay=60, error={"code": "x"}))
    make_run(task, priority=9)
    expire(claim_one().lease)

    lines = printed("queue").splitlines()

    assert lines[0] == "queued 2+, running 2+, waiting 2+, dead 2+"
    assert lines[4].split() == ["5", "0", "0", "2+", "0", "0", "2+"]
    assert lines[6] == "waiting for: retry 1+, sleep 1+", "both along one index, of which two were looked at"
    assert lines[7].startswith("leases: 2+ held, 1 over, ")
    assert lines[8:] == ["ended badly in 24 hours: dead 2+, failed 1", "most queued: mail?bot 2+"]


def test_numbers_of_which_each_was_counted_to_its_end_are_not_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    look_at(3, monkeypatch)
    task = make_task()
    for fields in ({"priority": 9}, {"lane": "a", "takes_turn": True}, {"concurrency_key": "k"}):
        for _ in range(2):
            make_run(task, **fields)
    make_run(task), make_run(task)

    lines = printed("queue").splitlines()

    assert lines[0] == "queued 4, running 0, waiting 4, dead 0"
    assert lines[7] == "waiting for: turn 4"


def test_the_queue_is_printed_for_programs() -> None:
    busy()

    told = json.loads(printed("queue", "--json"))

    assert told["depth"] == {"queued": 2, "running": 1, "waiting": 1}
    assert told["levels"] == [{"priority": 5, "ages": [0, 0, 2, 0, 0]}]
    assert told["leases"]["held"] == {"9": 1}
    assert (told["waiting"], told["top_agents"], told["dead"]) == ({"sleep": 1}, [["mail\nbot", 2]], 0)


def test_workers_and_rounds_are_printed_for_people() -> None:
    workers.beat(workers.register(name="a:1:x", host="a", pid=1, threads=200), held=7, stopping=True)
    DutyRound.objects.create(name="tick", ended_at=database_now() - timedelta(seconds=90), beat="a:2")

    lines = printed("workers").splitlines()

    assert lines[0].split() == ["worker", "state", "pid", "held", "threads", "seen", "s", "ago", "up", "s"]
    assert lines[1].split()[:5] == ["a:1:x", "stopping", "1", "7", "200"]
    assert lines[3] == "duty, last round s ago:"
    assert lines[4].split()[0] == "tick"
    assert 90 <= float(lines[4].split()[1]) < 100


def test_that_nobody_works_is_said() -> None:
    assert printed("workers").splitlines() == [
        "No worker has been heard of in the last day.",
        "",
        "No beat has done a round yet.",
    ]


def test_workers_are_printed_for_programs() -> None:
    workers.register(name="a:1:x", host="a", pid=1, threads=200)

    told = json.loads(printed("workers", "--json"))

    assert told["workers"][0]["name"] == "a:1:x"
    assert told["workers"][0]["seen_seconds"] < 5
    assert told["rounds_seconds_ago"] == {}


def test_reaping_says_what_it_put_back_and_what_died() -> None:
    task = make_task()
    for losses in (0, 2):
        run = make_run(task)
        expire(claim_one().lease)
        Run.objects.filter(pk=run.pk).update(losses=losses, begun_fence=1)

    assert printed("reap") == "1 runs put back, 1 dead, 0 workers lost.\n"
    assert printed("reap") == "0 runs put back, 0 dead, 0 workers lost.\n"


def test_reaping_says_when_there_are_more(monkeypatch: pytest.MonkeyPatch) -> None:
    from tasks_app.maintenance import reap

    monkeypatch.setattr(reap, "BATCH", 1)
    make_run()
    expire(claim_one().lease)

    assert printed("reap").splitlines()[1] == "There are more: ask again."
