"""Tools that people brought, called by a running worker: as they are now, and each for itself."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError

from tasks_app import catalogue, disclosure, live_catalogue
from tasks_app.execution.worker import Worker
from tasks_app.live_catalogue import LIVE, Keeper
from tasks_app.models import Agent, AuditEntry, OutboxEntry, RateLine, Run, Tool
from tasks_app.services import secrets, tools
from tasks_app.services.actor import SYSTEM
from tests.bringing import bring, use_a_transport_that_reaches_nobody
from tests.integration.execution.conftest import until
from tests.integration.execution.work import MakeWorker, pipeline, state_of
from tests.making import make_agent, make_run, make_task, steps_of, the_step

pytestmark = pytest.mark.django_db(transaction=True)

STEP = {"id": "ask", "uses": "weather.forecast", "with": {"city": "Chisinau"}}
CANARY = "canary-3f9a1c-of-a-secret"
WITH_SECRET = {
    "endpoint": "https://api.example.org/forecast",
    "headers": {"Authorization": "Bearer ${secrets('weather')}"},
}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    return use_a_transport_that_reaches_nobody(monkeypatch)


@pytest.fixture
def worker(make_worker: MakeWorker, sent: object) -> Iterator[Worker]:
    keeper = Keeper()
    keeper.start()
    yield make_worker()
    keeper.stop()


@pytest.fixture
def agent(db: None) -> Agent:
    return make_agent()


def run_of(agent: Agent | None = None, *steps: dict[str, Any]) -> Run:
    return make_run(make_task(payload=pipeline(*(steps or (STEP,))), created_by=agent or make_agent()))


def ended(worker: Worker, run: Run) -> str:
    worker.drain()
    until(lambda: state_of(run) in {"succeeded", "failed"}, seconds=30)
    return state_of(run)


def error_of(worker: Worker, run: Run) -> dict[str, Any]:
    assert ended(worker, run) == "failed"
    run.refresh_from_db()
    assert run.error is not None
    return run.error


def put(value: str, *, owner: Agent | None = None, hosts: tuple[str, ...] = ("api.example.org",)) -> None:
    secrets.put_secret("weather", value=value, hosts=hosts, owner=owner, actor=SYSTEM)


def test_a_tool_brought_a_moment_ago_is_called(worker: Worker) -> None:
    bring()
    run = run_of()

    assert ended(worker, run) == "succeeded"
    assert the_step(run).output == {"said": "hello", "given": {"city": "Chisinau"}}


def test_a_change_reaches_a_running_worker_within_two_seconds(worker: Worker) -> None:
    bring()
    before, task = run_of(), make_task(payload=pipeline(STEP))
    assert ended(worker, before) == "succeeded"

    tools.update_tool(
        "weather.forecast", actor=SYSTEM, changes={"settings": {"endpoint": "https://a.example.org", "says": "anew"}}
    )
    changed = time.monotonic()
    until(lambda: LIVE.get("weather.forecast").call({}, _nobodys_call())["said"] == "anew", seconds=2)
    assert time.monotonic() - changed < 2
    after = make_run(task)

    assert ended(worker, after) == "succeeded"
    assert the_step(after).output["said"] == "anew"


@pytest.mark.parametrize("gone", ["deleted", "off"])
def test_a_tool_that_is_gone_fails_its_step_and_no_other(worker: Worker, gone: str) -> None:
    bring()
    run_before = run_of()
    assert ended(worker, run_before) == "succeeded"
    if gone == "deleted":
        tools.delete_tool("weather.forecast", actor=SYSTEM)
    else:
        tools.set_enabled(Tool.objects.get(), actor=SYSTEM, enabled=False)
    until(lambda: "weather.forecast" not in LIVE, seconds=2)

    run = run_of(None, {"id": "first", "uses": "noop"}, STEP | {"on_error": "continue"}, {"id": "last", "uses": "noop"})

    assert ended(worker, run) == "succeeded"
    failed = next(step for step in steps_of(run) if step.step == "ask")
    assert failed.error is not None
    assert failed.error["code"] == "unknown_tool"


def test_an_entry_of_which_no_tool_can_be_made_fails_its_own_calls_and_says_why(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    bring()
    bring(address="weather.other")
    bring(address="weather.third")
    Tool.objects.filter(address="weather.forecast").update(transport="pigeon")
    Tool.objects.filter(address="weather.third").update(settings={"endpoint": "https://a", "breaks": True})

    error = error_of(worker, run_of())
    assert (error["code"], error["error_class"]) == ("tool_unusable", "permanent")
    assert "/transport" in error["message"]
    assert ended(worker, run_of(None, STEP | {"uses": "weather.other"})) == "succeeded"
    assert error_of(worker, run_of(None, STEP | {"uses": "weather.third"}))["code"] == "tool_unusable"
    assert "The tool weather.third cannot be made" in caplog.text


def test_a_tool_that_waits_for_approval_is_not_called(worker: Worker) -> None:
    bring()
    Tool.objects.update(approval="changed")

    assert error_of(worker, run_of())["code"] == "tool_changed"
    tools.approve_tool("weather.forecast", actor=SYSTEM)
    until(lambda: not LIVE.get("weather.forecast").pure, seconds=2)
    assert ended(worker, run_of()) == "succeeded"


def test_a_secret_is_sent_to_its_host_on_behalf_of_its_owner_alone(
    worker: Worker, sent: list[dict[str, str]], agent: Agent
) -> None:
    bring(settings=WITH_SECRET)
    put("mine", owner=agent)

    assert ended(worker, run_of(agent)) == "succeeded"
    assert sent == [{"Authorization": "Bearer mine"}]
    refused = error_of(worker, run_of())
    assert refused["code"] == "secret_refused"

    put("everybody's")
    until(lambda: "everybody's" in _revealed(), seconds=2)
    assert ended(worker, run_of()) == "succeeded"
    assert ended(worker, run_of(agent)) == "succeeded"
    assert [headers["Authorization"] for headers in sent[1:]] == ["Bearer everybody's", "Bearer mine"]


def test_a_secret_goes_to_no_other_host(worker: Worker, sent: list[dict[str, str]]) -> None:
    put("mine", hosts=("*.example.net", "example.org"))
    bring(settings=WITH_SECRET)

    error = error_of(worker, run_of())

    assert error["code"] == "secret_refused"
    assert "api.example.org" in error["message"]
    assert sent == []


def test_the_value_of_a_secret_is_kept_nowhere_but_encrypted(
    worker: Worker, sent: list[dict[str, str]], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    put(CANARY)
    bring(settings=WITH_SECRET)

    assert ended(worker, run_of()) == "succeeded"
    put(CANARY, hosts=("elsewhere.example.org",))
    until(lambda: not _revealed(), seconds=2)
    assert ended(worker, run_of()) == "failed"

    assert sent == [{"Authorization": f"Bearer {CANARY}"}]
    assert _rows_that_hold(CANARY) == []
    assert _rows_that_hold("weather.forecast"), "the search finds what is there"
    assert AuditEntry.objects.filter(object_kind="secret").count() == 2
    assert OutboxEntry.objects.exists()
    assert CANARY not in caplog.text
    assert CANARY not in "".join(capfd.readouterr())


def test_an_entrys_rate_limit_holds_back_its_calls(worker: Worker) -> None:
    bring(rate_limit="2/d")
    first, second, third = (run_of() for _ in range(3))
    until(lambda: "weather.forecast" in catalogue.RateLimits({}), seconds=2)

    worker.drain()
    until(lambda: [state_of(run) for run in (first, second, third)].count("waiting") >= 1)

    assert RateLine.objects.filter(name="weather.forecast").exists()


def test_without_postgres_the_tools_stay_as_they_were(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    bring()
    assert ended(worker, run_of()) == "succeeded"
    looks: list[bool] = []

    def away() -> None:
        looks.append(True)
        raise OperationalError("the server is away")

    monkeypatch.setattr(catalogue, "refresh", away)
    until(lambda: len(looks) > 1, seconds=5)

    assert ended(worker, run_of()) == "succeeded"


def test_a_fault_of_ours_leaves_the_keeper_at_work(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bool] = []

    def broken() -> None:
        looks.append(True)
        raise ValueError("a fault")

    monkeypatch.setattr(catalogue, "refresh", broken)
    until(lambda: len(looks) > 1, seconds=5)


def test_a_tool_that_is_missed_makes_the_keeper_look_at_once(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_catalogue, "EVERY", 60.0)
    until(lambda: "noop" in LIVE)
    time.sleep(1.1)  # the keeper's pause of a second that may have begun is over
    bring()

    assert LIVE.get("weather.forecast").address == "weather.forecast"
    assert "weather.forecast" in {tool.address for tool in LIVE}
    assert len(LIVE) == len(catalogue.builtin()) + 1


def _nobodys_call() -> Any:
    class Call:
        @property
        def agent_id(self) -> str:
            raise ValueError("nobody")

    return Call()


def _revealed() -> str:
    """What anybody's run would send to the host of the entry."""
    with disclosure.acting_for(None):
        try:
            return catalogue.outside().reveal("weather", "api.example.org")
        except disclosure.SecretRefused:
            return ""


def _rows_that_hold(text: str) -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        tables: Callable[[], list[str]] = connection.introspection.table_names
        found = []
        for table in tables():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS each WHERE each::text LIKE %s', [f"%{text}%"])
            if cursor.fetchone()[0]:
                found.append(table)
        return found
