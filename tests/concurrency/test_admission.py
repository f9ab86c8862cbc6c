"""Any number may ask at once who goes on next: no lane has two, no key too many, and nobody waits for ever."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from tasks_app import admission, faults, queue
from tasks_app.admission import Openings
from tasks_app.events import wakeup
from tasks_app.maintenance import let_in
from tasks_app.models import Run, Task
from tests.concurrency.another import as_another
from tests.making import claim, make_agent, make_run, make_task

pytestmark = pytest.mark.django_db(transaction=True)

LANES = ("a", "b")
KEYS = {"one": 1, "three": 3}
ERROR = {"error_class": "retryable", "code": "busy", "message": "Busy."}

TOO_MANY = """
SELECT 'lane ' || lane, count(*)
  FROM tasks_run
 WHERE lane <> '' AND state IN ('queued', 'running', 'waiting') AND NOT takes_turn
 GROUP BY lane HAVING count(*) > 1
 UNION ALL
SELECT 'key ' || concurrency_key, count(*)
  FROM tasks_run
 WHERE concurrency_key <> '' AND state IN ('queued', 'running')
 GROUP BY concurrency_key HAVING count(*) > max(concurrency_limit)
"""


@pytest.fixture(autouse=True)
def hints(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(wakeup, "send", lambda: sent.append("hint"))
    return sent


def too_many() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(TOO_MANY)
        rows: list[tuple[str, int]] = cursor.fetchall()
        return rows


def side_by_side(*acts: Callable[[], object]) -> list[BaseException]:
    """Each in a thread with a connection of its own; answers what went wrong."""
    failures: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        try:
            act()
        except BaseException as failure:  # noqa: BLE001 - shown by the assertion
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    return failures


@contextmanager
def nobody_asks() -> Iterator[None]:
    """Whoever makes room loses its connection before it can ask who goes on."""

    def fail() -> None:
        raise OperationalError("the connection is gone")

    faults.plant("before_admission", fail)
    yield
    faults.clear()


class Bustle:
    """Enqueuers, workers, cancelers and promoters at one queue, and a witness who looks whether there are too many."""

    def __init__(self, task: Task, *, number: int) -> None:
        self.task, self.number = task, number
        self.seen: list[tuple[str, int]] = []
        self.looks = 0
        self._enqueued = 0
        self._end = time.monotonic() + 60

    def goes_on(self) -> bool:
        assert time.monotonic() < self._end, f"still waiting: {list(Run.objects.unfinished().values('state', 'lane'))}"
        return self._enqueued < 2 or Run.objects.unfinished().exists()

    def enqueue(self, seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(self.number):
            lane, key = dice.choice(
                [(dice.choice(LANES), ""), ("", dice.choice(list(KEYS))), (dice.choice(LANES), "one")]
            )
            fields: dict[str, Any] = {"concurrency_key": key, "concurrency_limit": KEYS.get(key, 1)}
            make_run(self.task, lane=lane, takes_turn=bool(lane), priority=dice.randint(1, 9), **fields)
        self._enqueued += 1

    def work(self, seed: int) -> None:
        dice = random.Random(seed)
        while self.goes_on():
            with transaction.atomic():
                batch = claim(f"worker {seed}", limit=3)
            for run in batch:
                openings = Openings()
                openings.add(run.lane, run.agent, run.concurrency_key, run.agent_limited)
                again = run.attempt < 3 and dice.random() < 0.3
                move = queue.retry(run.lease, delay=0, error=ERROR) if again else queue.succeed(run.lease)
                if queue.move([move]):  # else it was canceled
                    admission.admit(openings)

    def cancel(self, seed: int) -> None:
        dice = random.Random(seed)
        while self.goes_on():
            unfinished = list(Run.objects.unfinished().values_list("pk", flat=True)[:20])
            queue.cancel(dice.sample(unfinished, min(2, len(unfinished))), reason="enough")
            time.sleep(0.05)

    def promote(self) -> None:
        """Without the healer: nobody may be overlooked while nobody dies."""
        while self.goes_on():
            queue.promote(limit=10)

    def watch(self) -> None:
        while self.goes_on():
            self.seen += too_many()
            self.looks += 1


@pytest.mark.parametrize("seed", range(3))
def test_never_two_of_a_lane_nor_too_many_under_a_key_and_all_come_to_an_end(seed: int) -> None:
    bustle = Bustle(make_task(), number=40)

    failures = side_by_side(
        lambda: bustle.enqueue(10 * seed + 1),
        lambda: bustle.enqueue(10 * seed + 2),
        lambda: bustle.work(10 * seed + 3),
        lambda: bustle.work(10 * seed + 4),
        lambda: bustle.cancel(10 * seed + 5),
        bustle.promote,
        bustle.watch,
    )

    assert failures == []
    assert bustle.seen == []
    assert bustle.looks > 10
    assert Run.objects.finished().count() == 80


@pytest.mark.parametrize("turn", range(5))
def test_askers_at_the_same_time_let_in_one_of_a_lane_and_one_under_a_key(turn: int) -> None:
    task = make_task()
    openings = Openings(lanes={"a"}, keys={(task.created_by_id, "one")})
    with nobody_asks():
        for _ in range(4):
            make_run(task, lane="a", takes_turn=True), make_run(task, concurrency_key="one")
    ready = threading.Barrier(4)

    def ask() -> None:
        ready.wait(10)
        admission.admit(openings)

    assert side_by_side(*[ask] * 4) == []
    assert Run.objects.filter(state="queued").count() == 2
    assert too_many() == []


def test_who_asks_waits_for_the_one_who_is_at_it_and_counts_what_that_one_did() -> None:
    task = make_task()
    with transaction.atomic():
        admission.lock(f"key {task.created_by_id} one")
        with pytest.raises(OperationalError, match="lock timeout"):
            as_another(lambda: admission.admit(Openings(keys={(task.created_by_id, "one")})))


def test_who_asks_waits_for_no_row_that_somebody_else_holds() -> None:
    task = make_task()
    first = make_run(task, lane="a")
    waiting = make_run(task, lane="a", takes_turn=True)
    with nobody_asks():
        queue.cancel([first.pk], reason="enough")
    with transaction.atomic():
        Run.objects.select_for_update().get(pk=waiting.pk)
        assert as_another(lambda: admission.admit(Openings(lanes={"a"}))) == 0

    assert admission.admit(Openings(lanes={"a"})) == 1


def test_a_claim_waits_for_nobody_who_lets_runs_in() -> None:
    task = make_task()
    make_run(task)

    with transaction.atomic():
        admission.lock("lane a")
        assert len(as_another(claim)) == 1


@pytest.mark.parametrize("ends", ["cancel", "enqueue"])
def test_what_is_let_in_after_a_commit_wakes_a_worker(ends: str, hints: list[str]) -> None:
    task = make_task()
    first = make_run(task, lane="a", takes_turn=True)
    assert hints == ["hint"]
    second = make_run(task, lane="a", takes_turn=True)
    assert hints == ["hint"]

    with transaction.atomic():
        queue.cancel([first.pk], reason="enough")
        assert hints == ["hint"]

    assert Run.objects.get(pk=second.pk).state == "queued"
    assert hints == ["hint", "hint"]


def test_a_process_that_dies_before_it_let_the_next_one_in_is_healed_by_the_promoter(hints: list[str]) -> None:
    task = make_task()
    make_run(task, lane="a", takes_turn=True)
    lane, key = make_run(task, lane="a", takes_turn=True), make_run(task, concurrency_key="one")
    second = make_run(task, concurrency_key="one")
    leases = [run.lease for run in claim()]
    hints.clear()

    assert len(queue.move([queue.succeed(lease) for lease in leases])) == 2
    # Here it dies.
    assert let_in.run_once() == {"admitted": 2}

    assert set(Run.objects.filter(state="queued")) == {lane, second}
    assert Run.objects.get(pk=key.pk).state == "succeeded"
    assert hints == ["hint"]


def test_a_failure_after_the_commit_is_no_failure_of_what_was_committed(hints: list[str]) -> None:
    with nobody_asks():
        run = make_run(make_task(), lane="a", takes_turn=True)

    assert Run.objects.get(pk=run.pk).state == "waiting"
    assert let_in.run_once()["admitted"] == 1


def test_questions_that_name_the_same_lanes_in_another_order_do_not_wait_in_a_circle() -> None:
    agent = make_agent()
    lanes = [f"lane {nth}" for nth in range(60)]
    keys = [(agent.pk, lane) for lane in lanes]

    def ask(step: int) -> None:
        for _ in range(20):
            admission.admit(Openings(set(lanes[::step]), set(keys[::step])))

    assert side_by_side(lambda: ask(1), lambda: ask(-1), lambda: ask(1), lambda: ask(-1)) == []
