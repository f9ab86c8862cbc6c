"""What became of tasks, as it is read and stopped over HTTP."""

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from tasks_app import queue
from tasks_app.models import Agent, Attempt, AuditEntry, Run
from tests.integration.api.making import PAYLOAD, make_task
from tests.making import claim_one, make_run, step

URL = "/api/v1/runs"
ERROR = {"error_class": "tool_error", "code": "boom", "message": "It broke."}
FIRST = step("fetch", input={"city": "Balti"}, output={"degrees": 7})
SECOND = step("send", state="failed", error=ERROR)


def test_a_queued_run_has_no_attempts_and_no_steps(as_alice: APIClient, alice: Agent) -> None:
    run = make_run(make_task(alice))

    body = as_alice.get(f"{URL}/{run.pk}").json()

    assert (body["status"], body["attempts"], body["steps"], body["started_at"]) == ("queued", [], [], None)
    assert "claimed_at" not in body


def test_the_attempt_under_way_is_shown_like_those_that_ended(as_alice: APIClient, alice: Agent) -> None:
    run = make_run(make_task(alice))
    lease = claim_one().lease
    queue.apply(queue.retry(lease, delay=0, error=ERROR, steps=[FIRST, SECOND]))
    queue.promote(limit=1)
    claim_one()

    body = as_alice.get(f"{URL}/{run.pk}").json()

    assert body["status"] == "running"
    assert [(each["number"], each["outcome"], each["worker"]) for each in body["attempts"]] == [
        (1, "retried", "worker"),
        (2, None, "worker"),
    ]
    assert [each["finished_at"] is None for each in body["attempts"]] == [False, True]
    assert body["attempts"][0]["error"] == ERROR
    assert set(body["attempts"][0]) == set(body["attempts"][1])
    first, second = body["steps"]
    assert first | {"recorded_at": ""} == {
        "id": "fetch",
        "status": "succeeded",
        "tool": "noop",
        "attempt": 1,
        "input": {"city": "Balti"},
        "output": {"degrees": 7},
        "cut": {},
        "error": None,
        "duration_ms": 1,
        "failures": 0,
        "mark": "",
        "simulated": False,
        "recorded_at": "",
    }
    assert (second["status"], second["error"]) == ("failed", ERROR)


def test_secrets_among_the_inputs_and_outputs_are_masked(as_alice: APIClient, alice: Agent) -> None:
    run = make_run(make_task(alice), input={"params": {"api_key": "s3cret"}})
    sent = step(input={"headers": {"Authorization": "Bearer s3cret"}}, output={"json": {"access_token": "s3cret"}})
    queue.apply(queue.succeed(claim_one().lease, steps=[sent]))

    answer = as_alice.get(f"/api/v1/runs/{run.pk}")

    assert "s3cret" not in answer.content.decode()
    [shown] = answer.json()["steps"]
    assert shown["input"] == {"headers": {"Authorization": "***"}}
    assert shown["output"] == {"json": {"access_token": "***"}}


