"""Who is told to be at work, and how long ago beat did its duties."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from schedules.beat import duties
from tasks_app import workers
from tasks_app.maintenance import note_rounds
from tasks_app.models import DutyRound, Worker
from tasks_app.models.clock import database_now
from tasks_app.services import workforce

pytestmark = pytest.mark.django_db


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Seconds since the rounds that this process's duties are said to have done."""
    said: dict[str, float] = {}
    monkeypatch.setattr(duties, "seconds_since_rounds", lambda: said)
    return said


def test_every_worker_is_told_with_its_last_heartbeat() -> None:
    worker = workers.register(name="a:1:x", host="a", pid=1, threads=200)
    workers.beat(worker, held=3, stopping=False)
    Worker.objects.update(seen_at=Now() - timedelta(seconds=40), started_at=Now() - timedelta(minutes=5))

    [told] = workforce.workers()

    assert (told.name, told.host, told.pid, told.state, told.threads, told.held) == ("a:1:x", "a", 1, "running", 200, 3)
    assert 40 <= told.seen_seconds < 60
    assert 300 <= told.started_seconds < 320


def test_workers_are_counted_in_every_state() -> None:
    for number in range(2):
        workers.register(name=f"w{number}", host="a", pid=number, threads=1)
    workers.lose(name="w1")

    assert workforce.workers_by_state() == {"running": 1, "stopping": 0, "stopped": 0, "lost": 1}


def test_beat_writes_down_when_its_duties_last_did_a_round(rounds: dict[str, float]) -> None:
    rounds |= {"tick": 2.0, "reap": 30.0}

    assert note_rounds.run_once() == {"noted": 2}

    told = workforce.seconds_since_rounds()
    assert 2 <= told["tick"] < 10
    assert 30 <= told["reap"] < 40


def test_of_several_beats_the_latest_round_counts(rounds: dict[str, float]) -> None:
    rounds["tick"] = 1.0
    note_rounds.run_once()
    rounds["tick"] = 300.0

    assert note_rounds.run_once() == {"noted": 0}

    assert workforce.seconds_since_rounds()["tick"] < 60


def test_a_duty_that_no_longer_exists_is_not_told() -> None:
    DutyRound.objects.create(name="of old", ended_at=database_now(), beat="a:1")

    assert workforce.seconds_since_rounds() == {}
