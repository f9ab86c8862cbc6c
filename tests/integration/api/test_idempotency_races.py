"""Two requests at once under one Idempotency-Key, each on a connection of its own: one of them does the work."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from tasks_app.models import Agent, KeptAnswer, Task
from tasks_app.services import tasks
from tests.integration.api.making import TASK, client_of
from tests.making import make_agent

pytestmark = pytest.mark.django_db(transaction=True)
WAIT = 20


@contextmanager
def elsewhere() -> Iterator[Callable[..., "Future[Any]"]]:
    """Runs things in another thread, whose connection is closed at the end."""
    with ThreadPoolExecutor(1) as other:
        try:
            yield other.submit
        finally:
            other.submit(lambda: connection.close()).result(WAIT)  # noqa: PLW0108 - the connection of that thread


def ask(agent: Agent) -> Any:
    return client_of(agent).post("/api/v1/tasks", TASK, headers={"Idempotency-Key": "one"})


def test_while_the_first_is_at_work_the_second_is_409_and_afterwards_is_given_its_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    agent = make_agent(scopes=("tasks:create",))
    working, go_on = threading.Event(), threading.Event()
    create = tasks.create_task

    def slowly(*args: Any, **kwargs: Any) -> Task:
        working.set()
        assert go_on.wait(WAIT)
        return create(*args, **kwargs)

    with elsewhere() as run:
        monkeypatch.setattr(tasks, "create_task", slowly)
        first = run(ask, agent)
        assert working.wait(WAIT)
        second = ask(agent)
        go_on.set()
        made = first.result(WAIT)
    third = ask(agent)

    assert (second.status_code, second.json()["code"]) == (409, "idempotency_key_in_use")
    assert second.headers["Retry-After"] == "1"
    assert (made.status_code, third.status_code) == (201, 201)
    assert third.content == made.content
    assert Task.objects.count() == 1


def test_of_many_at_once_exactly_one_makes_the_task() -> None:
    agent = make_agent(scopes=("tasks:create",))
    together = threading.Barrier(4)

    def both() -> int:
        together.wait(WAIT)
        try:
            return int(ask(agent).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as callers:
        statuses = [each.result(WAIT) for each in [callers.submit(both) for _ in range(4)]]

    assert 201 in statuses
    assert set(statuses) <= {201, 409}
    assert (Task.objects.count(), KeptAnswer.objects.count()) == (1, 1)


def test_a_holder_whose_connection_ends_has_done_nothing_and_lets_go_of_the_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    agent = make_agent(scopes=("tasks:create",))
    working, go_on = threading.Event(), threading.Event()
    holder: list[int] = []
    create = tasks.create_task

    def then_die(*args: Any, **kwargs: Any) -> Task:
        made = create(*args, **kwargs)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            holder.append(cursor.fetchone()[0])
        working.set()
        assert go_on.wait(WAIT)
        return made

    with elsewhere() as run:
        with monkeypatch.context() as dying:
            dying.setattr(tasks, "create_task", then_die)
            first = run(ask, agent)
            assert working.wait(WAIT)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [holder[0]])
        second = ask(agent)
        go_on.set()
        lost = first.result(WAIT)

    assert (lost.status_code, second.status_code) == (503, 201)
    assert (Task.objects.count(), KeptAnswer.objects.count()) == (1, 1)
