"""What an agent may do counts at each call of its runs, as it is then."""

import pytest

from pipelines import Tool
from tasks_app import catalogue
from tasks_app.destinations import rights
from tasks_app.models import Agent
from tests.integration.execution.conftest import until
from tests.integration.execution.work import Gate, MakeWorker, pipeline, state_of
from tests.making import make_agent, make_run, make_task, steps_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("pure", "change", "code"),
    [(True, {"scopes": []}, "scope_missing"), (False, {"scopes": []}, "scope_missing"),
     (False, {"active": False}, "agent_disabled"), (True, {"scopes": ["admin"]}, None)],
)  # fmt: skip
def test_what_is_taken_from_an_agent_in_the_middle_of_a_run_is_gone_at_the_next_call(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch, pure: bool, change: dict[str, object], code: str | None
) -> None:
    gate, called = Gate(), []
    tools = catalogue.catalogue().with_tools(
        Tool("test.gate", gate, safe_to_retry=True),
        Tool("test.notify", lambda given, _c: called.append(given), pure=pure, safe_to_retry=True, scopes=frozenset({"notify"})),
    )  # fmt: skip
    monkeypatch.setattr(catalogue, "_builtin", lambda _allow: tools)
    monkeypatch.setattr(rights, "FRESH", 0.0)
    agent = make_agent(scopes=("notify",))
    steps = ({"id": "wait", "uses": "test.gate"}, {"id": "say", "uses": "test.notify", "with": {"n": 1}})
    run = make_run(make_task(created_by=agent, payload=pipeline(*steps), max_retries=3))
    make_worker().drain()
    assert gate.begun.wait(10)

    Agent.objects.filter(pk=agent.pk).update(**change)
    gate.finish.set()
    until(lambda: state_of(run) in ("succeeded", "failed"))

    run.refresh_from_db()
    assert (run.error or {}).get("code") == code
    assert called == ([{"n": 1}] if code is None else [])
    assert [each.step for each in steps_of(run)] == ["wait", "say"]
    assert run.attempt == 1
