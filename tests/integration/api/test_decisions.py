"""A person says what a run waits for, over HTTP."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app import queue
from tasks_app.models import Agent, AuditEntry, Run
from tasks_app.states import WaitingFor
from tests.integration.api.making import make_task
from tests.making import claim_one, events_of, make_run, step, the_step

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


def waiting_for_approval(owner: Agent, **given: Any) -> Run:
    run = make_run(make_task(owner))
    asked = step("ask", state="pending", tool="orchestrator.request_approval", input={"message": "?"} | given)
    queue.apply(queue.park(claim_one().lease, delay=60, waiting_for=WaitingFor.APPROVAL, steps=[asked]))
    return run


def test_what_waits_for_somebody_can_be_listed(as_alice: APIClient, alice: Agent) -> None:
    asking, doubtful = waiting_for_approval(alice), in_doubt(alice)
    make_run(make_task(alice))

    shown = as_alice.get(f"{URL}?waiting_for=approval&waiting_for=decision").json()["items"]

    assert {run["id"] for run in shown} == {str(asking.pk), str(doubtful.pk)}
