"""The instants of a task over HTTP: those to come, what became of one, and those that made no run."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tasks_app.models import Agent, Calendar, SkippedOccurrence, Task
from tests.integration.api.making import TASK, client_of, make_task
from tests.making import claim_one, make_agent, make_run

NIGHTLY = {
    "schedule_kind": "rrule",
    "schedule_expr": "FREQ=DAILY;BYHOUR=3;BYMINUTE=30",
    "timezone": "Europe/Chisinau",
    "dtstart": "2026-01-01T00:00:00",
}
PREVIEW = "/api/v1/schedules/preview"


def url(task: Task, rest: str) -> str:
    return f"/api/v1/tasks/{task.pk}/{rest}"


def test_the_next_instants_come_with_local_time_and_notes(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice, **NIGHTLY)

    answer = as_alice.get(url(task, "occurrences?count=2&after=2027-03-27T12:00:00%2B02:00"))

    assert answer.status_code == 200
    assert answer.json() == {
        "timezone": "Europe/Chisinau",
        "items": [
            {
                "at": "2027-03-28T01:30:00Z",
                "local": "2027-03-28T04:30:00+03:00",
                "starts_at": "2027-03-28T01:30:00Z",
                "fires": True,
                "reason": None,
                "notes": [
                    {
                        "code": "gap_moved",
                        "text": "03:30 does not exist on 2027-03-28: the clocks go from 03:00 to 04:00; moved to 04:30.",
                    }
                ],
            },
            {
                "at": "2027-03-29T00:30:00Z",
                "local": "2027-03-29T03:30:00+03:00",
                "starts_at": "2027-03-29T00:30:00Z",
                "fires": True,
                "reason": None,
                "notes": [],
            },
        ],
        "ends": False,
        "left_out": 0,
        "cut": False,
        "sentence": "",
    }


def test_a_preview_of_a_schedule_is_what_the_task_then_answers(as_alice: APIClient, alice: Agent) -> None:
    Calendar.objects.create(name="office", created_by=alice, definition={"weekends": True})
    saturdays = {"schedule_expr": "FREQ=WEEKLY;BYDAY=WE,SA;BYHOUR=3"}
    fields = NIGHTLY | saturdays | {"calendar": "office", "calendar_policy": "next_business_day"}

    shown = as_alice.post(PREVIEW, fields | {"count": 7}).json()

    task = make_task(alice, **fields)
    assert shown == as_alice.get(url(task, "occurrences?count=7")).json()
    assert "rolled" in {note["code"] for item in shown["items"] for note in item["notes"]}


def test_a_preview_takes_the_old_shape_and_saves_nothing(as_alice: APIClient) -> None:
    answer = as_alice.post(PREVIEW, {"schedule": "FREQ=DAILY", "after": "2027-01-01T00:00:00Z", "count": 1})

    assert [each["at"] for each in answer.json()["items"]] == ["2027-01-02T00:00:00Z"]
    assert not Task.objects.exists()


def test_a_previews_faults_are_those_of_the_task(as_alice: APIClient) -> None:
    wrong = {"schedule_kind": "cron", "schedule_expr": "0 0 0 1 1 *", "quiet_hours": "always"}

    of_preview = as_alice.post(PREVIEW, wrong)
    of_task = as_alice.post("/api/v1/tasks", TASK | wrong)

    assert of_preview.status_code == of_task.status_code == 422
    assert of_preview.json()["errors"] == of_task.json()["errors"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"title": "x"}, "/title"),
        ({"count": 0}, "/count"),
        ({"count": 201}, "/count"),
        ({"count": "10"}, "/count"),
        ({"after": "tomorrow"}, "/after"),
        ({"after": "9999-12-31T00:00:00Z"}, "/after"),
        ({"calendar": "someone-else's"}, "/calendar"),
    ],
)
def test_a_preview_takes_nothing_that_it_does_not_know(as_alice: APIClient, body: dict[str, str], pointer: str) -> None:
    Calendar.objects.create(name="someone-else's", created_by=make_agent(), definition={"weekends": True})

    answer = as_alice.post(PREVIEW, NIGHTLY | body)

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    "query",
    [
        "occurrences?count=0",
        "occurrences?count=many",
        "occurrences?limit=3",
        "occurrences?after=9999-12-31T00:00:00Z",
        "why",
        "why?at=",
        "why?at=noon",
        "why?at=0001-01-01T00:00:00Z",
        "why?at=9999-12-31T23:59:59-12:00",
        "why?at=2027-01-01T00:00&zone=UTC",
        "ledger?reason=bored",
        "ledger?status=x",
        "ledger?cursor=x",
        "ledger?scheduled_after=x",
        "ledger?ordering=reason",
    ],
)
def test_parameters_are_strict(as_alice: APIClient, alice: Agent, query: str) -> None:
    answer = as_alice.get(url(make_task(alice), query))

    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 1


@pytest.mark.parametrize("rest", ["occurrences", "why?at=2027-01-01T00:00", "ledger"])
def test_anothers_task_is_not_found(as_bob: APIClient, as_admin: APIClient, alice: Agent, rest: str) -> None:
    task = make_task(alice)

    assert as_bob.get(url(task, rest)).status_code == 404
    assert as_admin.get(url(task, rest)).status_code == 200


@pytest.mark.parametrize("rest", ["occurrences", "why?at=2027-01-01T00:00", "ledger"])
def test_reading_instants_needs_the_scope_to_read_tasks(alice: Agent, rest: str) -> None:
    client = client_of(make_agent(scopes=("runs:read",)))

    assert client.get(url(make_task(alice), rest)).status_code == 403
    assert client.post(PREVIEW, NIGHTLY).status_code == 403


@pytest.mark.parametrize("at", ["2027-03-28T03:30", "2027-03-28 03:30", "2027-03-28T03:30:00"])
def test_why_takes_a_local_time(as_alice: APIClient, alice: Agent, at: str) -> None:
    answer = as_alice.get(url(make_task(alice, **NIGHTLY), "why"), {"at": at}).json()

    assert (answer["outcome"], answer["at"], answer["local"]) == (
        "will_fire",
        "2027-03-28T01:30:00Z",
        "2027-03-28T04:30:00+03:00",
    )
    assert answer["clock"].startswith("03:30 does not exist")
    assert answer["others"] == []


@pytest.mark.parametrize("offset", ["%2B03:00", "+03:00", " 03:00"])
def test_why_takes_an_instant_even_with_its_plus_unescaped(as_alice: APIClient, alice: Agent, offset: str) -> None:
    answer = as_alice.get(url(make_task(alice, **NIGHTLY), f"why?at=2027-03-28T04:30:00{offset}")).json()

    assert (answer["outcome"], answer["clock"]) == ("will_fire", None)


def test_why_tells_the_run_or_the_row(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    ran, skipped = datetime(2026, 5, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, 2, tzinfo=UTC)
    run = make_run(task, trigger="schedule", scheduled_for=ran)
    claim_one()
    SkippedOccurrence.objects.create(task=task, scheduled_for=skipped, reason="overlap")

    fired = as_alice.get(url(task, "why?at=2026-05-01T01:00:00Z")).json()
    row = as_alice.get(url(task, "why?at=2026-05-01T02:00:00Z")).json()

    assert (fired["outcome"], fired["skipped"]) == ("fired", None)
    assert (fired["run"]["id"], fired["run"]["status"], fired["run"]["trigger"]) == (str(run.pk), "running", "schedule")
    assert fired["run"]["delay_seconds"] > 0
    assert (row["outcome"], row["run"], row["skipped"]["reason"]) == ("skipped", None, "overlap")
    assert row["sentence"] == "It made no run: another run of the task stood against it."


def test_a_run_that_has_not_begun_has_no_delay(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    make_run(task, trigger="schedule", scheduled_for=datetime(2026, 5, 1, 1, tzinfo=UTC))

    run = as_alice.get(url(task, "why?at=2026-05-01T01:00:00Z")).json()["run"]

    assert (run["status"], run["started_at"], run["delay_seconds"]) == ("queued", None, None)


def test_the_ledger_is_walked_from_the_newest_instant(as_alice: APIClient, alice: Agent) -> None:
    task, other = make_task(alice), make_task(alice)
    start = timezone.now().replace(microsecond=0)
    reasons = ["paused", "overlap", "paused", "overlap", "paused"]
    for number, reason in reversed(list(enumerate(reasons))):
        moment = start - timedelta(hours=number)
        SkippedOccurrence.objects.create(task=task, scheduled_for=moment, reason=reason, detail="x")
    SkippedOccurrence.objects.create(task=other, scheduled_for=start, reason="paused")

    first = as_alice.get(url(task, "ledger?limit=3")).json()
    second = as_alice.get(first["next"]).json()
    narrowed = as_alice.get(
        url(task, "ledger"), {"reason": "overlap", "scheduled_after": (start - timedelta(hours=2)).isoformat()}
    ).json()

    times = [row["scheduled_for"] for row in [*first["items"], *second["items"]]]
    assert times == sorted(times, reverse=True)
    assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 2, None)
    assert set(first["items"][0]) == {"id", "scheduled_for", "reason", "detail", "created_at"}
    assert [row["reason"] for row in narrowed["items"]] == ["overlap"]


def test_the_ledger_can_be_walked_in_any_order_it_offers(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    for number in range(3):
        SkippedOccurrence.objects.create(
            task=task, scheduled_for=timezone.now() - timedelta(hours=number), reason="paused"
        )

    for ordering in ("scheduled_for", "-scheduled_for"):
        page = as_alice.get(url(task, f"ledger?limit=2&ordering={ordering}")).json()
        rest = as_alice.get(page["next"]).json()
        times = [row["scheduled_for"] for row in [*page["items"], *rest["items"]]]
        assert times == sorted(times, reverse=ordering.startswith("-"))


def test_each_question_costs_few_queries(
    as_alice: APIClient, alice: Agent, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    task = make_task(alice, **NIGHTLY, quiet_hours=[{"from": "03:00", "to": "06:00"}])

    with django_assert_max_num_queries(4):
        as_alice.get(url(task, "occurrences?count=200"))
    with django_assert_max_num_queries(6):
        as_alice.get(url(task, "why?at=2027-05-01T03:30"))
    with django_assert_max_num_queries(3):
        as_alice.get(url(task, "ledger"))
