"""Lost runs and those whose waiting is over go back to the queue, and a worker is told."""

from types import ModuleType

import pytest
from django.conf import settings
from django.db import connection

from tasks_app import queue
from tasks_app.events import wakeup
from tasks_app.maintenance import expire as expire_waits
from tasks_app.maintenance import give_up, let_in, promote, reap, tell
from tasks_app.models import Run
from tests.making import claim_one, expire, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(wakeup, "send", lambda: sent.append("hint"))
    return sent


def waiting_run(*, over: bool) -> Run:
    run = make_run()
    queue.apply(queue.park(claim_one().lease, delay=-1 if over else 60))
    return run


def lost_run(*, losses: int = 0) -> Run:
    run = make_run()
    expire(claim_one().lease)
    Run.objects.filter(pk=run.pk).update(losses=losses, begun_fence=1)
    return run


def test_nothing_to_do_wakes_nobody(woken: list[str]) -> None:
    waiting_run(over=False)

    assert promote.run_once() == {"promoted": 0, "more": False}
    assert let_in.run_once() == {"admitted": 0}
    assert tell.run_once() == {"told": 0, "more": False}
    assert expire_waits.run_once() == {"expired": 0, "more": False}
    assert give_up.run_once() == {"given_up": 0, "more": False}
    assert reap.run_once() == {"lost_workers": 0, "requeued": 0, "dead": 0, "more": False}
    assert woken == []


def test_a_wait_that_is_over_queues_its_run_and_wakes_a_worker(woken: list[str]) -> None:
    due, early = waiting_run(over=True), waiting_run(over=False)

    assert promote.run_once() == {"promoted": 1, "more": False}

    assert dict(Run.objects.values_list("pk", "state")) == {due.pk: "queued", early.pk: "waiting"}
    assert woken == ["hint"]


def test_a_run_taken_back_wakes_a_worker(woken: list[str]) -> None:
    lost_run()

    assert reap.run_once() == {"lost_workers": 0, "requeued": 1, "dead": 0, "more": False}
    assert woken == ["hint"]


def test_a_run_that_is_dead_is_counted_and_wakes_nobody(woken: list[str]) -> None:
    lost_run(losses=2)

    assert reap.run_once() == {"lost_workers": 0, "requeued": 0, "dead": 1, "more": False}
    assert woken == []


def test_full_batches_ask_for_another_round(monkeypatch: pytest.MonkeyPatch, woken: list[str]) -> None:
    monkeypatch.setattr(promote, "BATCH", 2)
    monkeypatch.setattr(reap, "BATCH", 2)
    for _ in range(3):
        waiting_run(over=True)
    assert [promote.run_once()["more"], promote.run_once()["more"]] == [True, False]

    Run.objects.all().delete()
    for _ in range(3):
        lost_run()
    assert [reap.run_once()["more"], reap.run_once()["more"]] == [True, False]


@pytest.mark.parametrize(
    ("duty", "verb"),
    [
        (tell, "tasks_app.event_waits.let_go"),
        (expire_waits, "tasks_app.waits.expire"),
        (give_up, "tasks_app.queue.give_up_unclaimed"),
    ],
)
def test_each_duty_asks_for_another_round_after_a_full_batch(
    monkeypatch: pytest.MonkeyPatch, duty: ModuleType, verb: str
) -> None:
    done = iter([duty.BATCH, duty.BATCH - 1])
    monkeypatch.setattr(verb, lambda *, limit: min(limit, next(done)))

    assert [duty.run_once()["more"], duty.run_once()["more"]] == [True, False]


def test_none_of_what_lets_runs_go_on_keeps_another_from_its_turn() -> None:
    """Each is a duty, and fails alone."""
    paths = [path for path, *_ in settings.BEAT_DUTIES.values()]

    for duty in (promote, let_in, tell, expire_waits, give_up):
        assert paths.count(f"{duty.__name__}.run_once") == 1


@pytest.fixture
def _no_index() -> None:
    """An index answers in the wanted order by chance; the statement must ask for it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")


@pytest.mark.usefixtures("_no_index")
def test_those_that_have_waited_longest_come_first(monkeypatch: pytest.MonkeyPatch, woken: list[str]) -> None:
    later, sooner = waiting_run(over=True), waiting_run(over=True)
    Run.objects.filter(pk=sooner.pk).update(run_at="2020-01-01T00:00:00Z")
    monkeypatch.setattr(promote, "BATCH", 1)

    promote.run_once()

    assert dict(Run.objects.values_list("pk", "state")) == {sooner.pk: "queued", later.pk: "waiting"}


@pytest.mark.usefixtures("_no_index")
def test_leases_that_ended_first_are_taken_back_first(monkeypatch: pytest.MonkeyPatch, woken: list[str]) -> None:
    later, sooner = lost_run(), lost_run()
    Run.objects.filter(pk=sooner.pk).update(lease_until="2020-01-01T00:00:00Z")
    monkeypatch.setattr(reap, "BATCH", 1)

    reap.run_once()

    assert dict(Run.objects.values_list("pk", "state")) == {sooner.pk: "queued", later.pk: "running"}
