"""ETag, If-None-Match and If-Match (RFC 9110, 8.8.3 and 13)."""

from typing import Any

import pytest
from django.http import HttpResponse
from rest_framework.test import APIClient

from tasks_app.models import Agent, Hook, Task, Tool, Webhook
from tests.integration.api.making import make_task
from tests.making import make_run

DEFINITION = {"dates": ["2026-12-24"]}
CHANGES = {
    "tasks": {"title": "Another"},
    "calendars": {"description": "Another"},
    "tools": {"enabled": False},
    "agents": {"requests_per_minute": 5_000},
    "webhooks": {"active": False},
    "hooks": {"active": False},
}
KINDS = sorted(CHANGES)


def url_of(kind: str, client: APIClient, owner: Agent) -> str:
    """Of one that is there."""
    made: Any
    if kind == "tasks":
        made = make_task(owner).pk
    elif kind == "agents":
        made = owner.pk
    elif kind == "webhooks":
        made = Webhook.objects.create(
            agent=owner, url="https://1.1.1.1/", event_types=["run.*"], pos=0, wanted_pos=0
        ).pk
    elif kind == "hooks":
        made = Hook.objects.create(agent=owner, name="h", topic="h", preset="github", token_hash="x").pk
    elif kind == "tools":
        made = Tool.objects.create(
            address="our.tool", transport="http", settings={"endpoint": "https://1.1.1.1/", "method": "GET"}
        ).address
    else:
        made = client.post("/api/v1/calendars", {"name": "c", "definition": DEFINITION}).json()["id"]
    return f"/api/v1/{kind}/{made}"


def patched(client: APIClient, url: str, condition: str, *, header: str = "If-Match", body: Any = None) -> Any:
    kind = url.split("/")[3]
    return client.patch(url, CHANGES[kind] if body is None else body, headers={header: condition})


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_as_the_caller_has_it_is_304_and_what_has_changed_is_not(
    as_admin: APIClient, admin: Agent, kind: str
) -> None:
    url = url_of(kind, as_admin, admin)
    tag = as_admin.get(url).headers["ETag"]

    same = as_admin.get(url, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    assert "Content-Type" not in same.headers
    assert same.headers["Cache-Control"] == "private, no-cache"
    changed = as_admin.patch(url, CHANGES[kind])
    assert changed.status_code == 200, changed.json()
    now = as_admin.get(url, headers={"If-None-Match": tag})
    assert (now.status_code, now.headers["ETag"]) == (200, changed.headers["ETag"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_of_what_somebody_else_has_changed_is_412_with_the_tag_that_it_has_now(
    as_admin: APIClient, admin: Agent, kind: str
) -> None:
    url = url_of(kind, as_admin, admin)
    seen = as_admin.get(url).headers["ETag"]
    first = patched(as_admin, url, seen)
    assert first.status_code == 200, first.json()

    late = patched(as_admin, url, seen)
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
    assert late.headers["ETag"] == as_admin.get(url).headers["ETag"] == first.headers["ETag"]
    assert patched(as_admin, url, late.headers["ETag"]).status_code == 200


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "agents"])
def test_only_what_is_as_the_caller_has_it_is_deleted(as_admin: APIClient, admin: Agent, kind: str) -> None:
    url = url_of(kind, as_admin, admin)
    tag = as_admin.get(url).headers["ETag"]

    assert as_admin.delete(url, headers={"If-Match": '"other"'}).status_code == 412
    assert as_admin.delete(url, headers={"If-Match": tag}).status_code == 204
    assert as_admin.delete(url, headers={"If-Match": tag}).status_code == 404


@pytest.mark.parametrize("kind", ["tasks", "calendars", "tools"])
def test_a_replacement_is_guarded_and_gives_no_tag(as_admin: APIClient, admin: Agent, kind: str) -> None:
    url = url_of(kind, as_admin, admin)
    body = {
        "tasks": {name: getattr(Task.objects.first(), name, None) for name in ("title", "schedule_kind", "payload")},
        "calendars": {"name": "c", "definition": DEFINITION},
        "tools": {"transport": "http", "settings": {"endpoint": "https://1.1.1.1/", "method": "GET"}},
    }[kind] | ({"schedule_expr": "PT2H"} if kind == "tasks" else {})

    assert as_admin.put(url, body, headers={"If-Match": '"9"'}).status_code == 412
    replaced = as_admin.put(url, body, headers={"If-Match": as_admin.get(url).headers["ETag"]})
    assert (replaced.status_code, "ETag" in replaced.headers) == (200, False), replaced.json()


def test_a_calendar_put_as_a_file_is_guarded(as_admin: APIClient, admin: Agent) -> None:
    url = url_of("calendars", as_admin, admin)

    answer = as_admin.generic(
        "PUT", f"{url}/ics", "BEGIN:VCALENDAR", content_type="text/calendar", headers={"If-Match": '"other"'}
    )

    assert answer.status_code == 412


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("*", 200),
        ('"1"', 200),
        ('"1.0123"', 200),
        ('"7", "1"', 200),
        ('"a,b", "1.x,y" ,', 200),
        ('"2"', 412),
        ('"", "10"', 412),
        ('W/"1"', 412),
        ("1", 400),
        ("", 400),
        (",", 400),
        ('"1', 400),
        ('"1" "2"', 400),
        ('*, "1"', 400),
        ("w/1", 400),
        (f'"{"x" * 5_000}"', 400),
    ],
)
def test_if_match_compares_the_version_by_strong_tags(
    as_alice: APIClient, alice: Agent, condition: str, status: int
) -> None:
    answer = patched(as_alice, f"/api/v1/tasks/{make_task(alice).pk}", condition)

    assert answer.status_code == status, answer.json()
    assert Task.objects.get().version == (2 if status == 200 else 1)


