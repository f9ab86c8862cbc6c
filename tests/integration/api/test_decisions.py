"""A person says what a run waits for, over HTTP."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app import queue
from tasks_app.models import Agent, AuditEntry, Run, StepLog, Task
from tasks_app.models.clock import database_now
from tasks_app.services import decisions
from tasks_app.services.actor import Actor
from tasks_app.states import WaitingFor
from tests.integration.api.making import make_task
from tests.making import claim, claim_one, events_of, make_run, step, the_step

URL = "/api/v1/runs"
ERROR = {"error_class": "lost_worker", "code": "outcome_unknown", "message": "Who knows.", "step": "pay"}


def in_doubt(owner: Agent, **fields: Any) -> Run:
    run = make_run(make_task(owner, **fields))
    queue.apply(queue.doubt(claim_one().lease, error=ERROR, steps=[step("pay", state="unknown")]))
    return run


def test_a_run_in_doubt_says_so(as_alice: APIClient, alice: Agent) -> None:
    body = as_alice.get(f"{URL}/{in_doubt(alice).pk}").json()

    assert (body["status"], body["waiting_for"], body["error"]) == ("waiting", "decision", ERROR)
    assert [each["status"] for each in body["steps"]] == ["unknown"]


def test_a_call_that_took_effect_lets_the_run_go_on_with_its_output(as_alice: APIClient, alice: Agent) -> None:
    run, bystander = in_doubt(alice), in_doubt(alice)
    said = {"step": "pay", "outcome": "succeeded", "output": {"id": 7}, "comment": "seen in the ledger"}

    answer = as_alice.post(f"{URL}/{run.pk}/resolve", said)

    assert (answer.status_code, answer.json()["status"], answer.json()["error"]) == (200, "queued", None)
    assert (the_step(run).state, the_step(run).output, the_step(run).error) == ("succeeded", {"id": 7}, None)
    assert events_of(run)[-3:] == ["run.waiting", "run.step_succeeded", "run.queued"]
    assert the_step(bystander).state == "unknown"
    entry = AuditEntry.objects.get(action="run.resolved")
    assert (entry.object_id, entry.actor) == (run.pk, f"agent:{alice.pk}")
    assert entry.details == {"step": "pay", "outcome": "succeeded", "comment": "seen in the ledger"}


def test_under_a_concurrency_key_it_gets_in_line_for_a_place(
    as_alice: APIClient, alice: Agent, django_capture_on_commit_callbacks: Any
) -> None:
    task = make_task(alice, concurrency_key="bank")
    run = make_run(task, concurrency_key="bank")
    queue.apply(queue.doubt(claim_one_of(run), error=ERROR, steps=[step("pay", state="unknown")]))

    assert as_alice.post(f"{URL}/{run.pk}/resolve", {"outcome": "retry"}).json()["status"] == "waiting"

    run.refresh_from_db()
    assert run.waiting_for == "turn"
    assert events_of(run)[-2:] == ["run.waiting", "run.waiting"]


def claim_one_of(run: Run) -> Any:
    from tasks_app.admission import Openings, admit

    openings = Openings()
    openings.add("", run.agent_id, run.concurrency_key, False)
    admit(openings)
    return claim_one().lease


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({}, "/outcome"),
        ({"outcome": "maybe"}, "/outcome"),
        ({"outcome": "failed", "output": 1}, "/output"),
        ({"outcome": "succeeded", "output": {"x": "a\0b"}}, "/output/x"),
        ({"outcome": "succeeded", "reason": "x"}, "/reason"),
    ],
)
def test_what_makes_no_sense_is_refused(as_alice: APIClient, alice: Agent, said: Any, pointer: str) -> None:
    run = in_doubt(alice)

    answer = as_alice.post(f"{URL}/{run.pk}/resolve", said)

    assert answer.status_code in (400, 422)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert the_step(run).state == "unknown"


def test_a_run_that_waits_for_no_decision_or_for_another_conflicts(as_alice: APIClient, alice: Agent) -> None:
    run, queued = in_doubt(alice), make_run(make_task(alice))

    other = as_alice.post(f"{URL}/{run.pk}/resolve", {"outcome": "retry", "step": "other"})
    once = as_alice.post(f"{URL}/{run.pk}/resolve", {"outcome": "retry"})
    twice = as_alice.post(f"{URL}/{run.pk}/resolve", {"outcome": "retry"})
    never = as_alice.post(f"{URL}/{queued.pk}/resolve", {"outcome": "retry"})

    assert [answer.status_code for answer in (other, once, twice, never)] == [409, 200, 409, 409]
    assert "'pay'" in other.json()["detail"]


def test_nobody_decides_for_others(as_bob: APIClient, alice: Agent) -> None:
    assert as_bob.post(f"{URL}/{in_doubt(alice).pk}/resolve", {"outcome": "retry"}).status_code == 404


@pytest.mark.parametrize(
    ("sent", "steps"), [({}, ["pay"]), ({"from": "failed_step"}, ["pay"]), ({"from": "start"}, [])]
)
def test_a_failed_run_is_retried_from_where_it_is_said(
    as_alice: APIClient, alice: Agent, sent: Any, steps: list[str]
) -> None:
    run = make_run(make_task(alice))
    queue.apply(queue.fail(claim_one().lease, error=ERROR, steps=[step("pay")]))

    answer = as_alice.post(f"{URL}/{run.pk}/retry", sent)
    again = as_alice.post(f"{URL}/{run.pk}/retry", sent)

    assert (answer.status_code, answer.json()["status"], again.status_code) == (200, "queued", 409)
    assert [each["id"] for each in as_alice.get(f"{URL}/{run.pk}").json()["steps"]] == steps
    assert as_alice.post(f"{URL}/{run.pk}/retry", {"from": "middle"}).status_code == 422


@pytest.mark.parametrize(("verb", "approved"), [("approve", True), ("reject", False)])
def test_an_approval_is_given_or_refused_and_not_by_those_it_is_not_for(
    as_alice: APIClient, alice: Agent, verb: str, approved: bool
) -> None:
    mine, annas = waiting_for_approval(alice), waiting_for_approval(alice, approvers=["user:anna"])

    answers = [
        as_alice.post(f"{URL}/{mine.pk}/{verb}", {"step": "ask", "comment": "so be it"}),
        as_alice.post(f"{URL}/{mine.pk}/{verb}"),
        as_alice.post(f"{URL}/{mine.pk}/{'reject' if approved else 'approve'}"),
        as_alice.post(f"{URL}/{annas.pk}/{verb}"),
        as_alice.post(f"{URL}/{annas.pk}/{verb}", {"why": "x"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 409, 403, 422]
    assert answers[3].json()["code"] == "not_permitted"
    assert answers[0].json()["status"] == "queued"
    output = the_step(mine).output
    assert (output["approved"], output["by"]) == (approved, f"agent:{alice.pk}")


@pytest.mark.parametrize(("verb", "approved"), [("approve", True), ("reject", False)])
def test_an_agent_that_is_named_judges_a_run_of_another_and_has_no_other_right_to_it(
    as_bob: APIClient, bob: Agent, alice: Agent, verb: str, approved: bool
) -> None:
    run = waiting_for_approval(alice, approvers=["user:anna", f"agent:{bob.pk}"])
    url = f"{URL}/{run.pk}"
    others = [("retry", {}), ("resolve", {"outcome": "retry"}), ("cancel", {})]
    assert [as_bob.post(f"{url}/{name}", sent).status_code for name, sent in others] == [404] * 3
    assert (as_bob.get(url).status_code, as_bob.get(URL).json()["items"]) == (404, [])

    answer = as_bob.post(f"{url}/{verb}", {"comment": "so be it"})
    contrary = as_bob.post(f"{url}/{'reject' if approved else 'approve'}")

    assert (answer.status_code, answer.json()["id"], answer.json()["status"]) == (200, str(run.pk), "queued")
    assert (as_bob.post(f"{url}/{verb}").status_code, contrary.status_code) == (200, 409)
    assert (the_step(run).output["approved"], the_step(run).output["by"]) == (approved, f"agent:{bob.pk}")
    assert as_bob.get(url).status_code == 404


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_run_that_asks_others_or_does_not_ask_is_not_there_for_an_agent_that_does_not_own_it(
    as_bob: APIClient, bob: Agent, alice: Agent, verb: str
) -> None:
    named = {"approvers": [f"agent:{bob.pk}", "user:anna"]}
    doubtful, anybodys = in_doubt(alice), waiting_for_approval(alice)
    annas = waiting_for_approval(alice, approvers=["user:anna"])
    canceled = waiting_for_approval(alice, **named)
    queue.cancel([canceled.pk], reason="enough")
    told = waiting_for_approval(alice, **named)
    decisions.approve(told, actor=Actor.of_user("anna"))
    further = waiting_for_approval(alice, **named)
    decisions.approve(further, actor=Actor.of_agent(bob))
    ask(further, "ask more")
    deleted = waiting_for_approval(alice, **named)
    over = {"status": "canceled", "next_run_at": None, "due_at": None}
    Task.objects.filter(pk=deleted.task_id).update(deleted_at=database_now(), **over)
    damaged = waiting_for_approval(alice, **named)
    StepLog.objects.filter(run=damaged.pk).update(steps=[["ask"]])

    for run in (doubtful, anybodys, annas, canceled, told, further, deleted, damaged):
        assert as_bob.post(f"{URL}/{run.pk}/{verb}").status_code == 404
        assert as_bob.post(f"{URL}/{run.pk}/{verb}", {"step": "ask"}).status_code == 404

    assert Run.objects.get(pk=further.pk).waiting_for == "approval"


def waiting_for_approval(owner: Agent, **given: Any) -> Run:
    run = make_run(make_task(owner))
    ask(run, "ask", **given)
    return run


def ask(run: Run, name: str, **given: Any) -> None:
    asked = step(name, state="pending", tool="orchestrator.request_approval", input={"message": "?"} | given)
    [held] = [claimed for claimed in claim() if claimed.id == run.pk]
    queue.apply(queue.park(held.lease, delay=60, waiting_for=WaitingFor.APPROVAL, steps=[asked]))


def test_what_waits_for_somebody_can_be_listed(as_alice: APIClient, alice: Agent) -> None:
    asking, doubtful = waiting_for_approval(alice), in_doubt(alice)
    make_run(make_task(alice))

    shown = as_alice.get(f"{URL}?waiting_for=approval&waiting_for=decision").json()["items"]

    assert {run["id"] for run in shown} == {str(asking.pk), str(doubtful.pk)}
