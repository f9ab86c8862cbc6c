"""Which destinations are not called, who may see it, and who may change it."""

from rest_framework.test import APIClient

from tasks_app.destinations import breakers, permits
from tasks_app.models import Agent, AuditEntry, Destination
from tests.integration.destinations.making import API, RULES, call_to, cool, opened, told

URL = "/api/v1/breakers"
OTHER = "http.request other.example.org:443"


def test_an_admin_sees_every_destination_in_numbers(as_admin: APIClient) -> None:
    told(200, 3, of=OTHER)
    breakers.spend_retry(OTHER, rules=RULES)
    destination = opened(cooled=False)
    permits.ask(call_to(), rules=RULES)

    answer = as_admin.get(URL)

    assert answer.status_code == 200
    well, failing = sorted(answer.json()["items"], key=lambda row: row["state"])
    assert well | {"id": 0, "called_at": 0} == {
        "id": 0, "destination": OTHER, "state": "closed", "calls": 200, "failures": 3, "retries_left": 79, "waiting": 0,
        "opened_at": None, "next_trial_at": None, "called_at": 0,
    }  # fmt: skip
    assert (failing["id"], failing["destination"], failing["state"]) == (str(destination.pk), API, "open")
    assert (failing["calls"], failing["failures"], failing["waiting"]) == (10, 10, 1)
    assert failing["opened_at"] < failing["next_trial_at"]
    assert as_admin.get(f"{URL}/{destination.pk}").json() == failing


def test_one_that_is_being_tried_is_half_open(as_admin: APIClient) -> None:
    destination = opened()
    permits.ask(call_to(), rules=RULES)

    assert as_admin.get(f"{URL}/{destination.pk}").json()["state"] == "half_open"


def test_destinations_are_listed_by_state_page_by_page(as_admin: APIClient) -> None:
    for name in ("a", "b", "c"):
        opened(name)
    told(1, 0, of="d")

    first = as_admin.get(f"{URL}?state=open&limit=2").json()
    second = as_admin.get(first["next"]).json()

    assert {row["destination"] for row in first["items"] + second["items"]} == {"a", "b", "c"}
    assert second["next"] is None
    assert as_admin.get(f"{URL}?state=broken").status_code == 422
    assert as_admin.get(f"{URL}?name=a").status_code == 422


def test_an_agent_sees_only_what_its_own_runs_wait_for(as_alice: APIClient, as_bob: APIClient, alice: Agent) -> None:
    destination = opened(cooled=False)
    opened(OTHER)
    permits.ask(call_to(agent=alice.pk), rules=RULES)

    assert [row["destination"] for row in as_alice.get(URL).json()["items"]] == [API]
    assert as_bob.get(URL).json()["items"] == []
    assert as_bob.get(f"{URL}/{destination.pk}").status_code == 404


def test_an_admin_closes_one_by_hand_and_it_is_written_down(as_admin: APIClient, admin: Agent) -> None:
    destination = opened()

    answer = as_admin.post(f"{URL}/{destination.pk}/reset", headers={"X-Request-ID": "req-7"})
    again = as_admin.post(f"{URL}/{destination.pk}/reset")

    assert (answer.status_code, again.status_code) == (200, 200)
    assert (answer.json()["state"], answer.json()["calls"]) == ("closed", 0)
    kept = AuditEntry.objects.get(action="breaker.reset")
    assert (kept.object_kind, kept.object_id, kept.actor, kept.request_id) == (
        "destination", destination.pk, f"agent:{admin.pk}", "req-7",
    )  # fmt: skip
    assert kept.details == {"destination": API, "state_before": "open"}


def test_nobody_else_may(as_alice: APIClient, anonymous: APIClient, alice: Agent) -> None:
    destination = opened()
    cool()
    permits.ask(call_to(agent=alice.pk), rules=RULES)

    assert as_alice.post(f"{URL}/{destination.pk}/reset").status_code == 403
    assert anonymous.get(URL).status_code == 401
    assert Destination.objects.get().state == "open"
