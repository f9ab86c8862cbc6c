"""What an owner asks of its tasks over HTTP, and what stays of it."""

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent, AuditEntry, Run, Task, TaskDefinition
from tests.integration.api.making import PAYLOAD, TASK, make_task
from tests.making import told

URL = "/api/v1/tasks"


def pointers(answer: Any) -> set[str]:
    return {error["pointer"] for error in answer.json()["errors"]}


def test_the_four_fields_make_a_task_with_everything_else_by_default(as_alice: APIClient, alice: Agent) -> None:
    answer = as_alice.post(URL, TASK)

    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"http://testserver{URL}/{body['id']}"
    assert as_alice.get(answer.headers["Location"]).json() == body
    assert body | {"id": "", "dtstart": "", "next_run_at": "", "created_at": "", "updated_at": ""} == TASK | {
        "id": "",
        "description": "",
        "created_by": str(alice.pk),
        "timezone": "UTC",
        "dtstart": "",
        "starts_at": None,
        "ends_at": None,
        "max_occurrences": None,
        "dst_policy": "",
        "calendar": None,
        "calendar_policy": "exclude",
        "misfire_policy": "latest",
        "catch_up_window_seconds": 86_400,
        "catch_up_limit": 100,
        "overlap_policy": "allow",
        "jitter_seconds": 0,
        "quiet_hours": [],
        "concurrency_key": "",
        "concurrency_limit": 1,
        "dedupe_key": "",
        "dedupe_window_seconds": 3600,
        "probe": None,
        "poll_seconds": 60,
        "cooldown_seconds": 0,
        "condition_met": None,
        "condition_error": None,
        "mode": "live",
        "status": "active",
        "priority": 5,
        "max_retries": 3,
        "backoff_strategy": "exponential_jitter",
        "retry_delay_seconds": 1,
        "timeout_seconds": 300,
        "queue_timeout_seconds": None,
        "calls_per_day": None,
        "tokens_per_day": None,
        "microdollars_per_day": None,
        "next_run_at": "",
        "last_run_at": None,
        "last_status": None,
        "version": 1,
        "created_at": "",
        "updated_at": "",
    }
    assert body["dtstart"].endswith("T00:00:00")
    assert body["next_run_at"] > body["created_at"]


def test_a_change_is_written_down_under_the_request_that_asked_for_it(as_alice: APIClient, alice: Agent) -> None:
    answer = as_alice.post(URL, TASK, headers={"X-Request-ID": "req-42"})
    task = answer.json()["id"]
    as_alice.patch(f"{URL}/{task}", {"title": "Other"}, headers={"X-Request-ID": "req-43"})
    run = as_alice.post(f"{URL}/{task}/run_now", headers={"X-Request-ID": "req-44"}).json()["id"]

    kept = AuditEntry.objects.filter(object_id=task).order_by("id").values_list("action", "actor", "request_id")
    assert list(kept) == [
        ("task.created", f"agent:{alice.pk}", "req-42"),
        ("task.updated", f"agent:{alice.pk}", "req-43"),
        ("task.run_now", f"agent:{alice.pk}", "req-44"),
    ]
    assert Run.objects.get(pk=run).request_id == "req-44"
    assert [(event.type, event.request_id) for event in told()] == [
        ("task.created", "req-42"),
        ("task.updated", "req-43"),
        ("run.queued", "req-44"),
    ]


def test_the_older_shape_is_taken_as_an_rrule(as_alice: APIClient) -> None:
    answer = as_alice.post(
        URL,
        {
            "title": "Morning",
            "schedule": "FREQ=DAILY;BYHOUR=8;BYMINUTE=0;BYSECOND=0",
            "pipeline": PAYLOAD["pipeline"],
            "params": {"city": "Chisinau"},
            "timezone": "Europe/Chisinau",
            "backoff_strategy": "exponential",
        },
    )

    body = answer.json()
    assert answer.status_code == 201, body
    assert (body["schedule_kind"], body["timezone"]) == ("rrule", "Europe/Chisinau")
    assert body["schedule_expr"] == "FREQ=DAILY;BYHOUR=8;BYMINUTE=0;BYSECOND=0"
    assert body["payload"] == PAYLOAD | {"params": {"city": "Chisinau"}}
    assert body["backoff_strategy"] == "exponential_jitter"


