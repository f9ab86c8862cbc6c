"""The page of a run shows all that is known of it, and only a service ends it."""

from collections.abc import Callable

import pytest
from django.test import Client

from tasks_app import queue
from tasks_app.admin import run_page
from tasks_app.models import AuditEntry, Run
from tasks_app.states import WaitingFor
from tests.integration.admin.conftest import act, list_of, page_of, said
from tests.making import claim_one, make_run, make_task, step, steps_of, the_step

SCRIPT = "<script>alert(1)</script>"


def test_steps_attempts_and_events_are_on_one_page(operator: Client) -> None:
    run = make_run()
    error = {"code": "http_404", "message": "Nothing there."}
    steps = [step("fetch", output={"rows": 3}), step("send", state="failed", error=error)]
    queue.apply(queue.fail(claim_one("worker-7").lease, error=error, steps=steps))

    page = operator.get(page_of(run))

    shown = {table.title: table.rows for table in page.context["run_page"].tables}
    assert [row.cells[1:4] for row in shown["Steps"]] == [[1, "fetch", "noop"], [2, "send", "noop"]]
    assert [detail.name for detail in shown["Steps"][1].details] == ["error", "input"]
    assert [row.cells[1:3] for row in shown["Attempts"]] == [[1, "worker-7"]]
    assert [row.cells[0] for row in shown["Events"]] == [
        "run.queued", "run.started", "run.step_succeeded", "run.step_failed", "run.failed",
    ]  # fmt: skip
    content = page.content.decode()
    assert f"/admin/tasks/task/{run.task_id}/change/" in content
    assert "Nothing there." in content
    assert "&quot;rows&quot;: 3" in content
    assert "Pipeline (version 1)" in content


def test_a_long_history_is_cut_and_says_so(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_page, "_MOST", 2)
    run = make_run()
    queue.apply(queue.succeed(claim_one().lease, steps=[step(str(n)) for n in (1, 2, 3)]))

    [steps, attempts, _] = operator.get(page_of(run)).context["run_page"].tables

    assert (len(steps.rows), steps.note) == (2, "Only 2 are shown.")
    assert (len(attempts.rows), attempts.note) == (1, "")


def test_a_run_whose_definition_is_gone_is_still_shown(operator: Client) -> None:
    run = make_run()
    run.task.definitions.all().delete()

    page = operator.get(page_of(run))

    assert page.context["run_page"].pipeline is None


def test_what_others_wrote_is_never_markup(operator: Client) -> None:
    run = make_run(make_task(title=f"{SCRIPT} task"), input={"params": {"x": SCRIPT}})
    written = step(f"{SCRIPT} step", tool=SCRIPT, output={"text": SCRIPT}, input=SCRIPT)
    queue.apply(queue.fail(claim_one(f"{SCRIPT}").lease, error={"message": SCRIPT}, steps=[written]))

    pages = [page_of(run), page_of(run.task), list_of(Run), list_of(type(run.task)), "/admin/"]

    for address in pages:
        content = operator.get(address).content
        assert b"&lt;script&gt;alert(1)" in content, address
        assert b"<script>alert(1)" not in content, address


def test_what_others_wrote_is_never_markup_in_messages(operator: Client) -> None:
    task = make_task(title=SCRIPT, status="canceled")

    act(operator, "pause", task)

    content = operator.get(list_of(type(task))).content
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;: The task is canceled" in content
    assert b"<script>alert(1)" not in content


def test_runs_are_canceled_through_the_service(operator: Client) -> None:
    queued, finished = make_run(), make_run()
    by_id = {claimed.id: claimed for claimed in [claim_one(), claim_one()]}
    queue.apply(queue.succeed(by_id[finished.pk].lease))

    response = act(operator, "cancel", queued, finished)

    queued.refresh_from_db()
    assert queued.state == "canceled"
    assert set(said(response)) == {
        f"{finished}: The run has succeeded already and cannot be canceled.".replace("queued", "succeeded"),
        "1 run canceled.",
    }
    assert AuditEntry.objects.get().actor == "user:ops"


