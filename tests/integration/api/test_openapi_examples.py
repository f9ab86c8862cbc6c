"""The OpenAPI document shows how each body is written, and the API takes what it shows."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from tasks_app.api.examples import EXAMPLES
from tests.integration.api.making import client_of
from tests.making import make_agent

# Not sent: they need a run in some state, a login's tokens, or somebody else's server; others test these addresses.
_NEEDS_MORE: Final = {
    "auth_refresh",
    "auth_revoke",
    "auth_token",
    "hooks_receive",
    "runs_approve",
    "runs_reject",
    "runs_resolve",
    "runs_retry",
    "tools_discover",
}
_MADE_AT: Final = {"agents", "calendars", "hooks", "tasks", "tools", "webhooks"}


@pytest.fixture
def send(db: None) -> Callable[..., Any]:
    """Sends a body as an agent that may do everything, to an address whose names stand for what is made for it."""
    client = client_of(make_agent(scopes=("admin",)))

    def sent(method: str, path: str, body: Any, *, media_type: str = "application/json") -> Any:
        noun = path.split("/")[3] if path.startswith("/api/v1/") else ""
        if "{" in path and noun in _MADE_AT:
            made = client.post(f"/api/v1/{noun}", EXAMPLES[f"{noun}_create"][0].value).json()
            path = path.replace("{id}", made.get("id", "")).replace("{address}", made.get("address", ""))
        path = path.replace("{name}", "weather")
        return client.generic(method.upper(), path, _written(body), content_type=media_type)

    return sent


def _written(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body)


def bodies(document: dict[str, Any]) -> dict[str, tuple[str, str, str, dict[str, Any]]]:
    """Method, address, media type and content of each request body, by the operation's name."""
    return {
        operation["operationId"]: (method, path, *next(iter(operation["requestBody"]["content"].items())))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "requestBody" in operation
    }


def test_every_body_is_shown(document: dict[str, Any]) -> None:
    shown = {name: content.get("examples", {}) for name, (_, _, _, content) in bodies(document).items()}

    assert {name: len(examples) for name, examples in shown.items()} == {
        name: len(examples) for name, examples in EXAMPLES.items()
    }


def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    wrong = [
        f"{name}: {error.message}"
        for name, (_, _, _, content) in bodies(document).items()
        for example in content["examples"].values()
        for error in Draft202012Validator(content["schema"] | {"components": document["components"]}).iter_errors(
            example["value"]
        )
    ]

    assert wrong == []


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - _NEEDS_MORE))
def test_every_example_is_accepted(document: dict[str, Any], send: Callable[..., Any], name: str) -> None:
    method, path, media_type, content = bodies(document)[name]
    declared = document["paths"][path][method]["responses"]

    for example in content["examples"].values():
        answer = send(method, path, example["value"], media_type=media_type)
        assert answer.status_code < 300, answer.json()
        told = set(declared[str(answer.status_code)].get("headers", {}))
        assert {each for each in ("Location", "ETag") if each in answer.headers} == told
