"""Every command of `docs/api.md` is run, in its order, and its tables name every address and the scope that opens it."""

import json
import re
import shlex
from typing import Any

import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient

from ordinaut_site.env import BASE_DIR
from tasks_app.services import agents
from tests.integration.api.addresses import BEHIND_DJANGOS_LOGIN, PUBLIC, SCRAPED, SIGNED, addresses, endpoints
from tests.integration.api.conftest import SCOPES

DOCUMENT = (BASE_DIR / "docs" / "api.md").read_text()
SHOWN = re.findall(r"^```console\n\$ (.*?)(?<!\\)\n(.*?)^```", DOCUMENT, flags=re.DOTALL | re.MULTILINE)
ROWS = re.findall(r"^\| `([A-Z]+) (\S+)` \| (?:`([\w:]+)`|nothing) \|", DOCUMENT, flags=re.MULTILINE)
ANY = "…"
POSTS_FOR_ANYBODY = {"auth/token", "auth/refresh", "auth/revoke", "hooks/<str:token>"}
OLDER = {"api/v1/auth/token", "api/v1/auth/refresh", "api/v1/auth/revoke", "api/v1/tasks/<uuid:pk>/run-now"}


def agrees(shown: Any, answered: Any) -> bool:
    """… is any value that is there, or as a key all that is not shown."""
    if shown == ANY:
        return answered is not None
    if isinstance(shown, dict) and isinstance(answered, dict):
        named = shown.keys() - {ANY}
        whole = ANY in shown or named == answered.keys()
        return whole and all(key in answered and agrees(shown[key], answered[key]) for key in named)
    if isinstance(shown, list) and isinstance(answered, list):
        return len(shown) == len(answered) and all(map(agrees, shown, answered))
    return bool(shown == answered)


def asked(command: str, known: dict[str, str]) -> Any:
    filled = re.sub(r"\$([A-Z]+)", lambda name: known[name[1]], command.replace("\\\n", " "))
    _, url, *options = shlex.split(filled)
    given = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.split(": ", 1) for name, value in given if name == "-H")
    words = dict(given)
    method = words.get("-X", "POST" if "--json" in words else "GET")
    return APIClient().generic(method, url, words.get("--json", ""), content_type="application/json", headers=headers)


def written(route: str) -> str:
    """As the page writes it."""
    return "/" + re.sub(r"<\w+:(\w+)>", lambda part: "{" + (part[1] if part[1] in NAMES else "id") + "}", route)


NAMES = {"address", "name", "token"}


@pytest.mark.django_db
def test_every_command_answers_what_is_shown() -> None:
    agent, secret = agents.create_agent(name="reader", scopes=SCOPES)
    known = {"URL": "http://testserver", "ID": str(agent.pk), "SECRET": secret}
    assert len(SHOWN) == DOCUMENT.count("```console") == 13

    for command, shown in SHOWN:
        answer = asked(command, known)
        assert answer.status_code < 300, (command, answer.content)
        told = answer.json()
        assert agrees(json.loads(re.sub(r": …", ': "…"', shown)), told), (command, told)
        noun = "RUN" if "run_now" in command else "TASK" if '/tasks"' in command else ""
        known |= {"TOKEN": told["access_token"]} if "access_token" in told else {}
        known |= {noun: told["id"]} if noun else {}


def test_every_address_is_named_with_the_scope_that_opens_it() -> None:
    named = {(method, path): scope for method, path, scope in ROWS}
    there = {(each.method.upper(), written(each.route)): each.scope for each in endpoints() if each.route not in OLDER}
    there |= {("POST", written(route)): "" for route in POSTS_FOR_ANYBODY}
    there |= {("GET", f"/{route}"): "" for route in (".well-known/jwks.json", "api/v1/pipelines/schema")}

    assert named == there
    assert len(named) == len(ROWS)


def test_every_parameter_of_an_address_is_named_beside_it_and_every_order_of_a_list(anonymous: APIClient) -> None:
    rows = re.findall(r"^\| `([A-Z]+) (\S+)` \|(.*)$", DOCUMENT, flags=re.MULTILINE)
    said = {(method.lower(), bare(path)): words for method, path, words in rows}
    missing = []

    for path, operations in anonymous.get("/openapi.json").json()["paths"].items():
        for method, operation in operations.items():
            words = said.get((method, bare(path)), "")
            missing += [(path, name) for name in parameters_of(operation) if f"`{name}`" not in words]

    assert not missing


def bare(path: str) -> str:
    return re.sub(r"{.*?}", "{}", path)


def parameters_of(operation: dict[str, Any]) -> set[str]:
    """With the columns that an order may name, and without what all lists have."""
    given = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
    columns = {
        name.removeprefix("-") for each in given if each["name"] == "ordering" for name in each["schema"]["enum"]
    }
    return columns | {each["name"] for each in given} - {"limit", "cursor"}


def test_every_page_is_named() -> None:
    in_tables = {path for _, path, _ in ROWS}
    routes = {route for route, _ in addresses(get_resolver().url_patterns)}
    pages = (routes & (PUBLIC | SIGNED | SCRAPED)) - OLDER | set(BEHIND_DJANGOS_LOGIN)

    assert {written(each) for each in pages} - in_tables <= set(re.findall(r"`(/[^`\s]*)`", DOCUMENT))
