"""`/api/v1/events`, and tasks that answer to events and conditions, as programs ask for them."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent, OutboxEntry, Run, Task
from tests.integration.api.making import PAYLOAD, client_of
from tests.making import make_agent, make_run, the_event, told

pytestmark = pytest.mark.usefixtures("redis_emptied")

EVENTS, TASKS = "/api/v1/events", "/api/v1/tasks"
LISTENING = {"title": "Paid", "schedule_kind": "event", "schedule_expr": "orders.*", "payload": PAYLOAD}
CONDITION = {
    "title": "Heat",
    "schedule_kind": "condition",
    "schedule_expr": "probe.degrees > 25",
    "probe": {"uses": "debug.echo", "with": {"degrees": 20}},
    "payload": PAYLOAD,
}


def created(client: APIClient, **fields: Any) -> dict[str, Any]:
    answer = client.post(TASKS, LISTENING | fields)
    assert answer.status_code == 201, answer.json()
    body: dict[str, Any] = answer.json()
    return body


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.json()
    return [fault["pointer"] for fault in answer.json()["errors"]]


def test_an_event_is_answered_with_its_id_and_the_runs_it_made(as_alice: APIClient) -> None:
    task = created(as_alice)

    answer = as_alice.post(EVENTS, {"topic": "orders.paid", "payload": {"amount": 5}}, HTTP_X_REQUEST_ID="req-7")

    assert answer.status_code == 202
    body = answer.json()
    event, run = the_event("external.orders.paid"), Run.objects.get()
    assert body == {"id": str(event.id), "topic": "orders.paid", "runs": [str(run.pk)]}
    assert (str(run.task_id), run.request_id) == (task["id"], "req-7")
    assert as_alice.get(f"/api/v1/runs/{run.pk}").json()["input"]["event"]["payload"] == {"amount": 5}


def test_an_event_that_nobody_listens_to_is_recorded(as_alice: APIClient) -> None:
    assert as_alice.post(EVENTS, {"topic": "orders.paid"}).json()["runs"] == []
    assert the_event().data == {}


def test_nobody_elses_tasks_are_reached_but_an_admins_events_reach_all(
    as_alice: APIClient, as_bob: APIClient, as_admin: APIClient
) -> None:
    created(as_bob)

    assert as_alice.post(EVENTS, {"topic": "orders.paid"}).json()["runs"] == []
    assert len(as_admin.post(EVENTS, {"topic": "orders.paid"}).json()["runs"]) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/topic"),
        ({"topic": 5}, "/topic"),
        ({"topic": "Orders"}, "/topic"),
        ({"topic": "a" * 201}, "/topic"),
        ({"topic": "a", "payload": [1]}, "/payload"),
        ({"topic": "a", "payload": None}, "/payload"),
        ({"topic": "a", "payload": {"x": "y" * 256_001}}, "/payload"),
        ({"topic": "a", "agent": "x"}, "/agent"),
        ({"topic": "a", "causation": 1}, "/causation"),
    ],
)
def test_a_faulty_event_is_refused_with_its_place(as_alice: APIClient, body: dict[str, Any], pointer: str) -> None:
    assert pointers(as_alice.post(EVENTS, body)) == [pointer]
    assert not told()


@pytest.mark.parametrize(("verb", "url"), [("post", EVENTS), ("get", EVENTS), ("get", f"{EVENTS}/topics")])
def test_without_the_scope_nothing_is_told_or_taken(db: None, verb: str, url: str) -> None:
    client = client_of(make_agent(scopes=("tasks:read", "runs:read", "runs:write")))

    answer = getattr(client, verb)(url, {"topic": "a"} if verb == "post" else None)

    assert answer.status_code == 403


def test_recent_events_are_listed_newest_first_page_by_page(as_alice: APIClient, alice: Agent) -> None:
    for number in range(5):
        as_alice.post(EVENTS, {"topic": "n", "payload": {"number": number, "api_key": "hidden"}})

    first = as_alice.get(f"{EVENTS}?limit=3").json()
    second = as_alice.get(first["next"]).json()

    items = first["items"] + second["items"]
    assert [item["data"]["number"] for item in items] == [4, 3, 2, 1, 0]
    assert second["next"] is None
    newest = told()[-1]
    assert items[0] == {
        "id": str(newest.id),
        "pos": None,
        "type": "external.n",
        "aggregate": f"agent:{alice.pk}",
        "seq": 5,
        "at": items[0]["at"],
        "agent": str(alice.pk),
        "request_id": newest.request_id,
        "causation": 0,
        "data": {"number": 4, "api_key": "***"},
    }


def test_an_agent_sees_the_events_of_what_is_its_own_and_an_admin_all(
    as_alice: APIClient, as_bob: APIClient, as_admin: APIClient, alice: Agent
) -> None:
    task = created(as_alice)
    make_run(Task.objects.get(pk=task["id"]))
    as_bob.post(EVENTS, {"topic": "secret"})

    assert [item["type"] for item in as_alice.get(EVENTS).json()["items"]] == ["run.queued", "task.created"]
    assert [item["type"] for item in as_bob.get(EVENTS).json()["items"]] == ["external.secret"]
    assert len(as_admin.get(EVENTS).json()["items"]) == 3


def test_events_can_be_narrowed_by_type_and_by_what_they_happened_to(as_alice: APIClient) -> None:
    task = created(as_alice)
    as_alice.post(EVENTS, {"topic": "orders.paid"})

    def types(query: str) -> list[str]:
        return [item["type"] for item in as_alice.get(f"{EVENTS}?{query}").json()["items"]]

    assert types("type=external.orders.paid") == types("type=external.*") == ["external.orders.paid"]
    assert types("type=task.*") == ["task.created"]
    assert types("type=*") == ["run.queued", "external.orders.paid", "task.created"]
    assert types("type=worker.*") == []
    assert types(f"aggregate_id={task['id']}") == ["task.created"]
    assert pointers(as_alice.get(f"{EVENTS}?topic=x")) == ["/topic"]


def test_of_several_events_in_a_row_a_branch_shows_its_own_alone(as_alice: APIClient, alice: Agent) -> None:
    facts = [["run.step_succeeded", {}], ["task.completed", {}]]
    OutboxEntry.objects.create(aggregate_kind="run", aggregate_id=alice.pk, seq=1, size=2, facts=facts, agent=alice.pk)

    for branch in ("run.*", "task.*"):
        [item] = as_alice.get(f"{EVENTS}?type={branch}").json()["items"]
        assert item["type"].startswith(branch[:-1])


@pytest.mark.parametrize(
    ("asked", "cure"), [("task.pausd", "task.paused"), ("orders.*", "external.orders.*"), ("A", "run.*")]
)
def test_a_type_that_no_event_will_ever_have_is_refused(as_alice: APIClient, asked: str, cure: str) -> None:
    refused = as_alice.get(EVENTS, {"type": asked})

    assert pointers(refused) == ["/type"]
    assert cure in refused.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=task.*", ["task.paused", "task.created"]),
        ("type=task.created,task.deleted", ["task.created"]),
        ("type=task.created&type=external.*", ["external.orders.paid", "task.created"]),
        ("type=*", ["occurrence.skipped", "external.orders.paid", "task.paused", "task.created"]),
        ("type=run.*", []),
        ("aggregate=task:{task}", ["occurrence.skipped", "task.paused", "task.created"]),
        ("aggregate=run:{task}", []),
        ("aggregate=task:{task}&type=task.paused", ["task.paused"]),
    ],
)
def test_the_list_is_narrowed_as_the_stream_is(as_alice: APIClient, query: str, expected: list[str]) -> None:
    task = created(as_alice)
    as_alice.post(f"{TASKS}/{task['id']}/pause")
    as_alice.post(EVENTS, {"topic": "orders.paid"})

    answer = as_alice.get(f"{EVENTS}?{query.format(task=task['id'])}")

    assert [item["type"] for item in answer.json()["items"]] == expected


def test_a_list_of_some_types_goes_on_page_by_page(as_alice: APIClient) -> None:
    for number in range(4):
        as_alice.post(EVENTS, {"topic": "n", "payload": {"number": number}})
        as_alice.post(EVENTS, {"topic": "other"})

    first = as_alice.get(f"{EVENTS}?type=external.n,task.*&limit=3").json()
    second = as_alice.get(first["next"]).json()

    assert [item["data"]["number"] for item in first["items"] + second["items"]] == [3, 2, 1, 0]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "pointer", "cure"),
    [
        ("type=run.*.x", "/type", "run.succeeded"),
        ("type=", "/type", "leave the parameter out"),
        ("type=run.failed,", "/type", "leave the parameter out"),
        ("aggregate=task:1", "/aggregate", "task:<id>"),
        ("aggregate=", "/aggregate", "leave the parameter out"),
    ],
)
def test_the_list_refuses_what_the_stream_does(as_alice: APIClient, query: str, pointer: str, cure: str) -> None:
    answer = as_alice.get(f"{EVENTS}?{query}")

    assert pointers(answer) == [pointer]
    assert cure in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("identity", ["1e999", "true", '"x"', "99999999999999999999999", "[]", '"\\u0000"'])
def test_a_forged_cursor_is_refused_or_finds_nothing(as_alice: APIClient, identity: str) -> None:
    cursor = urlsafe_b64encode(f'["-id", {identity}, {identity}]'.encode()).decode()

    assert as_alice.get(EVENTS, {"cursor": cursor}).status_code in {200, 422}


def test_topics_are_those_that_active_tasks_of_ones_own_listen_to(as_alice: APIClient, as_bob: APIClient) -> None:
    for topic in ("b.*", "a", "b.*", "*"):
        created(as_alice, schedule_expr=topic)
    paused = created(as_alice, schedule_expr="paused")
    as_alice.post(f"{TASKS}/{paused['id']}/pause")
    created(as_bob, schedule_expr="theirs")

    first = as_alice.get(f"{EVENTS}/topics?limit=2").json()
    second = as_alice.get(first["next"]).json()

    found = {item["topic"]: item["tasks"] for item in first["items"] + second["items"]}
    assert found == {"*": 1, "a": 1, "b.*": 2}
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)
    assert pointers(as_alice.get(f"{EVENTS}/topics?cursor=%01")) == ["/cursor"]
    assert pointers(as_alice.get(f"{EVENTS}/topics?limit=0")) == ["/limit"]


def test_a_condition_shows_its_fields_and_what_was_found(as_alice: APIClient) -> None:
    answer = as_alice.post(TASKS, CONDITION | {"poll_seconds": 30, "cooldown_seconds": 600})

    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert (body["probe"], body["poll_seconds"], body["cooldown_seconds"]) == (CONDITION["probe"], 30, 600)
    assert (body["condition_met"], body["condition_error"], body["next_run_at"]) == (None, None, None)


@pytest.mark.parametrize("name", ["condition_met", "condition_error", "condition_fired_at"])
def test_what_was_found_cannot_be_sent(as_alice: APIClient, name: str) -> None:
    assert pointers(as_alice.post(TASKS, CONDITION | {name: None})) == [f"/{name}"]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"probe": "debug.echo"}, "/probe"),
        ({"probe": {"uses": "no.such"}}, "/probe/uses"),
        ({"probe": {"uses": "debug.log", "with": {"level": 3, "text": "x"}}}, "/probe/with/level"),
        ({"schedule_expr": "probe.degrees >"}, "/schedule_expr"),
        ({"poll_seconds": 4}, "/poll_seconds"),
    ],
)
def test_a_faulty_condition_is_refused_with_its_place(
    as_alice: APIClient, fields: dict[str, Any], pointer: str
) -> None:
    assert pointers(as_alice.post(TASKS, CONDITION | fields)) == [pointer]


def test_a_condition_becomes_another_kind_when_what_it_alone_has_is_given_up(as_alice: APIClient) -> None:
    task = as_alice.post(TASKS, CONDITION).json()
    cron = {"schedule_kind": "cron", "schedule_expr": "0 9 * * *"}

    assert pointers(as_alice.patch(f"{TASKS}/{task['id']}", cron)) == ["/probe"]
    changed = as_alice.patch(f"{TASKS}/{task['id']}", cron | {"probe": None})

    assert changed.status_code == 200
    assert changed.json()["next_run_at"] is not None


def test_an_older_documents_event_type_is_a_topic(as_alice: APIClient) -> None:
    body = {"title": "Old", "event_type": "orders.paid", "payload": PAYLOAD}

    answer = as_alice.post(TASKS, body)

    assert answer.status_code == 201, answer.json()
    assert (answer.json()["schedule_kind"], answer.json()["schedule_expr"]) == ("event", "orders.paid")