@pytest.mark.parametrize("kind", ["solar", "cronn"])
def test_a_kind_of_schedule_that_is_not_available_is_refused_with_those_that_are(
    as_alice: APIClient, kind: str
) -> None:
    answer = as_alice.post(URL, TASK | {"schedule_kind": kind})

    assert (answer.status_code, pointers(answer)) == (422, {"/schedule_kind"})
    assert "rrule, cron, interval, once" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"colour": "red"}, "/colour"),
        ({"a/b~c": 1}, "/a~1b~0c"),
        ({"status": "paused"}, "/status"),
        ({"id": str(uuid.uuid4())}, "/id"),
        ({"version": 3}, "/version"),
        ({"next_run_at": None}, "/next_run_at"),
        ({"title": ""}, "/title"),
        ({"title": "x" * 201}, "/title"),
        ({"title": 5}, "/title"),
        ({"title": None}, "/title"),
        ({"description": "x" * 2001}, "/description"),
        ({"priority": 0}, "/priority"),
        ({"priority": 10}, "/priority"),
        ({"priority": "5"}, "/priority"),
        ({"priority": True}, "/priority"),
        ({"priority": 5.0}, "/priority"),
        ({"max_retries": 11}, "/max_retries"),
        ({"max_retries": -1}, "/max_retries"),
        ({"timeout_seconds": 0}, "/timeout_seconds"),
        ({"queue_timeout_seconds": 0}, "/queue_timeout_seconds"),
        ({"queue_timeout_seconds": 31_622_401}, "/queue_timeout_seconds"),
        ({"timeout_seconds": 2**63 - 1}, "/timeout_seconds"),
        ({"retry_delay_seconds": 86_401}, "/retry_delay_seconds"),
        ({"backoff_strategy": "none"}, "/backoff_strategy"),
        ({"backoff_strategy": ["linear"]}, "/backoff_strategy"),
        ({"schedule_kind": "cron", "schedule_expr": "61 * * *"}, "/schedule_expr"),
        ({"schedule_expr": "x" * 1001}, "/schedule_expr"),
        ({"dtstart": "tomorrow"}, "/dtstart"),
        ({"dtstart": "2026-01-01T00:00:00Z"}, "/dtstart"),
        ({"payload": []}, "/payload"),
        ({"payload": "x"}, "/payload"),
        ({"payload": {"pipeline": [{"id": "a", "uses": "no.such_tool"}]}}, "/payload/pipeline/0/uses"),
        ({"created_by": "me"}, "/created_by"),
    ],
)
def test_a_field_that_breaks_a_rule_is_refused_where_it_stands(
    as_alice: APIClient, changes: dict[str, Any], pointer: str
) -> None:
    answer = as_alice.post(URL, TASK | changes)

    assert (answer.status_code, answer.json()["code"], pointers(answer)) == (422, "invalid_request", {pointer})
    assert all(error["message"] for error in answer.json()["errors"])
    assert not Task.objects.exists()


def test_the_anchor_is_kept_as_it_is_sent(as_alice: APIClient) -> None:
    answer = as_alice.post(URL, TASK | {"dtstart": "2026-03-01 07:30", "timezone": "Europe/Chisinau"})

    assert (answer.status_code, answer.json()["dtstart"]) == (201, "2026-03-01T07:30:00")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", ""])
def test_a_zone_that_is_none_is_refused(as_alice: APIClient, zone: str) -> None:
    answer = as_alice.post(URL, TASK | {"timezone": zone})

    assert answer.status_code == 422
    assert "/timezone" in pointers(answer)


@pytest.mark.parametrize("missing", ["title", "schedule_kind", "payload"])
def test_a_field_that_is_missing_is_named(as_alice: APIClient, missing: str) -> None:
    answer = as_alice.post(URL, {name: value for name, value in TASK.items() if name != missing})

    assert (answer.status_code, pointers(answer)) == (422, {f"/{missing}"})


@pytest.mark.parametrize("body", [[], [TASK], "task", 5])
def test_a_body_that_is_no_object_is_refused(as_alice: APIClient, body: Any) -> None:
    answer = as_alice.post(URL, body)

    assert (answer.status_code, pointers(answer)) == (422, {""})


def test_all_faults_are_told_at_once_unknown_keys_among_them(as_alice: APIClient) -> None:
    answer = as_alice.post(URL, TASK | {"colour": 1, "title": "", "priority": 99})

    assert pointers(answer) == {"/colour", "/title", "/priority"}


def test_only_an_admin_makes_a_task_for_another(as_alice: APIClient, as_admin: APIClient, bob: Agent) -> None:
    wanted = TASK | {"created_by": str(bob.pk)}

    assert as_alice.post(URL, wanted).status_code == 403
    assert as_admin.post(URL, wanted).json()["created_by"] == str(bob.pk)
    assert pointers(as_admin.post(URL, TASK | {"created_by": str(uuid.uuid4())})) == {"/created_by"}
    assert list(Task.objects.values_list("created_by", flat=True)) == [bob.pk]