def test_a_run_that_ended_meanwhile_makes_the_answer_new_and_the_change_no_conflict(
    as_alice: APIClient, alice: Agent
) -> None:
    task = make_task(alice)
    url = f"/api/v1/tasks/{task.pk}"
    tag = as_alice.get(url).headers["ETag"]
    make_run(task)

    assert as_alice.get(url, headers={"If-None-Match": tag}).status_code == 200
    assert patched(as_alice, url, tag).status_code == 200


def test_if_none_match_on_a_change_is_for_what_is_not_there(as_alice: APIClient, alice: Agent) -> None:
    url = f"/api/v1/tasks/{make_task(alice).pk}"

    statuses = [
        patched(as_alice, url, condition, header="If-None-Match").status_code for condition in ("*", 'W/"1"', '"2"')
    ]

    assert statuses == [412, 412, 200]


def test_a_condition_that_nothing_could_judge_is_412(as_alice: APIClient, as_admin: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    secret = {"value": "x" * 20, "hosts": ["example.org"]}

    assert as_alice.post(f"/api/v1/tasks/{task.pk}/pause", headers={"If-Match": "*"}).status_code == 412
    assert as_admin.put("/api/v1/secrets/s", secret, headers={"If-None-Match": "*"}).status_code == 412
    assert as_alice.post(f"/api/v1/tasks/{task.pk}/pause", headers={"If-None-Match": "*"}).status_code == 200


def test_conditions_come_after_the_right_to_ask(anonymous: APIClient, as_bob: APIClient, alice: Agent) -> None:
    url = f"/api/v1/tasks/{make_task(alice).pk}"

    answers: list[HttpResponse] = [patched(client, url, '"9"') for client in (anonymous, as_bob)]

    assert [answer.status_code for answer in answers] == [401, 404]
    assert not any("ETag" in answer.headers for answer in answers)


@pytest.mark.parametrize("path", ["tasks", "runs", "tasks/{task}/runs", "runs/{run}", "pipelines/schema", "events"])
def test_every_other_answer_has_a_weak_tag(as_alice: APIClient, alice: Agent, path: str) -> None:
    task = make_task(alice)
    url = f"/api/v1/{path.format(task=task.pk, run=make_run(task).pk)}"

    first = as_alice.get(url)
    tag = first.headers["ETag"]

    assert tag.startswith('W/"')
    assert as_alice.get(url, headers={"If-None-Match": tag}).status_code == 304
    assert as_alice.get(url, headers={"If-None-Match": "*"}).status_code == 304
    assert as_alice.head(url, headers={"If-None-Match": tag}).status_code == 304


def test_what_is_shown_once_and_what_is_refused_has_no_tag(as_admin: APIClient) -> None:
    made = as_admin.post("/api/v1/agents", {"name": "n", "scopes": ["runs:read"]})

    assert made.status_code == 201
    assert "ETag" not in made.headers
    assert "ETag" not in as_admin.get("/api/v1/tasks?wrong=1").headers


def test_what_was_made_has_the_tag_that_it_is_read_with(as_alice: APIClient) -> None:
    from tests.integration.api.making import TASK

    made = as_alice.post("/api/v1/tasks", TASK)

    assert made.headers["ETag"] == as_alice.get(made.headers["Location"]).headers["ETag"]
    assert made.headers["ETag"].startswith('"1.')


@pytest.mark.parametrize(
    ("url", "repeated"), [("tasks?limit=1&limit=2", "limit"), ("tasks/{task}/occurrences?count=1&count=2", "count")]
)
def test_a_parameter_that_comes_twice_is_400(as_alice: APIClient, alice: Agent, url: str, repeated: str) -> None:
    answer = as_alice.get(f"/api/v1/{url.format(task=make_task(alice).pk)}")

    assert (answer.status_code, answer.json()["code"]) == (400, "repeated_parameter")
    assert repeated in answer.json()["detail"]


def test_a_filter_of_several_choices_may_come_twice(as_alice: APIClient) -> None:
    assert as_alice.get("/api/v1/tasks?status=active&status=paused").status_code == 200


@pytest.mark.parametrize(
    ("verb", "body"), [("pause", None), ("cancel", None), ("snooze", {"delay_seconds": 60}), ("run_now", None)]
)
def test_a_verb_leaves_the_version_alone_which_is_what_if_match_compares(
    as_alice: APIClient, alice: Agent, verb: str, body: Any
) -> None:
    url = f"/api/v1/tasks/{make_task(alice).pk}"
    tag = as_alice.get(url).headers["ETag"]

    assert as_alice.post(f"{url}/{verb}", body).status_code < 300
    after = as_alice.get(url).headers["ETag"]

    assert after.partition(".")[0] == tag.partition(".")[0]
    assert as_alice.delete(url, headers={"If-Match": tag}).status_code == 204
