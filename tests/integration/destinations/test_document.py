"""What `docs/destinations.md` shows is what the settings take, the API answers and the metrics say."""

import importlib
import json
import re
from typing import Any

import pytest

from ordinaut_site import env
from tasks_app.destinations import permits
from tasks_app.destinations.rules import RETRY_FLOOR, WINDOW, Rules
from tasks_app.rate_limits import parse
from tests.integration.api.making import client_of
from tests.integration.destinations.making import API, RULES, call_to, opened
from tests.integration.observability.test_metrics import scraped
from tests.making import make_agent

DOCUMENT = (env.BASE_DIR / "docs" / "destinations.md").read_text()

pytestmark = pytest.mark.django_db


def types_of(answer: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in answer.items()}


def test_the_answer_that_is_shown_is_an_answer() -> None:
    [shown] = map(json.loads, re.findall(r"```json breaker\n(.*?)```", DOCUMENT, flags=re.DOTALL))
    destination = opened(shown["destination"], cooled=False)
    permits.ask(call_to(shown["destination"]), rules=RULES)
    client = client_of(make_agent(scopes=("admin",)))

    answer = client.get(f"/api/v1/breakers/{destination.pk}").json()

    assert types_of(answer) == types_of(shown)
    for varying in ("id", "opened_at", "next_trial_at", "called_at"):
        del answer[varying], shown[varying]
    assert answer == shown


def test_the_limits_that_are_shown_are_taken() -> None:
    [shown] = re.findall(r"^ORDINAUT_RATE_LIMITS=(.*)$", DOCUMENT, flags=re.MULTILINE)

    held = Rules(limits=parse(shown.split(","))).limits_of("http.request", "http.request api.example.org:443")

    assert [(limit.name, limit.seconds) for limit in held] == [("http.request", 0.02), ("api.example.org", 0.2)]


def test_every_metric_that_is_named_is_there_and_no_other() -> None:
    for workers_part in ("guard", "clerk"):
        importlib.import_module(f"tasks_app.destinations.{workers_part}")
    opened(API)
    permits.ask(call_to(), rules=RULES)
    named = set(re.findall(r"^\| `(orchestrator_\w+)", DOCUMENT, flags=re.MULTILINE))
    words = ("breaker", "calls_", "rate_wait", "over_budget")

    present = {name.partition("{")[0] for name in scraped()}

    unlabelled = named - {"orchestrator_calls_postponed_total"}  # it has no sample before the first
    assert unlabelled <= present
    ours = {name for name in present if any(word in name for word in words) and not name.endswith("_created")}
    assert {name for name in ours if name.startswith("orchestrator_")} <= named


def test_the_figures_in_the_text_are_the_defaults() -> None:
    for setting, value in re.findall(r"`(ORDINAUT_(?:BREAKER|RETRY)_\w+)`(?:, \w+,)? \((\d+)\)", DOCUMENT):
        assert env.read({"ORDINAUT_HOME": "/nonexistent"}).__dict__[setting.removeprefix("ORDINAUT_").lower()] == int(
            value
        )
    assert RETRY_FLOOR * WINDOW.total_seconds() == 60
