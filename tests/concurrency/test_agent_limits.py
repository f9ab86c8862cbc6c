"""Any number may ask at once for an agent's places: never are too many given, and nobody waits for ever."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from tasks_app import admission, queue
from tasks_app.admission import Openings
from tasks_app.events import wakeup
from tasks_app.maintenance import count_in, let_in
from tasks_app.models import Agent, Run, Task
from tasks_app.queue import NewRun
from tasks_app.services import agents
from tasks_app.services.actor import SYSTEM
from tests.concurrency.another import as_another
from tests.making import claim, make_agent, make_run, make_task

pytestmark = pytest.mark.django_db(transaction=True)

ASKERS = 64
ERROR = {"error_class": "retryable", "code": "busy", "message": "Busy."}


@pytest.fixture(autouse=True)
def _unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeup, "send", lambda: None)


@pytest.fixture
def task() -> Task:
    agent = make_agent()
    Agent.objects.filter(pk=agent.pk).update(max_running=3)
    return make_task(created_by=agent)


def going_on(task: Task) -> int:
    return Run.objects.filter(agent=task.created_by_id, state__in=["queued", "running"]).count()


def without_asking(task: Task, runs: int) -> None:
    """Plan runs whose process dies before it asks for their places."""
    one = NewRun(task=task.pk, task_version=1, agent=task.created_by_id, priority=5, trigger="run_now")
    with transaction.atomic():
        queue.enqueue([one] * runs)
        connection.run_on_commit.clear()


def test_of_sixty_four_who_ask_at_once_three_places_are_given(task: Task) -> None:
    without_asking(task, 200)
    ready = threading.Barrier(ASKERS)

    def ask(_: int) -> int:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '30s'")  # sixty-three are before it, on a machine of any speed
            ready.wait(30)
            return admission.admit(Openings(agents={task.created_by_id}))
        finally:
            connection.close()

    with ThreadPoolExecutor(ASKERS) as pool:
        given = sum(pool.map(ask, range(ASKERS)))

    assert (given, going_on(task)) == (3, 3)


class Bustle:
    """An enqueuer, workers, a canceler and a promoter at the runs of one agent, and a witness who counts what goes on."""

    def __init__(self, task: Task, *, number: int) -> None:
        self.task, self.number = task, number
        self.most = 0
        self.failures: list[BaseException] = []
        self._planned = threading.Event()

    def go(self) -> None:
        acts = [self.enqueue, self.work, self.work, self.cancel, self.wake, self.watch]
        threads = [threading.Thread(target=self._safely, args=(act,), daemon=True) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(90)
        assert not any(thread.is_alive() for thread in threads), list(Run.objects.unfinished().values("state"))

    def goes_on(self) -> bool:
        return not self._planned.is_set() or Run.objects.unfinished().exists()

    def enqueue(self) -> None:
        rules: list[dict[str, Any]] = [{}, {"lane": "a", "takes_turn": True}, {"concurrency_key": "one"}]
        for number in range(self.number):
            make_run(self.task, priority=1 + number % 9, **rules[number % 3])
        self._planned.set()

    def work(self) -> None:
        while self.goes_on():
            for run in claim(limit=2):
                again = run.attempt == 1 and run.id.int % 3 == 0
                move = queue.retry(run.lease, delay=0, error=ERROR) if again else queue.succeed(run.lease)
                openings = Openings()
                openings.add("" if again else run.lane, run.agent, run.concurrency_key, run.agent_limited)
                if queue.move([move]):
                    admission.admit(openings)

    def cancel(self) -> None:
        while self.goes_on():
            queue.cancel(list(Run.objects.unfinished().values_list("pk", flat=True)[:1]), reason="enough")
            time.sleep(0.05)

    def wake(self) -> None:
        """Without the healer: nobody may be overlooked while nobody dies."""
        while self.goes_on():
            queue.promote(limit=10)

    def watch(self) -> None:
        while self.goes_on():
            self.most = max(self.most, going_on(self.task))

    def _safely(self, act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as failure:  # noqa: BLE001 - shown by the assertion
            self.failures.append(failure)
            self._planned.set()
        finally:
            connection.close()


def test_never_too_many_go_on_while_runs_are_planned_claimed_canceled_and_promoted(task: Task) -> None:
    bustle = Bustle(task, number=60)

    bustle.go()

    assert bustle.failures == []
    assert 1 <= bustle.most <= 3
    assert Run.objects.finished().count() == 60


def test_who_asks_waits_for_the_one_who_is_at_it_and_counts_what_that_one_did(task: Task) -> None:
    with transaction.atomic():
        admission.lock(f"agent {task.created_by_id}")
        with pytest.raises(OperationalError, match="lock timeout"):
            as_another(lambda: admission.admit(Openings(agents={task.created_by_id})))


def test_who_changes_a_limit_and_who_plans_runs_do_not_wait_for_each_other(task: Task) -> None:
    with transaction.atomic():
        make_run(task)
        as_another(lambda: agents.set_limits(task.created_by, {"max_running": 2}, actor=SYSTEM))
    with transaction.atomic():
        agents.set_limits(task.created_by, {"max_running": 1}, actor=SYSTEM)
        as_another(lambda: make_run(task))

    assert Run.objects.count() == 2


def test_a_run_that_was_planned_while_its_agent_got_a_limit_is_counted_once_its_transaction_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(count_in, "_PATIENCE", 0.1)
    task = make_task()
    with transaction.atomic():
        run = make_run(task)
        as_another(lambda: agents.set_limits(task.created_by, {"max_running": 1}, actor=SYSTEM))
        assert as_another(count_in.run_once) == {"counted": 0, "more": 0}
    later = make_run(task)
    assert state_of(later) == "waiting", "nobody knows yet how much room there is"

    assert count_in.run_once() == {"counted": 1, "more": 0}

    run.refresh_from_db()
    assert run.agent_limited
    assert (state_of(run), state_of(later)) == ("queued", "waiting")


def test_counting_goes_on_where_it_was_when_the_one_that_counted_died(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count_in, "BATCH", 1)
    monkeypatch.setattr(count_in, "ROUND", 0)
    task = make_task()
    runs = [make_run(task) for _ in range(3)]
    agents.set_limits(task.created_by, {"max_running": 1}, actor=SYSTEM)
    while not as_another(count_in.run_once)["counted"]:
        pass

    counted = [as_another(count_in.run_once)["counted"] for _ in range(2)]

    assert counted == [1, 1]
    assert Run.objects.filter(pk__in=[run.pk for run in runs], agent_limited=True).count() == 3


def test_a_run_that_a_worker_moves_meanwhile_is_waited_for_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count_in, "_writers_have_ended", lambda: True)
    task = make_task()
    run = make_run(task)
    agents.set_limits(task.created_by, {"max_running": 1}, actor=SYSTEM)
    with transaction.atomic():
        claim()
        with pytest.raises(OperationalError, match="lock timeout"):
            as_another(count_in.run_once)

    assert count_in.run_once()["counted"] == 1
    run.refresh_from_db()
    assert (run.state, run.agent_limited) == ("running", True)


def state_of(run: Run) -> str:
    return str(Run.objects.values_list("state", flat=True).get(pk=run.pk))


def test_places_that_nobody_asked_for_are_given_by_the_promoter(task: Task) -> None:
    without_asking(task, 5)
    assert going_on(task) == 0

    assert let_in.run_once()["admitted"] == 3

    assert going_on(task) == 3
    assert let_in.run_once()["admitted"] == 0


def test_a_claim_does_not_see_those_that_wait_for_their_agent(task: Task) -> None:
    without_asking(task, 1000)
    other = make_run()

    assert [run.id for run in claim()] == [other.pk]