def test_only_an_unfinished_run_offers_to_be_canceled(operator: Client, staff_with: Callable[..., Client]) -> None:
    run = make_run()
    assert operator.get(page_of(run)).context["run_page"].buttons == [("cancel", "Cancel this run")]

    viewer = staff_with("view_run")
    assert not viewer.get(page_of(run)).context["run_page"].buttons

    queue.cancel([run.pk], reason="enough")
    assert not operator.get(page_of(run)).context["run_page"].buttons


def test_a_viewer_cancels_nothing(staff_with: Callable[..., Client]) -> None:
    run = make_run()

    act(staff_with("view_run"), "cancel", run)

    run.refresh_from_db()
    assert run.state == "queued"


@pytest.mark.parametrize(
    ("action", "state"), [("declare_succeeded", "succeeded"), ("declare_failed", "refused"), ("call_again", "failed")]
)
def test_an_operator_says_what_became_of_a_call(operator: Client, action: str, state: str) -> None:
    run = make_run()
    error = {"error_class": "lost_worker", "code": "outcome_unknown", "message": "Who knows."}
    queue.apply(queue.doubt(claim_one().lease, error=error, steps=[step("pay", state="unknown")]))
    assert f'value="{action}"' in operator.get(page_of(run)).content.decode()

    act(operator, action, run)

    assert (Run.objects.get(pk=run.pk).state, the_step(run).state) == ("queued", state)
    assert AuditEntry.objects.get(action="run.resolved").actor == "user:ops"
    assert f'value="{action}"' not in operator.get(page_of(run)).content.decode()


@pytest.mark.parametrize(("action", "left"), [("go_on", ["a"]), ("start_again", [])])
def test_an_operator_retries_what_failed(operator: Client, action: str, left: list[str]) -> None:
    run = make_run()
    queue.apply(queue.fail(claim_one().lease, error={"code": "broken"}, steps=[step("a")]))
    assert f'value="{action}"' in operator.get(page_of(run)).content.decode()

    act(operator, action, run)

    assert Run.objects.get(pk=run.pk).state == "queued"
    assert [each.step for each in steps_of(run)] == left


@pytest.mark.parametrize(("action", "state"), [("approve", "succeeded"), ("reject", "refused")])
def test_an_operator_says_yes_or_no(operator: Client, action: str, state: str) -> None:
    run = make_run()
    asked = step(
        "ask",
        state="pending",
        tool="orchestrator.request_approval",
        input={"message": "Pay?", "data": {"total": "<b>20"}},
    )
    queue.apply(queue.park(claim_one().lease, delay=60, waiting_for=WaitingFor.APPROVAL, steps=[asked]))
    content = operator.get(page_of(run)).content.decode()
    assert f'value="{action}"' in content
    assert "<p>Pay?</p>" in content
    assert "&quot;total&quot;: &quot;&lt;b&gt;20&quot;" in content

    act(operator, action, run, comment=" looked at it ")

    assert (Run.objects.get(pk=run.pk).state, the_step(run).state) == ("queued", state)
    assert the_step(run).output["comment"] == "looked at it"


def test_the_page_shows_failed_tries_and_how_the_run_went_on(operator: Client) -> None:
    run = make_run()
    error = {"code": "busy", "message": "Later."}
    steps = [
        step("wx", state="failed", error=error, output={"summary": "cloudy"}, failures=2, mark="fallback"),
        step("say", state="failed", error=error, mark="continued"),
    ]
    queue.apply(queue.succeed(claim_one().lease, steps=steps))

    page = operator.get(page_of(run))

    [wx, say] = page.context["run_page"].tables[0].rows
    assert ("fallback" in wx.cells[0], wx.cells[6]) == (True, 2)
    assert ("continued" in say.cells[0], say.cells[6]) == (True, None)
    assert [detail.name for detail in wx.details] == ["error", "input", "fallback"]


def test_the_page_of_a_foreach_over_a_thousand_items_stays_small(operator: Client) -> None:
    run = make_run()
    many = [step(f"each[{number}].wx", output="x" * 30_000) for number in range(1000)]
    queue.apply(queue.succeed(claim_one().lease, steps=[*many, step("each", output=["x"] * 20_000)]))

    page = operator.get(page_of(run))

    steps = page.context["run_page"].tables[0]
    assert (len(steps.rows), steps.note) == (101, "900 more inside each are not shown.")
    assert steps.rows[-1].details[-1].name == "output: 80001 bytes"
    assert len(page.content) < 1_500_000
