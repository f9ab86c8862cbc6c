"""As many of an agent's runs are queued or running as its limit says."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tasks_app import admission, queue, release
from tasks_app.admission import Openings
from tasks_app.maintenance import count_in
from tasks_app.models import Agent, Census, Run, Task
from tasks_app.models.clock import database_now
from tasks_app.services import agents
from tasks_app.services.actor import SYSTEM
from tests.making import claim, claim_one, events_of, expire, make_agent, make_run, make_task

pytestmark = pytest.mark.django_db

ERROR = {"error_class": "retryable", "code": "busy", "message": "Busy."}


def limited(at: int = 2) -> Task:
    agent = make_agent()
    Agent.objects.filter(pk=agent.pk).update(max_running=at)
    return make_task(created_by=agent)


def let_in(*tasks: Task) -> int:
    return admission.admit(Openings(agents={task.created_by_id for task in tasks}))


def queued() -> list[UUID]:
    return list(Run.objects.filter(state="queued").order_by("id").values_list("pk", flat=True))


def state(run: Run) -> tuple[str, str]:
    run.refresh_from_db()
    return run.state, run.waiting_for


def test_as_many_go_on_as_the_limit_says_over_all_tasks_of_the_agent_and_no_more() -> None:
    task = limited()
    sibling = make_task(created_by=task.created_by)
    runs = [make_run(task), make_run(sibling), make_run(task), make_run(sibling)]
    stranger = make_run()
    assert [state(run) for run in runs] == [("waiting", "agent_limit")] * 4
    assert state(stranger) == ("queued", "")

    assert let_in(task) == 2
    assert let_in(task) == 0

    assert [state(run)[0] for run in runs] == ["queued", "queued", "waiting", "waiting"]
    ended = next(run for run in claim() if run.id != stranger.pk)
    queue.apply(queue.succeed(ended.lease))
    assert let_in(task) == 1


def test_the_most_urgent_goes_first_and_among_equals_the_one_that_was_due_first() -> None:
    task = limited(1)
    now = database_now()
    later = make_run(task, start=now)
    sooner = make_run(task, start=now - timedelta(hours=1))
    urgent = make_run(task, start=now, priority=9)
    order = []

    for _ in range(3):
        assert let_in(task) == 1
        lease = claim_one().lease
        order.append(lease.run_id)
        queue.apply(queue.succeed(lease))

    assert order == [urgent.pk, sooner.pk, later.pk]


def test_a_run_that_got_its_place_says_so_and_is_due_from_then_on() -> None:
    asked = database_now()
    run = make_run(limited(), start=asked - timedelta(hours=1))

    let_in(run.task)

    assert state(run) == ("queued", "")
    assert run.run_at >= asked
    assert events_of(run) == ["run.queued", "run.queued"]


def test_first_its_turn_then_a_place_under_its_key_then_one_of_its_agents() -> None:
    task = limited(1)
    other = make_run(task)
    let_in(task)
    runs = [make_run(task, lane=f"lane {n}", takes_turn=True, concurrency_key="printer") for n in range(2)]
    openings = Openings(lanes={"lane 0", "lane 1"})
    assert [state(run) for run in runs] == [("waiting", "turn")] * 2

    assert admission.admit(openings) == 0
    assert [state(run) for run in runs] == [("waiting", "agent_limit"), ("waiting", "turn")]
    assert not runs[1].takes_turn
    admission.admit(Openings(keys={(task.created_by_id, "printer")}))
    assert state(runs[1]) == ("waiting", "turn"), "the first holds the place under the key while it waits"
    assert not admission.overlooked(limit=10)

    queue.apply(queue.succeed(claim_one().lease))
    assert claim() == []
    assert let_in(task) == 1
    assert claim_one().id == runs[0].pk != other.pk


def test_a_turn_alone_leads_to_the_line_of_the_agent() -> None:
    task = limited(1)
    runs = [make_run(task, lane=lane, takes_turn=True) for lane in ("a", "b")]

    assert admission.admit(Openings(lanes={"a", "b"})) == 1

    assert [state(run) for run in runs] == [("queued", ""), ("waiting", "agent_limit")]
    assert [events_of(run) for run in runs] == [["run.queued", "run.queued"], ["run.queued"]]


@pytest.mark.parametrize("wait", ["retry", "sleep"])
def test_a_run_that_waits_gives_up_its_place_and_must_get_one_again(wait: str) -> None:
    task = limited(1)
    first, second = make_run(task), make_run(task)
    let_in(task)
    lease = claim_one().lease
    queue.apply(queue.retry(lease, delay=-1, error=ERROR) if wait == "retry" else queue.park(lease, delay=-1))

    assert let_in(task) == 1
    assert queued() == [second.pk]
    assert queue.promote(limit=10) == 1
    assert state(first) == ("waiting", "agent_limit")
    assert let_in(task) == 0


@pytest.mark.parametrize("way", ["release", "reap"])
def test_a_run_that_is_handed_back_keeps_its_place(way: str) -> None:
    task = limited(1)
    make_run(task), make_run(task)
    let_in(task)
    lease = claim_one().lease
    if way == "release":
        queue.apply(queue.release(lease))
    else:
        expire(lease)
        queue.reap(limit=10)

    assert let_in(task) == 0
    assert claim_one().id == lease.run_id


@pytest.mark.parametrize("end", ["cancel", "death", "plan", "promotion", "lane"])
def test_whoever_makes_room_or_wants_it_asks_after_its_commit(
    end: str, django_capture_on_commit_callbacks: Any
) -> None:
    task = limited(1)
    first = make_run(task)
    if end in {"cancel", "death"}:
        let_in(task)
    lease = claim_one().lease if end == "death" else None
    if end == "promotion":
        Run.objects.filter(pk=first.pk).update(waiting_for="start")
    if end == "lane":
        Run.objects.filter(pk=first.pk).update(waiting_for="turn", lane="a", takes_turn=True)

    with django_capture_on_commit_callbacks(execute=True):
        second = make_run(task) if end in {"cancel", "death", "plan"} else None
        if end == "cancel":
            queue.cancel([first.pk], reason="enough")
        elif lease:
            Run.objects.filter(pk=first.pk).update(losses=2, begun_fence=lease.fence)
            expire(lease)
            queue.reap(limit=10)
        elif end == "promotion":
            queue.promote(limit=10)
        elif end == "lane":
            queue.change_lane(task.pk, old="a", new="")

    assert queued() == [second.pk if second and end != "plan" else first.pk]


def test_whoever_claims_is_told_that_the_run_is_counted() -> None:
    task = limited()
    make_run(task), make_run()
    let_in(task)

    assert {run.task == task.pk: run.agent_limited for run in claim()} == {True: True, False: False}


def test_only_an_agent_with_room_is_overlooked() -> None:
    full, free, other = limited(1), limited(1), limited(3)
    make_run(full)
    let_in(full)
    for task in (full, free, other):
        make_run(task), make_run(task)

    found = admission.overlooked(limit=10)

    assert found == Openings(agents={free.created_by_id, other.created_by_id})
    assert admission.admit(found) == 3


@pytest.mark.parametrize(("new", "going_on"), [(5, 5), (1, 2), (None, 8)])
def test_another_limit_counts_for_what_waits(
    new: int | None, going_on: int, django_capture_on_commit_callbacks: Any
) -> None:
    task = limited(2)
    for _ in range(8):
        make_run(task)
    let_in(task)

    with django_capture_on_commit_callbacks(execute=True):
        agents.set_limits(task.created_by, {"max_running": new}, actor=SYSTEM)

    assert len(queued()) == going_on


def test_what_goes_on_and_waits_when_an_agent_gets_a_limit_is_counted_a_few_at_a_time(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(count_in, "BATCH", 2)
    task, stranger = make_task(), make_task()
    before = [make_run(task) for _ in range(3)]
    claim_one()
    kinds: list[dict[str, Any]] = [
        {"start": database_now() + timedelta(hours=1)},
        {"lane": "a", "takes_turn": True},
        {"concurrency_key": "printer"},
    ]
    before += [make_run(task, **kind) for kind in kinds]
    done, other = make_run(task, priority=9), make_run(stranger)
    queue.apply(queue.succeed(claim_one().lease))

    with django_capture_on_commit_callbacks(execute=True):
        agents.set_limits(task.created_by, {"max_running": 2}, actor=SYSTEM)
        after = make_run(task)
    assert count_in.run_once() == {"counted": len(before), "more": 0}

    counted = set(Run.objects.filter(agent_limited=True))
    assert counted == {*before, after}
    assert not counted & {done, other}
    assert state(after) == ("waiting", "agent_limit"), "three go on already"


def test_as_long_as_not_all_are_counted_nobody_is_let_in(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(count_in, "BATCH", 1)
    monkeypatch.setattr(count_in, "ROUND", 0)
    task = make_task()
    before, gone_on = [make_run(task), make_run(make_task(created_by=task.created_by))], make_run()
    with django_capture_on_commit_callbacks(execute=True):
        agents.set_limits(task.created_by, {"max_running": 3}, actor=SYSTEM)
        waiting = make_run(task), make_run(task)

    rounds = [count_in.run_once()["counted"]]
    while Census.objects.exists():
        assert not admission.overlooked(limit=10)
        assert let_in(task) == 0
        rounds.append(count_in.run_once()["counted"])

    assert (sum(rounds), max(rounds)) == (2, 1)
    assert [run.pk for run in (*before, gone_on, waiting[0])] == queued()
    assert state(waiting[1]) == ("waiting", "agent_limit")


def test_a_limit_that_is_lifted_before_all_are_counted_lets_everybody_go_on(
    django_capture_on_commit_callbacks: Any,
) -> None:
    task = make_task()
    agents.set_limits(task.created_by, {"max_running": 1}, actor=SYSTEM)
    waiting = [make_run(task) for _ in range(3)]

    with django_capture_on_commit_callbacks(execute=True):
        agents.set_limits(task.created_by, {"max_running": None}, actor=SYSTEM)

    assert [run.pk for run in waiting] == queued()
    assert not Census.objects.exists()


def test_a_limit_that_is_changed_before_all_are_counted_goes_on_counting_where_it_was() -> None:
    agent = make_agent()
    agents.set_limits(agent, {"max_running": 1}, actor=SYSTEM)
    census = Census.objects.get()

    agents.set_limits(agent, {"max_running": 2}, actor=SYSTEM)

    assert Census.objects.get() == census


def test_a_run_that_had_ended_when_its_agent_got_a_limit_is_counted_when_it_gets_another_chance() -> None:
    task = make_task()
    run = make_run(task)
    queue.apply(queue.fail(claim_one().lease, error=ERROR))
    Agent.objects.filter(pk=task.created_by_id).update(max_running=1)

    release.redrive([run.pk], from_start=False, trigger="retried", reason="")

    assert state(run) == ("waiting", "agent_limit")
    assert run.agent_limited


def test_runs_of_an_agent_whose_limit_was_lifted_wait_for_nothing(django_capture_on_commit_callbacks: Any) -> None:
    task = limited(1)
    sleeper = make_run(task)
    let_in(task)
    queue.apply(queue.park(claim_one().lease, delay=-1))
    agents.set_limits(task.created_by, {"max_running": None}, actor=SYSTEM)

    with django_capture_on_commit_callbacks(execute=True):
        queue.promote(limit=10)

    assert state(sleeper) == ("queued", "")
    assert state(make_run(task)) == ("queued", "")
