"""Lists: pages, order, filters, and what they cost."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from urllib.parse import quote

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tasks_app import queue
from tasks_app.models import Agent, Task
from tests.integration.api.making import make_task
from tests.making import claim_one, make_run, step

URL = "/api/v1/tasks"


def walked(client: APIClient, url: str) -> list[list[str]]:
    """The titles of each page."""
    pages: list[list[str]] = []
    following: str | None = url
    while following:
        body = client.get(following).json()
        pages.append([each["title"] for each in body["items"]])
        following = body["next"]
    return pages


def test_a_list_goes_on_page_by_page_from_the_newest(as_alice: APIClient, alice: Agent) -> None:
    for number in range(5):
        make_task(alice, title=f"t{number}")

    assert walked(as_alice, f"{URL}?limit=2") == [["t4", "t3"], ["t2", "t1"], ["t0"]]
    assert walked(as_alice, f"{URL}?limit=5") == [["t4", "t3", "t2", "t1", "t0"]]


def test_a_task_by_itself_is_its_line_of_the_list(as_alice: APIClient, as_admin: APIClient, alice: Agent) -> None:
    hours = [{"from": "22:00", "to": "07:00", "days": ["MO"]}]
    task = make_task(alice, quiet_hours=hours)
    Task.objects.filter(pk=task.pk).update(condition_error={"code": "x"}, condition_met=False)
    make_run(task)
    claim_one()
    other = make_task(alice)

    [of_other, of_task] = as_alice.get(URL).json()["items"]

    assert of_task["last_status"] == "running"
    assert of_task["quiet_hours"] == hours
    for client in (as_alice, as_admin):
        assert client.get(f"{URL}/{task.pk}").json() == of_task
        assert client.get(f"{URL}/{other.pk}").json() == of_other


def test_a_row_that_is_new_neither_repeats_nor_hides_another(as_alice: APIClient, alice: Agent) -> None:
    for number in range(4):
        make_task(alice, title=f"t{number}")
    first = as_alice.get(f"{URL}?limit=2").json()

    make_task(alice, title="new")

    assert walked(as_alice, first["next"]) == [["t1", "t0"]]


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("priority", ["low", "mid-a", "mid-b", "high"]),
        ("-priority", ["high", "mid-b", "mid-a", "low"]),
        ("title", ["high", "low", "mid-a", "mid-b"]),
        ("next_run_at", ["high", "mid-a", "low", "mid-b"]),
        ("-next_run_at", ["mid-a", "high", "mid-b", "low"]),
        ("id", ["low", "mid-a", "mid-b", "high"]),
    ],
)
def test_any_order_can_be_walked_through_ties_and_empty_values(
    as_alice: APIClient, alice: Agent, ordering: str, expected: list[str]
) -> None:
    for title, priority in (("low", 1), ("mid-a", 5), ("mid-b", 5), ("high", 9)):
        make_task(alice, title=title, priority=priority)
    now = Task.objects.get(title="low").created_at
    Task.objects.filter(title__in=["low", "mid-b"]).update(next_run_at=None)
    Task.objects.filter(title="high").update(next_run_at=now + timedelta(minutes=1))
    Task.objects.filter(title="mid-a").update(next_run_at=now + timedelta(minutes=2))

    pages = walked(as_alice, f"{URL}?limit=1&ordering={ordering}")

    assert pages == [[title] for title in expected]


def test_tasks_are_narrowed_by_each_filter(as_alice: APIClient, alice: Agent) -> None:
    make_task(alice, title="Hourly report", priority=9)
    make_task(alice, title="By hand", schedule_kind="manual", schedule_expr="")
    paused = make_task(alice, title="Paused report")
    as_alice.post(f"{URL}/{paused.pk}/pause")
    at = quote(Task.objects.get(title="Hourly report").next_run_at.isoformat())

    def found(query: str) -> set[str]:
        return {each["title"] for each in as_alice.get(f"{URL}?{query}").json()["items"]}

    assert found("status=paused") == {"Paused report"}
    assert found("schedule_kind=manual") == {"By hand"}
    assert found("priority=9") == {"Hourly report"}
    assert found("title=REPORT") == {"Hourly report", "Paused report"}
    assert found("title=report&status=active") == {"Hourly report"}
    assert found(f"next_run_before={at}") == set()
    assert found(f"next_run_after={at}") == {"Hourly report", "Paused report"}
    assert found(f"created_by={alice.pk}&limit=1") == {"Paused report"}


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=201", "/limit"),
        ("limit=0", "/limit"),
        ("limit=-1", "/limit"),
        ("limit=1000000000", "/limit"),
        ("limit=x", "/limit"),
        ("limit=²", "/limit"),
        ("ordering=payload", "/ordering"),
        ("ordering=created_by__secret_hash", "/ordering"),
        ("ordering=--id", "/ordering"),
        ("cursor=x", "/cursor"),
        ("cursor=WyItaWQi", "/cursor"),
        ("cursor=W10=", "/cursor"),
        ("cursor=WyItaWQiLDUsNV0=", "/cursor"),
        ("status=sleeping", "/status"),
        ("priority=10", "/priority"),
        ("created_by=me", "/created_by"),
        ("next_run_after=soon", "/next_run_after"),
        ("next_run_after=0001-01-01T00:00:00%2B23:00", "/next_run_after"),
        ("next_run_before=9999-12-31T23:59:59-23:00", "/next_run_before"),
        ("payload__x=1", "/payload__x"),
        ("page_size=5", "/page_size"),
    ],
)
def test_a_parameter_that_is_unknown_or_wrong_is_refused(as_alice: APIClient, query: str, pointer: str) -> None:
    answer = as_alice.get(f"{URL}?{query}")

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("ordering", "value"),
    [
        ("title", "\ud800"),
        ("title", "a\0b"),
        ("next_run_at", "0001-01-01T00:00:00+23:00"),
        ("next_run_at", "9999-12-31T23:59:59-23:00"),
        ("next_run_at", "soon"),
    ],
)
def test_a_cursor_with_a_value_that_no_row_can_have_is_refused(as_alice: APIClient, ordering: str, value: str) -> None:
    made_up = json.dumps([ordering, "01a1fe26-b382-7257-9dde-516538092fbb", value])
    cursor = urlsafe_b64encode(made_up.encode()).decode()

    answer = as_alice.get(f"{URL}?ordering={ordering}&cursor={cursor}")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/cursor")


def test_a_cursor_of_another_order_is_refused(as_alice: APIClient, alice: Agent) -> None:
    make_task(alice)
    make_task(alice)
    following = as_alice.get(f"{URL}?limit=1&ordering=title").json()["next"]

    answer = as_alice.get(following.replace("ordering=title", "ordering=priority"))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/cursor")


def test_a_list_costs_two_queries_however_long_it_is(
    as_alice: APIClient, alice: Agent, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        make_run(make_task(alice))

    for url in (URL, "/api/v1/runs"):
        with django_assert_num_queries(2) as counted:
            assert len(as_alice.get(url).json()["items"]) == 5
        assert "COUNT(" not in "".join(query["sql"] for query in counted.captured_queries)


def test_a_runs_detail_costs_four_queries_however_many_steps_it_has(
    as_alice: APIClient, alice: Agent, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = make_run(make_task(alice))
    steps = [step(f"s{number}") for number in range(10)]
    queue.apply(queue.succeed(claim_one().lease, steps=steps))

    with django_assert_num_queries(4):
        assert len(as_alice.get(f"/api/v1/runs/{run.pk}").json()["steps"]) == 10
