"""Administrators read the audit over HTTP: in pages, as a spreadsheet, and whether it is as it was written."""

import csv
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from rest_framework.test import APIClient

from tasks_app.api.views import audit as view
from tasks_app.models import Agent, AuditEntry, Task
from tasks_app.services import agents, audit
from tasks_app.services.actor import SYSTEM, Actor
from tests.integration.api.making import make_task
from tests.integration.audit.tampering import tamper, write

URL = "/api/v1/audit"


def table(client: APIClient, query: str = "") -> list[list[str]]:
    answer = client.get(f"{URL}/export{query}", headers={"Accept": "text/csv"})
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.reader(StringIO(answer.content.decode())))


def test_the_audit_is_listed_newest_first_in_pages(as_admin: APIClient) -> None:
    entries = write(5)

    first = as_admin.get(f"{URL}?limit=3").json()
    second = as_admin.get(first["next"]).json()

    assert [each["id"] for each in first["items"] + second["items"]] == [each.pk for each in reversed(entries)]
    assert second["next"] is None
    assert first["items"][0].keys() == {
        "id", "at", "actor", "action", "object_kind", "object_id", "request_id", "details",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"actor": "user:ann"}, ["agent.disabled"]),
        ({"action": "agent.enabled"}, ["agent.enabled"]),
        ({"object_kind": "task"}, ["task.created"]),
        ({"object_id": "task"}, ["task.created"]),
        ({"request_id": "req-7"}, ["agent.disabled"]),
        ({"actor": "user"}, []),
        ({"before": "2026-01-01T00:00:00Z"}, []),
        ({"after": "2026-01-01T00:00:00Z", "object_kind": "task"}, ["task.created"]),
    ],
)
def test_the_audit_is_narrowed(as_admin: APIClient, alice: Agent, query: dict[str, str], found: list[str]) -> None:
    task = make_task(alice)
    audit.note("agent.disabled", alice, actor=Actor.of_user("ann", request_id="req-7"))
    audit.note("agent.enabled", alice, actor=SYSTEM)
    if "object_id" in query:
        query = {"object_id": str(task.pk)}

    answer = as_admin.get(f"{URL}?{urlencode(query)}").json()

    assert [each["action"] for each in answer["items"]] == found
    assert [row[3] for row in table(as_admin, f"?{urlencode(query)}")[1:]] == found


@pytest.mark.parametrize(
    "query", ["color=red", "object_id=x", "after=yesterday", "below=x", "below=1.5", "limit=0", "cursor=x"]
)
def test_what_the_audit_cannot_be_narrowed_by_is_refused(as_admin: APIClient, query: str) -> None:
    assert as_admin.get(f"{URL}?{query}").status_code == 422


@pytest.mark.parametrize("path", ["", "/export", "/verify"])
def test_nobody_but_an_admin_reads_the_audit(as_alice: APIClient, path: str) -> None:
    assert as_alice.get(URL + path).status_code == 403
    assert as_alice.get(URL + path, headers={"Accept": "text/csv, */*"}).json()["code"] == "permission_denied"


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_exported_text_is_taken_for_a_formula(as_admin: APIClient, alice: Agent, begins: str) -> None:
    evil = begins + "HYPERLINK(1)"
    AuditEntry.objects.create(
        actor=evil, action=evil, object_kind="agent", object_id=alice.pk, request_id=evil, details={"title": evil}
    )

    head, row, *_ = table(as_admin)
    cells = dict(zip(head, row, strict=True))

    assert [cells[name] for name in ("actor", "action", "request_id")] == [f"'{evil}"] * 3
    assert cells["details"].startswith("{")