def test_a_finished_run_has_its_last_attempt_once(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    run = make_run(task)
    queue.apply(queue.succeed(claim_one().lease, steps=[FIRST]))

    body = as_alice.get(f"{URL}/{run.pk}").json()
    owner = as_alice.get(f"/api/v1/tasks/{task.pk}").json()

    assert (body["status"], [each["outcome"] for each in body["attempts"]]) == ("succeeded", ["succeeded"])
    assert body["finished_at"] >= body["started_at"]
    assert (owner["last_status"], owner["last_run_at"]) == ("succeeded", body["started_at"])


def test_an_attempt_that_ends_while_the_run_is_being_read_is_shown_once(alice: Agent) -> None:
    run = make_run(make_task(alice))
    lease = claim_one().lease
    read_before = Run.objects.get(pk=run.pk)
    queue.apply(queue.release(lease))

    attempts = Attempt.objects.of(read_before)

    assert [attempt.outcome for attempt in attempts] == ["handed_back"]


def test_canceling_a_run_ends_it_and_a_finished_one_refuses(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    finished, canceled = make_run(task), make_run(task)
    queue.apply(queue.succeed(claim_one().lease))

    answers = [as_alice.post(f"{URL}/{run.pk}/cancel") for run in (canceled, canceled, finished)]

    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert [answer.json().get("status") for answer in answers] == ["canceled", "canceled", 409]
    assert list(AuditEntry.objects.filter(action="run.canceled").values_list("object_id", flat=True)) == [canceled.pk]


def test_runs_are_narrowed_by_task_state_owner_and_time(
    as_alice: APIClient, as_admin: APIClient, alice: Agent, bob: Agent
) -> None:
    hourly, other = make_task(alice), make_task(alice)
    done, waiting, foreign = make_run(hourly), make_run(other), make_run(make_task(bob))
    queue.apply(queue.succeed(claim_one().lease))
    Run.objects.filter(pk=done.pk).update(created_at=done.created_at - timedelta(days=1))
    before_today = waiting.created_at.isoformat().replace("+00:00", "Z")

    def found(query: str, client: APIClient = as_alice) -> set[str]:
        answer = client.get(f"{URL}?{query}")
        assert answer.status_code == 200, answer.json()
        return {each["id"] for each in answer.json()["items"]}

    assert found(f"task_id={hourly.pk}") == {str(done.pk)}
    assert found("status=queued") == {str(waiting.pk)}
    assert found("status=queued&status=succeeded") == {str(done.pk), str(waiting.pk)}
    assert found(f"created_before={before_today}") == {str(done.pk)}
    assert found(f"created_after={before_today}") == {str(waiting.pk)}
    assert found(f"agent={bob.pk}", as_admin) == {str(foreign.pk)}


def test_a_tasks_runs_are_its_own_the_newest_first(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    make_run(make_task(alice))
    runs = [make_run(task), make_run(task)]

    items = as_alice.get(f"/api/v1/tasks/{task.pk}/runs?status=queued").json()["items"]

    assert [each["id"] for each in items] == [str(run.pk) for run in reversed(runs)]


def test_one_step_of_many_is_read_whole(as_alice: APIClient, alice: Agent) -> None:
    run = make_run(make_task(alice))
    many = [step(f"each[{number}].wx") for number in range(103)]
    queue.apply(queue.succeed(claim_one().lease, steps=[*many, step("big", output="x" * 50_000)]))

    listed = as_alice.get(f"{URL}/{run.pk}").json()
    [one] = as_alice.get(f"{URL}/{run.pk}?step=each[102]").json()["steps"]
    [big] = as_alice.get(f"{URL}/{run.pk}?step=big").json()["steps"]

    assert (len(listed["steps"]), listed["steps_truncated"]) == (101, {"each": 3})
    assert (listed["steps"][-1]["output"], listed["steps"][-1]["cut"]) == (None, {"output": 50_002})
    assert one["id"] == "each[102].wx"
    assert (len(big["output"]), big["cut"]) == (50_000, {})
    assert as_alice.get(f"{URL}/{run.pk}?steps=big").status_code == 422


@pytest.mark.parametrize("asked", ["zz", "each[7]", "big.x"])
def test_a_step_that_is_not_there_is_refused_with_those_that_are(as_alice: APIClient, alice: Agent, asked: str) -> None:
    run = make_run(make_task(alice))
    queue.apply(queue.succeed(claim_one().lease, steps=[step("each[0].wx"), step("big")]))

    answer = as_alice.get(f"{URL}/{run.pk}?step={asked}")

    assert answer.status_code == 422, answer.json()
    [fault] = answer.json()["errors"]
    assert fault["pointer"] == "/step"
    assert fault["message"].endswith(", each, big.")


def test_a_step_that_has_not_begun_is_no_fault(as_alice: APIClient) -> None:
    task = as_alice.post("/api/v1/tasks", {"title": "T", "schedule_kind": "manual", "payload": PAYLOAD}).json()
    run = as_alice.post(f"/api/v1/tasks/{task['id']}/run_now").json()
    [planned] = task["payload"]["pipeline"]

    answer = as_alice.get(f"{URL}/{run['id']}?step={planned.get('id', 'step_1')}")

    assert (answer.status_code, answer.json()["steps"]) == (200, [])
