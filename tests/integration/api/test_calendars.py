"""`/calendars`: made, read, changed and deleted by their owners; read by all when shared."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent, AuditEntry, Calendar
from tests.integration.api.making import TASK, client_of
from tests.making import make_agent

URL = "/api/v1/calendars"
MAY = {"dates": [{"date": "2026-05-01", "name": "Labour Day"}]}
ICS = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261224\r\nSUMMARY:Eve\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


def make(client: APIClient, name: str = "closed", definition: object = MAY, **fields: Any) -> dict[str, Any]:
    answer = client.post(URL, {"name": name, "definition": definition} | fields)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def faults(answer: Any) -> list[str]:
    return [fault["pointer"] for fault in answer.json()["errors"]]


def test_a_calendar_is_made_and_read(as_alice: APIClient, alice: Agent) -> None:
    sent = {"name": "closed", "description": "Both offices", "definition": MAY}

    answer = as_alice.post(URL, sent)

    made = answer.json()
    assert answer.status_code == 201
    assert made.keys() == {
        "id", "name", "description", "created_by", "shared", "version", "created_at", "updated_at", "definition", "files",
    }  # fmt: skip
    assert made | sent == made
    assert (made["created_by"], made["shared"], made["version"], made["files"]) == (str(alice.pk), False, 1, [])
    assert made["created_at"] == made["updated_at"]
    assert answer.headers["Location"] == f"http://testserver{URL}/{made['id']}"
    assert as_alice.get(answer.headers["Location"]).json() == made


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"name": "a"}, "/definition"),
        ({"definition": MAY}, "/name"),
        ({"name": "a", "definition": []}, "/definition"),
        ({"name": "a", "definition": MAY, "version": 2}, "/version"),
        ({"name": "a", "definition": MAY, "fetched": {}}, "/fetched"),
        ({"name": 1, "definition": MAY}, "/name"),
        ({"name": "a", "definition": {"union": [{"weekends": ["XX"]}]}}, "/definition/union/0/weekends"),
        ({"name": "a", "definition": {"ics_url": "http://127.0.0.1/a.ics"}}, "/definition"),
    ],
)
def test_a_faulty_calendar_is_refused_at_its_place(as_alice: APIClient, sent: dict[str, Any], pointer: str) -> None:
    answer = as_alice.post(URL, sent)

    assert answer.status_code == 422
    assert faults(answer) == [pointer]
    assert not Calendar.objects.exists()


def test_a_list_shows_ones_own_and_the_shared_without_their_definitions(
    as_alice: APIClient, as_bob: APIClient, as_admin: APIClient
) -> None:
    make(as_alice, "mine")
    make(as_bob, "theirs")
    make(as_admin, "everybody's", shared=True)

    answer = as_alice.get(URL, {"ordering": "name"}).json()

    assert [item["name"] for item in answer["items"]] == ["everybody's", "mine"]
    assert not {"definition", "files", "fetched"} & answer["items"][0].keys()
    assert len(as_admin.get(URL).json()["items"]) == 3
    assert as_alice.get(URL, {"colour": "red"}).status_code == 422


def test_dates_are_listed_with_their_names_both_ends_included(as_alice: APIClient) -> None:
    made = make(as_alice, definition={"union": [MAY, {"weekends": True}]})

    answer = as_alice.get(f"{URL}/{made['id']}/dates", {"from": "2026-05-01", "to": "2026-05-03"})

    assert answer.json() == {
        "items": [
            {"date": "2026-05-01", "name": "Labour Day"},
            {"date": "2026-05-02", "name": "weekend"},
            {"date": "2026-05-03", "name": "weekend"},
        ]
    }


def test_a_year_from_today_is_listed_unless_asked_otherwise(as_alice: APIClient) -> None:
    made = make(as_alice, definition={"weekends": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]})

    assert len(as_alice.get(f"{URL}/{made['id']}/dates").json()["items"]) == 366


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"from": "2026-05-02", "to": "2026-05-01"}, "/to"),
        ({"from": "2026-01-01", "to": "2029-01-04"}, "/to"),
        ({"from": "tomorrow"}, "/from"),
        ({"from": "9999-12-31", "to": "9999-12-30"}, "/to"),
        ({"until": "2026-05-02"}, "/until"),
    ],
)
def test_a_span_that_makes_no_sense_is_refused(as_alice: APIClient, asked: dict[str, str], pointer: str) -> None:
    answer = as_alice.get(f"{URL}/{make(as_alice)['id']}/dates", asked)

    assert answer.status_code == 422
    assert faults(answer) == [pointer]


def test_the_last_day_of_all_can_be_asked_for(as_alice: APIClient) -> None:
    answer = as_alice.get(f"{URL}/{make(as_alice)['id']}/dates", {"from": "9999-12-31", "to": "9999-12-31"})

    assert answer.json() == {"items": []}


def test_a_patch_changes_what_it_names_and_a_put_everything(as_alice: APIClient) -> None:
    made = make(as_alice, description="Words")
    address = f"{URL}/{made['id']}"

    patched = as_alice.patch(address, {"definition": {"dates": []}}).json()
    assert (patched["definition"], patched["description"], patched["version"]) == ({"dates": []}, "Words", 2)

    replaced = as_alice.put(address, {"name": "open", "definition": MAY}).json()
    assert (replaced["name"], replaced["definition"], replaced["description"]) == ("open", MAY, "")
    assert faults(as_alice.put(address, {"name": "open"})) == ["/definition"]
    assert faults(as_alice.patch(address, {"created_by": made["created_by"]})) == ["/created_by"]


def test_an_icalendar_file_can_be_put_in_the_place_of_the_definition(as_alice: APIClient) -> None:
    made = make(as_alice)
    address = f"{URL}/{made['id']}"

    answer = as_alice.put(f"{address}/ics", ICS.encode(), content_type="text/calendar; charset=utf-8")

    assert answer.status_code == 200
    assert answer.json()["definition"] == {"ics": ICS}
    asked = {"from": "2026-01-01", "to": "2026-12-31"}
    assert as_alice.get(f"{address}/dates", asked).json() == {"items": [{"date": "2026-12-24", "name": "Eve"}]}


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"hello", "text/calendar", 422),
        (b"\xff\xfe", "text/calendar", 400),
        (ICS.encode() + b"\0", "text/calendar", 400),
        (b"x" * (1024 * 1024 + 1), "text/calendar", 413),
        (b"{}", "application/json", 415),
    ],
)
def test_what_is_no_icalendar_file_is_refused(as_alice: APIClient, content: bytes, kind: str, status: int) -> None:
    answer = as_alice.put(f"{URL}/{make(as_alice)['id']}/ics", content, content_type=kind)

    assert answer.status_code == status
    assert Calendar.objects.get().definition == MAY


def test_only_its_owner_and_an_admin_change_a_calendar(
    as_alice: APIClient, as_bob: APIClient, as_admin: APIClient
) -> None:
    private, shared = make(as_alice, "private"), make(as_admin, "shared", shared=True)

    for method in (as_bob.patch, as_bob.delete):
        assert method(f"{URL}/{private['id']}").status_code == 404
        assert method(f"{URL}/{shared['id']}").status_code == 403
    assert as_bob.put(f"{URL}/{shared['id']}/ics", ICS.encode(), content_type="text/calendar").status_code == 403
    assert as_bob.get(f"{URL}/{private['id']}/dates").status_code == 404
    assert as_bob.get(f"{URL}/{shared['id']}/dates").status_code == 200
    assert as_admin.patch(f"{URL}/{private['id']}", {"description": "seen"}).status_code == 200


def test_only_an_admin_shares_a_calendar_or_ends_that(as_alice: APIClient, as_admin: APIClient, alice: Agent) -> None:
    mine = make(as_alice, "mine")
    given = make(as_admin, "given", created_by=str(alice.pk), shared=True)

    assert as_alice.post(URL, {"name": "a", "definition": MAY, "shared": True}).status_code == 403
    assert as_alice.patch(f"{URL}/{mine['id']}", {"shared": True}).status_code == 403
    assert as_alice.put(f"{URL}/{given['id']}", {"name": "given", "definition": MAY}).status_code == 403
    assert as_alice.patch(f"{URL}/{given['id']}", {"shared": True, "description": "mine"}).status_code == 200


def test_only_an_admin_makes_a_calendar_for_somebody(as_alice: APIClient, as_admin: APIClient, bob: Agent) -> None:
    asked = {"name": "a", "definition": MAY, "created_by": str(bob.pk)}

    assert as_alice.post(URL, asked).status_code == 403
    assert as_admin.post(URL, asked).json()["created_by"] == str(bob.pk)
    nobody = as_admin.post(URL, asked | {"created_by": "0192f0c1-0000-7000-8000-000000000000"})
    assert faults(nobody) == ["/created_by"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("get", "", "tasks:read"),
        ("post", "", "tasks:create"),
        ("get", "/{id}", "tasks:read"),
        ("get", "/{id}/dates", "tasks:read"),
        ("put", "/{id}", "tasks:update"),
        ("patch", "/{id}", "tasks:update"),
        ("put", "/{id}/ics", "tasks:update"),
        ("delete", "/{id}", "tasks:delete"),
    ],
)
def test_each_wish_needs_its_scope(as_alice: APIClient, method: str, path: str, scope: str) -> None:
    made = make(as_alice)
    others = {"tasks:read", "tasks:create", "tasks:update", "tasks:delete"} - {scope}
    agent = make_agent(scopes=tuple(others))

    answer = getattr(client_of(agent), method)(URL + path.format(id=made["id"]))

    assert answer.status_code == 403
    assert scope in answer.json()["detail"]


def test_a_calendar_that_a_task_uses_is_not_deleted(as_alice: APIClient, alice: Agent) -> None:
    made = make(as_alice)
    task = as_alice.post("/api/v1/tasks", TASK | {"calendar": "closed"}).json()

    refused = as_alice.delete(f"{URL}/{made['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")
    assert as_alice.patch(f"/api/v1/tasks/{task['id']}", {"calendar": None}).status_code == 200
    assert as_alice.delete(f"{URL}/{made['id']}").status_code == 204
    assert as_alice.get(f"{URL}/{made['id']}").status_code == 404
    assert AuditEntry.objects.filter(action="calendar.deleted").get().actor == f"agent:{alice.pk}"


def test_a_calendar_that_cannot_be_read_any_more_says_why(as_alice: APIClient) -> None:
    made = make(as_alice)
    Calendar.objects.update(definition={"country": "XX"}, version=2)

    answer = as_alice.get(f"{URL}/{made['id']}/dates")

    assert answer.status_code == 422
    assert "'XX' is no country" in answer.json()["errors"][0]["message"]


def test_a_name_that_an_admin_gives_means_nobodys_private_calendar(
    as_admin: APIClient, as_bob: APIClient, alice: Agent
) -> None:
    of_bob = make(as_bob, "closed")
    task = TASK | {"calendar": "closed"}

    refused = as_admin.post("/api/v1/tasks", task)
    shared = make(as_admin, "closed", created_by=str(alice.pk), shared=True)
    by_name, by_id = (
        as_admin.post("/api/v1/tasks", task | {"calendar": name}).json() for name in ("closed", of_bob["id"])
    )
    changed = as_admin.patch(f"/api/v1/tasks/{by_id['id']}", {"calendar": "closed"}).json()

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/calendar")
    assert [each["calendar"] for each in (by_name, by_id, changed)] == [shared["id"], of_bob["id"], shared["id"]]