def test_an_export_of_many_leads_to_the_rest(as_admin: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = write(5)
    monkeypatch.setattr(view, "MOST_EXPORTED", 2)

    following: str | None = f"{URL}/export"
    ids: list[int] = []
    while following:
        answer = as_admin.get(following, headers={"Accept": "application/json"})
        ids += [each["id"] for each in answer.json()]
        following = answer.headers["Link"].partition("<")[2].partition(">")[0] if "Link" in answer.headers else None

    assert ids == [each.pk for each in reversed(entries)]


def test_an_export_without_entries_holds_the_names_of_the_columns(as_admin: APIClient) -> None:
    assert [row[:4] for row in table(as_admin)] == [["id", "at", "actor", "action"]]


def test_the_chain_is_verified(as_admin: APIClient) -> None:
    entries = write(3)
    intact = as_admin.get(f"{URL}/verify").json()
    assert (intact["intact"], intact["checked"], intact["damage"]) == (True, 3, [])
    assert as_admin.get(f"{URL}/verify?head={intact['head']}").json()["intact"] is True
    assert as_admin.get(f"{URL}/verify?head=x").status_code == 422

    tamper("UPDATE tasks_auditentry SET actor = 'x' WHERE id = %s", entries[1].pk)

    damaged = as_admin.get(f"{URL}/verify").json()
    assert (damaged["intact"], damaged["damage"]) == (
        False,
        [{"position": 2, "entry": entries[1].pk, "what": "was changed"}],
    )


class TestRefusals:
    def refusals(self) -> list[dict[str, Any]]:
        found = AuditEntry.objects.filter(action="request.refused").order_by("id")
        return [entry.details | {"actor": entry.actor, "about": entry.object_id} for entry in found]

    def test_what_an_agent_may_not_do_is_kept(self, as_alice: APIClient, alice: Agent) -> None:
        answer = as_alice.get("/api/v1/agents", headers={"X-Request-ID": "req-9"})

        assert answer.status_code == 403
        assert self.refusals() == [
            {
                "method": "GET",
                "path": "/api/v1/agents",
                "status": 403,
                "code": "permission_denied",
                "actor": f"agent:{alice.pk}",
                "about": alice.pk,
            }
        ]
        assert AuditEntry.objects.get().request_id == "req-9"

    def test_a_wrong_secret_of_a_known_agent_is_kept_without_it(self, anonymous: APIClient) -> None:
        agent, _ = agents.create_agent(name="carol", scopes=["tasks:read"])

        anonymous.post("/auth/token", {"agent_id": str(agent.pk), "agent_secret": "guess-4711"})

        [kept] = self.refusals()
        assert (kept["status"], kept["about"], kept["path"]) == (401, agent.pk, "/auth/token")
        assert "4711" not in str(kept)

    def test_a_token_that_was_good_is_kept_and_a_forged_one_is_not(self, as_alice: APIClient, alice: Agent) -> None:
        agents.set_active(alice, False, actor=SYSTEM)

        assert as_alice.get("/api/v1/tasks").status_code == 401
        as_alice.credentials(HTTP_AUTHORIZATION="Bearer a.b.c")
        assert as_alice.get("/api/v1/tasks").status_code == 401

        assert [each["code"] for each in self.refusals()] == ["invalid_token"]

    @pytest.mark.parametrize("path", ["tasks/{task}", "tasks/{task}/runs", "tasks/{task}/why?at=2026-01-01T00:00:00Z"])
    def test_reaching_for_what_is_anothers_is_kept(
        self, as_bob: APIClient, alice: Agent, bob: Agent, path: str
    ) -> None:
        task: Task = make_task(alice)

        assert as_bob.get(f"/api/v1/{path.format(task=task.pk)}").status_code == 404
        assert as_bob.get(f"/api/v1/{path.format(task=alice.pk)}").status_code == 404

        [kept] = self.refusals()
        assert (kept["status"], kept["actor"], kept["about"]) == (404, f"agent:{bob.pk}", task.pk)

    def test_an_agent_that_is_refused_in_a_loop_fills_no_table(self, as_alice: APIClient) -> None:
        for _ in range(105):
            assert as_alice.get("/api/v1/agents").status_code == 403

        kept = self.refusals()
        assert len(kept) == 101
        assert [each.get("and_more") for each in kept[99:]] == [None, True]


def test_an_entry_survives_the_agent_that_it_is_about(alice: Agent) -> None:
    audit.note("agent.disabled", alice, actor=Actor.of_agent(alice))
    key = alice.pk

    alice.delete()
    connection.check_constraints()

    kept = AuditEntry.objects.get(action="agent.disabled")
    assert (kept.object_id, kept.actor) == (key, f"agent:{key}")


def test_failed_logins_in_an_agents_name_do_not_hide_what_it_is_refused_itself(
    anonymous: APIClient, as_alice: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks_app.api.refusals.MOST_A_MINUTE", 1)
    for _ in range(3):
        anonymous.post("/auth/token", {"agent_id": str(alice.pk), "agent_secret": "x" * 40})

    assert as_alice.get("/api/v1/audit").status_code == 403

    kept = AuditEntry.objects.filter(action="request.refused", object_id=alice.pk).order_by("id")
    assert [entry.details["status"] for entry in kept] == [401, 401, 403]
