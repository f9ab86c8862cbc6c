"""A signed link approves or rejects one wait of one run, once, for whoever holds it, and tells nobody else."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.test import Client
from rest_framework.test import APIClient

from tasks_app import queue
from tasks_app.models import Agent, AuditEntry, Run
from tasks_app.models.clock import database_now
from tasks_app.services import approval_links, decisions, runs
from tasks_app.services.actor import Actor
from tasks_app.states import WaitingFor
from tests.integration.api.making import client_of
from tests.making import claim_one, make_agent, make_run, make_task, step, the_step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

TOOL = "orchestrator.request_approval"


def asking(owner: Agent | None = None, *, run: Run | None = None, **given: Any) -> Run:
    run = run or make_run(make_task(title="Pay <it>", created_by=owner or make_agent()))
    asked = step("ask", state="pending", tool=TOOL, input={"message": "Pay <20>?", **given}, idempotency_key="k")
    queue.apply(queue.park(claim_one().lease, delay=60, waiting_for=WaitingFor.APPROVAL, steps=[asked]))
    run.refresh_from_db()
    return run


def path_of(run: Run, answer: str = "approve", *, nth: int = 0) -> str:
    url = approval_links.links_of(run)[nth][f"{answer}_url"]
    assert url.startswith("http://localhost:8080/approvals/")
    return urlsplit(url).path


def visitor() -> Client:
    return Client(enforce_csrf_checks=True)


def test_looking_at_the_page_shows_what_is_asked_and_changes_nothing() -> None:
    run = asking(data={"total": "<b>", "password": "hidden"})

    seen = visitor().get(path_of(run))
    head = visitor().head(path_of(run))

    content = seen.content.decode()
    assert (seen.status_code, head.status_code) == (200, 200)
    assert "Pay &lt;20&gt;?" in content
    assert "Pay &lt;it&gt;" in content
    assert "&lt;b&gt;" in content
    assert "hidden" not in content
    assert "<button>Approve</button>" in content
    assert Run.objects.get(pk=run.pk).state == "waiting"


def test_the_page_is_not_kept_framed_or_told_to_others() -> None:
    answer = visitor().get(path_of(asking()))

    assert {name: answer.headers[name] for name in ("Cache-Control", "Referrer-Policy", "X-Frame-Options")} == {
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
    }
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert not answer.cookies


@pytest.mark.parametrize(
    ("answer", "state", "status"), [("approve", "succeeded", "approved"), ("reject", "refused", "rejected")]
)
def test_who_sends_the_form_has_decided_once(answer: str, state: str, status: str) -> None:
    run = asking()
    path, other = path_of(run), path_of(run, "reject")
    first, second = (path, other) if answer == "approve" else (other, path)

    decided = visitor().post(first, {"comment": " so be it "})
    again = [visitor().post(each).status_code for each in (first, second)] + [visitor().get(first).status_code]

    assert (decided.status_code, again) == (200, [410] * 3)
    judged = the_step(run)
    assert (judged.state, judged.output["status"], judged.output["by"], judged.output["comment"]) == (
        state, status, "link", "so be it",
    )  # fmt: skip
    assert AuditEntry.objects.get().actor == "link"


def test_a_link_is_good_for_the_wait_that_it_was_made_for() -> None:
    run = asking()
    path = path_of(run)
    decisions.reject(run, actor=Actor.of_user("anna"))
    refused = the_step(run)
    queue.apply(queue.fail(claim_one().lease, error={"code": "rejected"}, steps=[refused._replace(state="failed")]))
    runs.retry(run, actor=Actor.of_user("anna"))
    asking(run=run)

    assert visitor().post(path).status_code == 410
    assert path_of(run) != path
    assert Run.objects.get(pk=run.pk).state == "waiting"


def test_a_link_is_over_with_the_time_that_the_step_gives() -> None:
    run = asking()
    path = path_of(run)
    Run.objects.filter(pk=run.pk).update(run_at=database_now() - timedelta(seconds=1))

    assert (visitor().get(path).status_code, visitor().post(path).status_code) == (410, 410)


@pytest.mark.parametrize("change", ["state", "task"])
def test_a_run_that_was_canceled_or_deleted_asks_no_more(change: str) -> None:
    run = asking()
    path = path_of(run)
    if change == "state":
        runs.cancel(run, actor=Actor.of_user("anna"))
    else:
        type(run.task).objects.filter(pk=run.task_id).update(deleted_at=database_now())

    assert visitor().post(path).status_code == 410


@pytest.mark.parametrize(
    "forged",
    ["x", "x:y:z", signing.dumps(["a"], salt="other"), signing.dumps(["a"], salt="ordinaut.approval_links"),
     signing.dumps(["a", "b", 1, True, ""], salt="ordinaut.approval_links"), signing.dumps(5, salt="ordinaut.approval_links")],
    ids=range(6),  # a signature says when it was made
)  # fmt: skip
def test_what_was_not_made_here_is_no_link(forged: str) -> None:
    answer = visitor().post(f"/approvals/{forged}")

    assert answer.status_code == 404
    assert "not valid" in answer.content.decode()


def test_a_link_that_was_changed_is_none() -> None:
    run = asking()
    path = path_of(run)

    assert visitor().post(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    assert Run.objects.get(pk=run.pk).state == "waiting"


def test_named_approvers_have_links_of_their_own_which_say_who_decided() -> None:
    run = asking(approvers=["user:anna", "user:boris"])

    assert "user:boris" in visitor().get(path_of(run, nth=1)).content.decode()
    assert visitor().post(path_of(run, nth=1)).status_code == 200

    assert the_step(run).output["by"] == "link:user:boris"


def test_a_link_for_somebody_who_is_not_to_decide_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    run = asking(approvers=["user:anna"])
    link = approval_links.Link(run.pk, "ask", run.fence, True, "user:boris")
    monkeypatch.setattr(approval_links, "read", lambda _token: link)

    assert visitor().post("/approvals/x").status_code == 403
    assert Run.objects.get(pk=run.pk).state == "waiting"


def test_other_methods_are_refused() -> None:
    assert visitor().put(path_of(asking())).status_code == 405


def test_guesses_are_throttled() -> None:
    statuses = [visitor().get("/approvals/x") for _ in range(61)]

    assert [each.status_code for each in statuses] == [404] * 60 + [429]
    assert int(statuses[-1].headers["Retry-After"]) >= 1


def shown_to(client: APIClient, run: Run) -> list[str]:
    return [each["approver"] for each in client.get(f"/api/v1/runs/{run.pk}").json()["approval_links"]]


def test_the_links_are_shown_to_those_who_may_decide_anyway(
    as_alice: APIClient, as_admin: APIClient, alice: Agent
) -> None:
    reader = make_agent(scopes=("runs:read",))
    own, named, readers = asking(alice), asking(alice, approvers=["user:anna"]), asking(reader)

    assert (shown_to(as_alice, own), shown_to(as_alice, named), shown_to(client_of(reader), readers)) == ([""], [], [])
    assert (shown_to(as_admin, own), shown_to(as_admin, named)) == ([""], ["user:anna"])
    decisions.approve(own, actor=Actor.of_user("anna"))
    assert shown_to(as_alice, own) == []


@pytest.mark.parametrize("comment", ["a\0b", "a\x1b[31mb"], ids=["NUL", "ESC"])
def test_a_comment_that_cannot_be_kept_is_refused_and_the_run_goes_on_waiting(comment: str) -> None:
    run = asking()

    answer = visitor().post(path_of(run), {"comment": comment})

    assert answer.status_code == 422
    assert "The comment cannot be taken. It holds a control character: leave it out." in answer.content.decode()
    assert Run.objects.get(pk=run.pk).state == "waiting"
    assert visitor().post(path_of(run), {"comment": "fine"}).status_code == 200