def test_a_patch_changes_what_it_names_and_nothing_else(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice, description="kept", priority=7)
    before = as_alice.get(f"{URL}/{task.pk}").json()

    after = as_alice.patch(f"{URL}/{task.pk}", {"title": "Other"}).json()

    assert after | {"updated_at": ""} == before | {"title": "Other", "version": 2, "updated_at": ""}


def test_a_put_returns_what_it_leaves_out_to_its_default_but_keeps_the_anchor(
    as_alice: APIClient, alice: Agent
) -> None:
    task = make_task(alice, description="lost", priority=7, dtstart="2026-03-01T00:00:00")

    body = as_alice.put(f"{URL}/{task.pk}", TASK | {"title": "Other"}).json()

    changed = {name: body[name] for name in ("title", "description", "priority", "dtstart", "version")}
    assert changed == {
        "title": "Other",
        "description": "",
        "priority": 5,
        "dtstart": "2026-03-01T00:00:00",
        "version": 2,
    }
    assert pointers(as_alice.put(f"{URL}/{task.pk}", {"title": "Other"})) == {"/schedule_kind", "/payload"}


@pytest.mark.parametrize("method", ["put", "patch"])
def test_whose_a_task_is_never_changes(as_admin: APIClient, alice: Agent, bob: Agent, method: str) -> None:
    task = make_task(alice)

    answer = getattr(as_admin, method)(f"{URL}/{task.pk}", TASK | {"created_by": str(bob.pk)})

    assert (answer.status_code, pointers(answer)) == (422, {"/created_by"})


def test_a_deleted_task_is_gone(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)

    answer = as_alice.delete(f"{URL}/{task.pk}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert as_alice.get(f"{URL}/{task.pk}").status_code == 404
    assert as_alice.delete(f"{URL}/{task.pk}").status_code == 404
    assert as_alice.get(URL).json()["items"] == []


def test_the_verbs_move_the_task_and_an_illegal_move_is_409(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)

    def status_after(verb: str) -> tuple[int, str]:
        answer = as_alice.post(f"{URL}/{task.pk}/{verb}")
        return answer.status_code, answer.json()["status" if answer.status_code == 200 else "code"]

    assert status_after("resume") == (409, "illegal_move")
    assert status_after("pause") == (200, "paused")
    assert status_after("pause") == (200, "paused")
    assert status_after("run_now") == (409, "illegal_move")
    assert status_after("resume") == (200, "active")
    assert status_after("cancel") == (200, "canceled")
    assert status_after("cancel") == (200, "canceled")
    assert status_after("resume") == (409, "illegal_move")
    assert as_alice.patch(f"{URL}/{task.pk}", {"title": "x"}).status_code == 409


@pytest.mark.parametrize("verb", ["run_now", "run-now"])
def test_run_now_answers_with_the_queued_run(as_alice: APIClient, alice: Agent, verb: str) -> None:
    task = make_task(alice)

    answer = as_alice.post(f"{URL}/{task.pk}/{verb}", {"params": {"city": "Balti"}})

    body = answer.json()
    assert (answer.status_code, body["task_id"], body["status"], body["trigger"]) == (
        202,
        str(task.pk),
        "queued",
        "run_now",
    )
    assert Run.objects.get(pk=body["id"]).input == {"params": {"city": "Balti"}}
    assert answer.headers["Location"] == f"http://testserver/api/v1/runs/{body['id']}"
    assert as_alice.get(answer.headers["Location"]).json()["id"] == body["id"]


@pytest.mark.parametrize(
    ("body", "pointer"), [({"params": []}, "/params"), ({"param": {}}, "/param"), ({"params": None}, "/params")]
)
def test_run_now_takes_nothing_but_params(as_alice: APIClient, alice: Agent, body: Any, pointer: str) -> None:
    answer = as_alice.post(f"{URL}/{make_task(alice).pk}/run_now", body)

    assert (answer.status_code, pointers(answer)) == (422, {pointer})
    assert not Run.objects.exists()


def test_what_the_calls_of_a_task_may_use_up_is_set_and_lifted(as_alice: APIClient) -> None:
    budget = {"calls_per_day": 100, "tokens_per_day": 10**10, "microdollars_per_day": 5}
    made = as_alice.post(URL, TASK | budget).json()
    url = f"{URL}/{made['id']}"

    lifted = as_alice.patch(url, dict.fromkeys(budget)).json()
    refused = as_alice.patch(url, {"calls_per_day": 0})

    assert {name: made[name] for name in budget} == budget
    assert {lifted[name] for name in budget} == {None}
    assert pointers(refused) == {"/calls_per_day"}
    assert list(TaskDefinition.objects.order_by("version").values_list("budgeted", flat=True)) == [True, False]
