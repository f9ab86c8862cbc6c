"""Pipelines that users bring: each is created as it is, runs against live tools, and does what it says."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent, Run, Step, Task
from tests.integration.examples.conftest import Stage
from tests.integration.execution.conftest import until
from tests.making import make_task, steps_of

pytestmark = pytest.mark.django_db(transaction=True)

EXAMPLES = Path(__file__).parents[2] / "data" / "examples"
CHISINAU = ZoneInfo("Europe/Chisinau")


def create(client: APIClient, name: str) -> str:
    answer = client.post("/api/v1/tasks", json.loads((EXAMPLES / f"{name}.json").read_text()))
    assert answer.status_code == 201, answer.json()
    task: str = answer.json()["id"]
    return task


def run_now(client: APIClient, task: str) -> Run:
    answer = client.post(f"/api/v1/tasks/{task}/run_now", {})
    assert answer.status_code == 202, answer.json()
    return Run.objects.get(pk=answer.json()["id"])


def publish(client: APIClient, topic: str, payload: dict[str, Any]) -> Run:
    answer = client.post("/api/v1/events", {"topic": topic, "payload": payload})
    assert answer.status_code == 202, answer.json()
    [run] = answer.json()["runs"]
    return Run.objects.get(pk=run)


def succeeded(run: Run) -> dict[str, Step]:
    """Its steps, when it has."""
    until(lambda: Run.objects.get(pk=run.pk).state in ("succeeded", "failed", "dead", "timed_out"), seconds=30)
    run.refresh_from_db()
    assert run.state == "succeeded", run.error
    return {step.step: step for step in steps_of(run)}


def test_every_example_is_tried_here() -> None:
    tried = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert {path.stem for path in EXAMPLES.glob("*.json")} <= tried


def test_morning_briefing(stage: Stage) -> None:
    with stage.bridge({"llm.plan": {"text": "Sunny, one meeting, five messages."}}) as bridge:
        run = run_now(stage.client, create(stage.client, "morning_briefing"))
        stage.make_worker()
        steps = succeeded(run)
        [briefed] = bridge.inputs("llm.plan")
    start, end = (datetime.fromisoformat(briefed["calendar"][name]) for name in ("start", "end"))
    assert end - start == timedelta(hours=24)
    assert start.utcoffset() == datetime.now(CHISINAU).utcoffset()
    assert briefed["weather"] == {"city": "Chisinau", "summary": "sunny", "temperature": 21.5}
    assert len(briefed["emails"]["messages"]) == 5
    assert steps["notify"].output == {"chat_id": 12345, "text": "Sunny, one meeting, five messages."}


def test_executive_briefing_legacy_shape(stage: Stage) -> None:
    answers = {"llm.executive_summary": {"summary": "All is well."}, "llm.analyze": {"trend": "up"}}
    with stage.bridge(answers) as bridge:
        task = create(stage.client, "executive_briefing_legacy_shape")
        run = run_now(stage.client, task)
        stage.make_worker()
        succeeded(run)
        [sent] = bridge.inputs("communication.send_executive_summary")
        [analyzed] = bridge.inputs("llm.analyze")
    run.refresh_from_db()
    assert run.started_at
    day = run.started_at.astimezone(ZoneInfo("America/New_York")).date()
    assert sent["subject"] == f"Daily Executive Briefing - {day}"
    assert sent["content"] == "All is well."
    assert analyzed["data"] == {"lookback_days": 1, "include_forecast": True}
    assert Task.objects.get(pk=task).schedule_kind == "rrule"


@pytest.mark.parametrize(("load", "pages"), [(0.953, 1), (0.5, 0)])
def test_infrastructure_watch(stage: Stage, load: float, pages: int) -> None:
    with stage.bridge({"prometheus.query": {"value": load, "min": 50}}) as bridge:
        run = run_now(stage.client, create(stage.client, "infrastructure_watch"))
        stage.make_worker()
        steps = succeeded(run)
        paged, queries = bridge.inputs("pager.alert"), bridge.inputs("prometheus.query")
        digests = bridge.inputs("mail.send")
    run.refresh_from_db()
    now = run.started_at
    assert now
    assert paged == [{"text": f"cpu 0.95 at {now:%d.%m.%Y}"}] * pages
    assert datetime.fromisoformat(queries[1]["start"]) == (now - timedelta(hours=24)).replace(microsecond=0)
    assert digests == ([{"subject": f"Week {now:%V/%G}"}] if now.hour == 9 else [])
    assert steps["digest"].state == ("succeeded" if now.hour == 9 else "skipped")


def test_invoice_approval(stage: Stage) -> None:
    invoice = {"total": 1500, "currency": "EUR", "vendor": "Acme", "number": "A-17"}
    with stage.bridge({"documents.extract": invoice}) as bridge:
        create(stage.client, "invoice_approval")
        run = publish(stage.client, "finance.invoice.received", {"url": "https://example.org/a-17.pdf"})
        stage.make_worker()
        until(lambda: Run.objects.get(pk=run.pk).waiting_for == "approval")
        [asked] = [step for step in steps_of(run) if step.step == "ok"]
        assert asked.input["message"] == "Pay 1500 EUR to Acme?"
        assert not bridge.inputs("bank.transfer")
        assert stage.client.post(f"/api/v1/runs/{run.pk}/approve", {}).status_code == 200
        succeeded(run)
        assert bridge.inputs("documents.extract") == [{"url": "https://example.org/a-17.pdf"}]
        [paid] = bridge.inputs("bank.transfer")
        assert bridge.keys["bank.transfer"] == ["A-17"]
    run.refresh_from_db()
    assert run.started_at
    assert paid["amount"] == 1500
    assert datetime.fromisoformat(paid["due"]) == (run.started_at + timedelta(days=7)).replace(microsecond=0)


def test_invoice_approval_of_a_small_one_asks_nobody(stage: Stage) -> None:
    invoice = {"total": 1000, "currency": "EUR", "vendor": "Acme", "number": "A-18"}
    with stage.bridge({"documents.extract": invoice}) as bridge:
        create(stage.client, "invoice_approval")
        run = publish(stage.client, "finance.invoice.received", {"url": "https://example.org/a-18.pdf"})
        stage.make_worker()
        assert succeeded(run)["ok"].state == "skipped"
        assert [paid["amount"] for paid in bridge.inputs("bank.transfer")] == [1000]


@pytest.mark.parametrize(
    ("scan", "lint", "tone"),
    [
        ({"critical": 2}, 0, "strict"),
        ({"critical": 0}, 0, "friendly"),
        (404, 0, "friendly"),
        ({"critical": 0}, 3, None),
    ],
)
def test_pull_request_review(stage: Stage, scan: object, lint: int, tone: str | None) -> None:
    answers = {
        "github.get_diff": {"files": 3, "patch": "+1"},
        "ci.lint": {"errors": lint},
        "ci.security_scan": scan,
        "llm.review": {"text": ""},
    }
    with stage.bridge(answers) as bridge:
        create(stage.client, "pull_request_review")
        payload = {"repository": "ordinaut/ordinaut", "number": 7, "head_sha": "abc"}
        run = publish(stage.client, "github.pull_request.opened", payload)
        stage.make_worker()
        succeeded(run)
        assert bridge.inputs("github.get_diff") == [{"repo": "ordinaut/ordinaut", "number": 7}]
        assert [review["tone"] for review in bridge.inputs("llm.review")] == ([tone] if tone else [])
        assert bridge.inputs("github.comment") == ([{"body": "No remarks."}] if tone else [])


def test_stale_threads_foreach(stage: Stage) -> None:
    with stage.bridge({"llm.rewrite": {"text": "Any news?"}}) as bridge:
        run = run_now(stage.client, create(stage.client, "stale_threads_foreach"))
        stage.make_worker()
        steps = succeeded(run)
        sent, keys = bridge.inputs("mail.send_draft"), bridge.keys["mail.send_draft"]
        asked = {each["instruction"] for each in bridge.inputs("llm.rewrite")}
    run.refresh_from_db()
    assert run.started_at
    day = run.started_at.astimezone(CHISINAU).date()
    assert sent == [{"thread_id": f"t{n}", "text": "Any news?"} for n in (1, 2, 3)]
    assert keys == [f"t{n}:{day}" for n in (1, 2, 3)]
    assert asked == {f"One polite sentence about Offer {n}." for n in (1, 2, 3)}
    assert steps["report"].input == {"text": "sent 3"}


@pytest.mark.parametrize(("level", "hours"), [("high", 2), ("low", 24)])
def test_adaptive_follow_up(stage: Stage, author: Agent, level: str, hours: int) -> None:
    follow_up = make_task(created_by=author, title="client_follow_up")
    with stage.bridge({"llm.classify": {"level": level}}) as bridge:
        create(stage.client, "adaptive_follow_up")
        payload = {"subject": "Late", "body": "Where is it?", "client_id": "c-9"}
        run = publish(stage.client, "email.received", payload)
        stage.make_worker()
        succeeded(run)
        assert bridge.inputs("llm.classify") == [{"subject": "Late", "body": "Where is it?"}]
    planned = Run.objects.get(task=follow_up)
    assert planned.input
    assert planned.input["params"] == {"client_id": "c-9"}
    late = planned.run_at - run.created_at
    assert timedelta(hours=hours) - timedelta(minutes=1) < late < timedelta(hours=hours, minutes=1)
