"""What the connection does by itself: tokens, patience, refusals, pages."""

from typing import Any

import httpx
import pytest
from ordinaut_client import Fault, NotLoggedIn, Refused, Unreachable, each, told
from ordinaut_client.generated.api.auth import auth_keys
from ordinaut_client.generated.api.tasks import tasks_delete, tasks_list
from ordinaut_client.patience import Patient

from tests.unit.client.served import Platform, problem, tokens

TASK = "9f0b4a04-0000-7000-8000-000000000000"


def page(*, following: str | None = None) -> httpx.Response:
    return httpx.Response(200, json={"items": [], "next": following})


def ask(platform: Platform, **options: Any) -> None:
    with platform.client(**options) as client:
        told(tasks_list.sync(client=client.client))


def test_it_logs_in_when_it_is_first_asked_and_not_again() -> None:
    platform = Platform(page(), page())

    with platform.client(scopes=["tasks:read", "runs:read"]) as client:
        for _ in range(2):
            told(tasks_list.sync(client=client.client))

    assert platform.paths == ["/auth/token", "/api/v1/tasks", "/api/v1/tasks"]
    assert b'"scope":"tasks:read runs:read"' in platform.asked[0].content
    assert "Authorization" not in platform.asked[0].headers
    assert {request.headers["Authorization"] for request in platform.asked[1:]} == {"Bearer access 1"}


@pytest.mark.parametrize("refreshed", [True, False], ids=["refreshed", "logged in anew"])
def test_a_token_that_is_refused_is_renewed_and_the_request_asked_again(refreshed: bool) -> None:
    renewal = [tokens(2)] if refreshed else [problem(401), tokens(2)]
    platform = Platform(problem(401), *renewal, page())

    ask(platform)

    assert platform.paths[2:-1] == ["/auth/refresh", "/auth/token"][: len(renewal)]
    assert platform.asked[-1].headers["Authorization"] == "Bearer access 2"


def test_a_login_that_has_ended_is_begun_anew() -> None:
    platform = Platform(tokens(1, seconds=0, refresh_seconds=0), page(), tokens(2), page(), login=False)

    with platform.client() as client:
        told(tasks_list.sync(client=client.client))
        told(tasks_list.sync(client=client.client))

    assert platform.paths == ["/auth/token", "/api/v1/tasks"] * 2


def test_a_request_that_is_refused_with_a_new_token_too_is_refused() -> None:
    platform = Platform(problem(401), tokens(2), problem(401))

    with pytest.raises(Refused, match=r"No\.") as refused:
        ask(platform)

    assert refused.value.status == 401


def test_a_wrong_secret_is_no_login() -> None:
    with pytest.raises(NotLoggedIn):
        ask(Platform(problem(401), login=False))


def test_without_a_secret_there_is_no_login() -> None:
    with pytest.raises(NotLoggedIn, match="There is no login"):
        ask(Platform(login=False), agent_secret="")


@pytest.mark.parametrize(
    "answer", [httpx.Response(200, text="<html>"), httpx.Response(200, json=[])], ids=["a page", "a list"]
)
def test_what_answers_must_be_ordinaut(answer: httpx.Response) -> None:
    with pytest.raises(Unreachable, match="as Ordinaut does"):
        ask(Platform(answer, login=False))


def test_a_refusal_names_the_faults_and_their_places() -> None:
    errors = [{"pointer": "/title", "message": "Give one."}, "no fault"]

    with pytest.raises(Refused, match=r"No\.") as refused:
        ask(Platform(problem(422, errors=errors)))

    assert (refused.value.status, refused.value.code, refused.value.request_id) == (422, "no", "r")
    assert refused.value.faults == (Fault("/title", "Give one."),)


@pytest.mark.parametrize("body", ["<html>", "[]"], ids=["a page", "a list"])
def test_a_proxy_that_knows_no_problems_is_understood_all_the_same(body: str) -> None:
    with pytest.raises(Refused, match="502 Bad Gateway"):
        ask(Platform(httpx.Response(502, text=body)))


def test_a_network_that_fails_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="http://platform does not answer: no route"):
        ask(Platform(httpx.ConnectError("no route"), login=False))


def test_a_refusal_of_a_renewal_is_one() -> None:
    with pytest.raises(Refused) as refused:
        ask(Platform(problem(403), login=False))

    assert refused.value.status == 403


def test_what_has_no_answer_is_none() -> None:
    with Platform(httpx.Response(204)).client() as client:
        assert tasks_delete.sync_detailed(TASK, client=client.client).parsed is None  # type: ignore[arg-type]


def test_a_request_that_needs_no_login_has_one_all_the_same() -> None:
    platform = Platform(httpx.Response(200, json={"keys": []}))

    with platform.client() as client:
        assert told(auth_keys.sync(client=client.client)).keys == []


def test_a_login_is_ended_where_there_is_one() -> None:
    platform = Platform(httpx.Response(200, json={}))

    with platform.client() as client:
        client.logout()
        assert platform.paths == []
        client.login()
        client.logout()

    assert platform.paths == ["/auth/token", "/auth/revoke"]
    assert b"refresh 1" in platform.asked[-1].content


def test_what_is_posted_twice_is_done_once() -> None:
    platform = Platform(httpx.Response(200, json={}), httpx.Response(200, json={}))

    with platform.client() as client:
        for _ in range(2):
            client.send("POST", "/api/v1/tasks", {})

    login, *posts = platform.asked
    assert "Idempotency-Key" not in login.headers
    assert len({post.headers["Idempotency-Key"] for post in posts}) == 2


def later(status: int = 503, seconds: str = "3") -> httpx.Response:
    return httpx.Response(status, headers={"Retry-After": seconds})


def patient(*answers: httpx.Response, seconds: float = 10) -> tuple[int, list[float]]:
    """The status in the end, and the waits before."""
    waits: list[float] = []
    platform = Platform(*answers, login=False)
    transport = Patient(httpx.MockTransport(platform), seconds=seconds, sleep=waits.append)
    with httpx.Client(transport=transport) as http:
        return http.get("http://platform").status_code, waits


@pytest.mark.parametrize(
    ("answers", "status", "waits"),
    [
        ([later(503), later(429, "0"), httpx.Response(200)], 200, [3, 1]),
        ([later(503), later(503), later(503), later(503)], 503, [3, 3, 3]),
        ([later(429, "11")], 429, []),
        ([httpx.Response(503)], 503, []),
        ([later(503, "Wed, 21 Oct 2026 07:28:00 GMT")], 503, []),
        ([later(500)], 500, []),
        ([later(429, "0")] * 11, 429, [1] * 10),
    ],
    ids=["comes back", "for so long", "too late", "when is not said", "a date", "an error", "for ever"],
)
def test_it_asks_again_when_it_is_told_when(answers: list[httpx.Response], status: int, waits: list[float]) -> None:
    assert patient(*answers) == (status, waits)


def test_a_list_is_read_to_its_end_page_by_page() -> None:
    platform = Platform(page(following="http://platform/api/v1/tasks?limit=1&cursor=a%2Bb"), page())

    with platform.client() as client:
        found = list(each(lambda cursor: tasks_list.sync(client=client.client, cursor=cursor)))

    assert found == []
    assert [request.url.params.get("cursor") for request in platform.asked[1:]] == [None, "a+b"]
