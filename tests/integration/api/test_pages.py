"""The start page and the documentation: ours alone, without data, from this server only."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

PAGES = ("/", "/docs", "/redoc")


def policy_of(answer: Any) -> dict[str, str]:
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_from_elsewhere_and_everything_it_loads_is_there(anonymous: APIClient, path: str) -> None:
    answer = anonymous.get(path)
    page = answer.content.decode()

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "http://" not in page
    assert "https://" not in page
    loaded = re.findall(r'(?:src|href|spec-url|data-document)="(/(?:static/|openapi)[^"]*)"', page)
    assert len(loaded) >= 2
    assert {anonymous.get(each).status_code for each in loaded} == {200}


def test_a_file_is_sent_whole_and_only_when_it_is_new(anonymous: APIClient) -> None:
    path = "/static/ordinaut/start.css"

    first, head = anonymous.get(path), anonymous.head(path)
    again = anonymous.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]})

    assert (first.status_code, first.streaming, first.headers["Content-Type"]) == (
        200,
        False,
        'text/css; charset="utf-8"',
    )
    assert first.content.startswith(b":root")
    assert (head.status_code, head.content) == (200, b"")
    assert (again.status_code, again.content) == (304, b"")
    assert "Content-Type" not in again.headers


@pytest.mark.parametrize("path", PAGES)
def test_a_page_allows_no_script_but_files_of_ours_and_no_frame(anonymous: APIClient, path: str) -> None:
    answer = anonymous.get(path)
    policy = policy_of(answer)

    assert (policy["default-src"], policy["frame-ancestors"], policy["base-uri"]) == ("'none'",) * 3
    assert policy.get("script-src", "'self'") == "'self'"
    assert "<script>" not in answer.content.decode()
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_start_page_leads_everywhere_and_runs_no_script(anonymous: APIClient) -> None:
    page = anonymous.get("/")

    links = set(re.findall(r'<a href="([^"]+)"', page.content.decode()))
    assert links == {"/admin/", "/flower/", "/health/ready", "/metrics", "/docs", "/redoc", "/openapi.json"}
    assert "script-src" not in policy_of(page)


def test_the_openapi_document_is_valid_without_a_warning(db: None) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_the_openapi_document_lists_exactly_the_addresses_of_the_api(anonymous: APIClient) -> None:
    from django.urls import get_resolver

    from tests.integration.api.addresses import BEHIND_DJANGOS_LOGIN, SIGNED, addresses

    answer = anonymous.get("/openapi.json")
    document = answer.json()

    # other names of documented ones
    undocumented = {f"api/v1/auth/{name}" for name in ("token", "refresh", "revoke")} | {
        "api/v1/tasks/<uuid:pk>/run-now"
    }
    pages = {"", "docs", "redoc", "openapi.json", "health", "health/live", "health/ready", "metrics"}
    routes = {route for route, _ in addresses(get_resolver().url_patterns)} - undocumented - pages - SIGNED
    expected = {
        "/" + re.sub(r"<\w+:(\w+)>", lambda found: "{id}" if found[1] == "pk" else f"{{{found[1]}}}", route)
        for route in routes
        if not route.startswith(BEHIND_DJANGOS_LOGIN)
    }
    assert document["openapi"] == "3.1.1"
    assert set(document["paths"]) == expected


def test_the_openapi_document_says_how_to_authenticate_and_how_refusals_look(anonymous: APIClient) -> None:
    document = anonymous.get("/openapi.json").json()

    assert document["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    logins = {"/auth/token", "/auth/refresh", "/auth/revoke", "/.well-known/jwks.json"}
    open_to_all = logins | {"/api/v1/pipelines/schema", "/hooks/{token}"}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"], path
            assert (operation.get("security") == [{"bearer": []}]) == (path not in open_to_all), path


def test_what_a_client_may_send_leaves_out_what_the_server_gives(anonymous: APIClient) -> None:
    schemas = anonymous.get("/openapi.json").json()["components"]["schemas"]

    assert "next_run_at" in schemas["Task"]["properties"]
    assert "next_run_at" not in schemas["TaskRequest"]["properties"]
    assert set(schemas["TaskRequest"]["required"]) == {"title", "schedule_kind", "payload"}
    assert "created_by" not in schemas["TaskChangeRequest"]["properties"]
