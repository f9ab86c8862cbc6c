"""A run that asks for approval waits without a worker until somebody says yes or no, or its time is over."""

from typing import Any

import pytest
from django.db import connection

from tasks_app import queue, release
from tasks_app.exceptions import IllegalMove, NotPermitted
from tasks_app.maintenance import expire
from tasks_app.models import AuditEntry, Run
from tasks_app.services import decisions, runs
from tasks_app.services.actor import Actor
from tasks_app.states import WaitingFor
from tests.making import claim_one, events_of, make_run, step, the_event, the_step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

ANNA, BORIS = Actor.of_user("anna"), Actor.of_user("boris")
TOOL = "orchestrator.request_approval"


def asking(name: str = "ask", *, delay: float = 60, run: Run | None = None, **given: Any) -> Run:
    run = run or make_run()
    asked = step(name, state="pending", tool=TOOL, input={"message": "Pay?"} | given, idempotency_key="k")
    queue.apply(queue.park(claim_one().lease, delay=delay, waiting_for=WaitingFor.APPROVAL, steps=[asked]))
    run.refresh_from_db()
    return run


def test_it_waits_for_somebody_and_time_alone_does_not_wake_it() -> None:
    run = asking()

    assert (run.state, run.waiting_for, run.lease_until) == ("waiting", "approval", None)
    data = the_event("run.waiting").data
    assert (data["waiting_for"], data["step"]) == ("approval", "ask")
    assert expire.run_once()["expired"] == 0
    assert Run.objects.get(pk=run.pk).state == "waiting"


def test_a_yes_lets_it_go_on_with_who_said_it() -> None:
    run, other = asking(), asking()

    decisions.approve(run, actor=ANNA, comment="fine")

    run.refresh_from_db()
    assert run.state == "queued"
    output = the_step(run).output
    assert (the_step(run).state, output["approved"], output["by"], output["comment"]) == (
        "succeeded", True, "user:anna", "fine",
    )  # fmt: skip
    assert output["at"].endswith("+00:00")
    assert events_of(run)[-3:] == ["run.waiting", "run.step_succeeded", "run.queued"]
    assert AuditEntry.objects.get().details == {"step": "ask", "comment": "fine"}
    assert Run.objects.get(pk=other.pk).state == "waiting"


@pytest.mark.parametrize(("policy", "state"), [({}, "refused"), ({"on_reject": "continue"}, "succeeded")])
def test_a_no_fails_the_step_for_good_unless_it_says_otherwise(policy: dict[str, str], state: str) -> None:
    run = asking(**policy)

    decisions.reject(run, actor=ANNA, comment="too much")

    judged = the_step(run)
    assert (run.state, judged.state, judged.output["approved"]) == ("queued", state, False)
    assert judged.output["status"] == "rejected"
    if state == "refused":
        assert judged.error == {
            "error_class": "permanent", "code": "rejected", "message": "user:anna says no: too much",
        }  # fmt: skip


def test_saying_the_same_twice_changes_nothing_and_the_contrary_is_refused() -> None:
    run = asking()
    decisions.approve(run, actor=ANNA)
    before = events_of(run)

    decisions.approve(run, actor=BORIS)
    decisions.approve(run, actor=BORIS, step="ask")
    with pytest.raises(IllegalMove):
        decisions.reject(run, actor=BORIS)

    assert events_of(run) == before
    assert the_step(run).output["by"] == "user:anna"
    assert AuditEntry.objects.count() == 1


def test_another_step_than_the_one_that_waits_is_not_approved() -> None:
    run = asking("first")
    decisions.approve(run, actor=ANNA)
    asking("second", run=run)

    with pytest.raises(IllegalMove):
        decisions.approve(run, actor=ANNA, step="third")
    decisions.approve(run, actor=ANNA, step="first")
    assert Run.objects.get(pk=run.pk).state == "waiting"

    decisions.approve(run, actor=ANNA, step="second")
    assert Run.objects.get(pk=run.pk).state == "queued"


@pytest.mark.parametrize("judge", [decisions.approve, decisions.reject])
def test_a_run_that_does_not_ask_is_left_alone(judge: Any) -> None:
    run = make_run()
    queue.apply(queue.park(claim_one().lease, delay=60, steps=[step(state="waiting")]))

    with pytest.raises(IllegalMove):
        judge(run, actor=ANNA)

    assert Run.objects.get(pk=run.pk).waiting_for == "sleep"


@pytest.mark.parametrize("judge", [decisions.approve, decisions.reject])
def test_only_those_who_are_named_may_say_it(judge: Any) -> None:
    run = asking(approvers=["user:anna", "agent:x"])

    with pytest.raises(NotPermitted, match="user:anna"):
        judge(run, actor=BORIS)
    assert Run.objects.get(pk=run.pk).state == "waiting"

    judge(run, actor=ANNA)
    assert Run.objects.get(pk=run.pk).state == "queued"


@pytest.mark.parametrize(
    ("policy", "state", "code"),
    [
        ({}, "refused", "approval_timeout"),
        ({"on_timeout": "fail"}, "refused", "approval_timeout"),
        ({"on_timeout": "reject"}, "refused", "rejected"),
        ({"on_timeout": "approve"}, "succeeded", None),
        ({"on_timeout": "continue"}, "succeeded", None),
    ],
)
def test_when_its_time_is_over_it_goes_on_as_it_says(policy: dict[str, str], state: str, code: str | None) -> None:
    run, in_time = asking(delay=-1, **policy), asking()

    assert expire.run_once()["expired"] == 1

    run.refresh_from_db()
    judged = the_step(run)
    assert (run.state, judged.state, (judged.error or {}).get("code")) == ("queued", state, code)
    said = {"reject": ("rejected", False), "approve": ("approved", True), "continue": ("timed_out", False)}
    if judged.output:
        expected = said[policy["on_timeout"]]
        assert (judged.output["status"], judged.output["approved"], judged.output["by"]) == (*expected, "timeout")
    assert Run.objects.get(pk=in_time.pk).state == "waiting"


def test_a_run_that_waits_at_no_step_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    odd = make_run()
    queue.apply(queue.park(claim_one().lease, delay=-2, waiting_for=WaitingFor.APPROVAL))
    run = asking(delay=-1)

    assert expire.run_once()["expired"] == 1

    assert str(odd.pk) in caplog.text
    assert Run.objects.get(pk=run.pk).state == "queued"


def test_what_was_rejected_can_be_asked_again() -> None:
    run = asking()
    decisions.reject(run, actor=ANNA)
    refused = the_step(run)
    queue.apply(queue.fail(claim_one().lease, error={"code": "rejected"}, steps=[refused._replace(state="failed")]))
    decisions.reject(run, actor=BORIS)

    runs.retry(run, actor=ANNA)
    asking(run=run)
    decisions.approve(run, actor=ANNA)

    assert the_step(run).output["approved"] is True


def test_the_unanswered_ones_are_found_by_an_index_of_their_own() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Run.objects.unanswered()[:10].explain()

    assert "run_unanswered" in plan
    assert "Sort" not in plan


def test_only_an_answer_to_what_it_waits_for_lets_a_run_go_on() -> None:
    run = asking()
    answer = release.Answer(run.pk, WaitingFor.DECISION, step("ask"), "resolved")

    assert release.release([answer]) == []

    assert Run.objects.get(pk=run.pk).state == "waiting"
    assert the_step(run).state == "pending"
