"""Bodies that no view is troubled with, and the shape of the refusals."""

import gzip
import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent, Task
from tests.integration.api.making import TASK, make_task

URL = "/api/v1/tasks"
MEMBERS = {"type", "title", "status", "detail", "code", "request_id", "errors", "more_errors"}


def sent(client: APIClient, body: bytes, content_type: str = "application/json", **headers: str) -> Any:
    return client.generic("POST", URL, body, content_type=content_type, headers=headers)


def assert_problem(answer: Any, status: int, code: str) -> None:
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == MEMBERS
    assert (body["status"], body["code"], body["request_id"]) == (status, code, answer.headers["X-Request-ID"])
    assert body["detail"]
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 100_000,
        b'{"title": "\\u0000"}',
        b'{"title": "\\ud800"}',
        b'{"priority": ' + b"9" * 5000 + b"}",
        b'{"priority": 99999999999999999999}',
        b'{"priority": NaN}',
        b'{"priority": 1e400}',
        b'{"title": "a", "title": "b"}',
        json.dumps(TASK).encode("utf-16"),
        b"\xff",
    ],
)
def test_a_malformed_body_is_400(as_alice: APIClient, body: bytes) -> None:
    assert_problem(sent(as_alice, body), 400, "malformed_body")


def test_another_charset_is_400_and_utf_8_by_name_is_taken(as_alice: APIClient) -> None:
    for charset in ("utf-16", "latin-1", "nonsense", "bz2_codec"):
        assert_problem(
            sent(as_alice, json.dumps(TASK).encode(), f"application/json; charset={charset}"), 400, "malformed_body"
        )

    assert sent(as_alice, json.dumps(TASK).encode(), "application/json; charset=UTF-8").status_code == 201


def test_a_compressed_body_is_415(as_alice: APIClient) -> None:
    answer = sent(as_alice, gzip.compress(json.dumps(TASK).encode()), **{"Content-Encoding": "gzip"})

    assert_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_anything_but_json_is_415(as_alice: APIClient, content_type: str) -> None:
    assert_problem(sent(as_alice, b"title=x", content_type), 415, "unsupported_media_type")


def test_a_body_over_a_megabyte_is_413(as_alice: APIClient) -> None:
    assert_problem(sent(as_alice, json.dumps("x" * 1024 * 1024).encode()), 413, "payload_too_large")


def test_an_answer_in_another_format_is_406(as_alice: APIClient) -> None:
    assert_problem(as_alice.get(URL, headers={"Accept": "text/html"}), 406, "not_acceptable")


def test_another_method_is_405_with_those_that_are_allowed(as_alice: APIClient) -> None:
    for method in ("put", "delete", "options"):
        answer = getattr(as_alice, method)(URL)
        assert_problem(answer, 405, "method_not_allowed")
        assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/", "/api/v1/tasks/", "/api/v1/tasks/5", "/auth/nothing", "/health/x"]
)
def test_an_unknown_address_is_404_in_the_same_shape(anonymous: APIClient, path: str) -> None:
    assert_problem(anonymous.get(path), 404, "not_found")


@pytest.mark.parametrize("accept", ["application/json", "*/*", ""])
def test_to_who_asks_for_no_page_any_unknown_address_is_a_problem(anonymous: APIClient, accept: str) -> None:
    assert_problem(anonymous.get("/nothing", headers={"Accept": accept}), 404, "not_found")


def test_to_a_browser_an_unknown_address_outside_of_the_api_is_a_page(anonymous: APIClient) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

    answer = anonymous.get("/nothing", headers=browser)

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert_problem(anonymous.get("/api/v1/nothing", headers=browser), 404, "not_found")


@pytest.mark.parametrize("path", ["/health", "/health/live", "/openapi.json", "/auth/token", "/hooks/x"])
def test_a_method_that_an_address_does_not_take_is_405_with_those_that_it_takes(
    anonymous: APIClient, path: str
) -> None:
    answer = anonymous.delete(path)

    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/", "/docs", "/admin/nothing"])
def test_a_page_refuses_as_a_page(anonymous: APIClient, path: str) -> None:
    answer = anonymous.delete(path, headers={"Accept": "application/json"})

    assert answer.status_code in {302, 403, 405}
    assert "problem" not in answer.headers["Content-Type"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/tools/a%00b",
        "/api/v1/tasks?title=%00",
        "/api/v1/events/stream?type=%00",
        "/api/v1/runs?state=%00",
        "/api/v1/tasks?title=%ff",
        f"/api/v1/tasks?title={'x' * 8_200}",
        f"/api/v1/tasks?{'&'.join(['limit=1'] * 101)}",
    ],
    ids=[
        "NUL in the path",
        "NUL in the query",
        "NUL in a stream's query",
        "NUL in a filter",
        "no UTF-8",
        "over 8 kB",
        "over 100 parameters",
    ],
)
def test_an_address_that_cannot_be_read_is_400(as_alice: APIClient, path: str) -> None:
    assert_problem(as_alice.get(path), 400, "bad_address")


def test_a_filter_of_the_admin_with_a_nul_is_400_and_a_page(anonymous: APIClient) -> None:
    answer = anonymous.get("/admin/tasks/run/?state__exact=%00")

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert answer.headers["X-Request-ID"]


def test_a_host_that_is_not_ours_is_400(anonymous: APIClient) -> None:
    assert_problem(anonymous.get("/api/v1/runs/", headers={"Host": "evil.example"}), 400, "bad_request")
    assert anonymous.get("/admin/", headers={"Host": "evil.example"}).status_code == 400


def test_a_title_of_markup_comes_back_as_text_and_no_browser_takes_it_for_a_page(
    as_alice: APIClient, alice: Agent
) -> None:
    make_task(alice, title="<script>alert(1)</script>")

    answer = as_alice.get(URL)

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.json()["items"][0]["title"] == "<script>alert(1)</script>"


@pytest.mark.parametrize("body", [b"[]", b"5", b'"task"'])
def test_json_that_is_no_object_is_told_so(as_alice: APIClient, body: bytes) -> None:
    answer = sent(as_alice, body)

    assert_problem(answer, 422, "invalid_request")
    assert answer.json()["errors"] == [{"pointer": "", "message": "Send a JSON object."}]


def test_of_many_faults_under_a_long_name_the_first_hundred_are_told_briefly_and_the_rest_counted(
    as_alice: APIClient,
) -> None:
    wrong = {"n" * 80_000: ["{{ x }}"] * 150}

    answer = as_alice.post(URL, TASK | {"payload": {"pipeline": [{"uses": "debug.echo", "with": wrong}]}})

    assert_problem(answer, 422, "invalid_request")
    body = answer.json()
    assert (len(body["errors"]), body["more_errors"]) == (100, 50)
    assert body["errors"][0]["pointer"] == f"/payload/pipeline/0/with/{'n' * 100}/0"
    assert len(answer.content) < 30_000


def test_a_refusal_with_few_faults_leaves_none_off(as_alice: APIClient) -> None:
    assert sent(as_alice, b"[]").json()["more_errors"] == 0
