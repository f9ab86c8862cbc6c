"""One of everything that an address can name, all of it alice's, and what each address is sent."""

from dataclasses import dataclass
from typing import Any

from rest_framework.test import APIClient

from tasks_app import queue
from tasks_app.destinations import permits
from tasks_app.models import Agent, Destination, OutboxEntry, Run, WebhookDelivery
from tasks_app.models.ids import new_id
from tasks_app.services import calendars, hooks, secrets, tasks, webhooks
from tasks_app.services.actor import SYSTEM
from tasks_app.states import WaitingFor
from tests.bringing import ENTRY, bring
from tests.integration.api.addresses import Endpoint
from tests.integration.api.making import PAYLOAD, TASK, client_of, make_task
from tests.integration.destinations.making import RULES, call_to, opened
from tests.making import claim_one, make_agent, make_run, step

ERROR = {"error_class": "tool_error", "code": "boom", "message": "It broke."}
CALENDAR = {"name": "holidays", "definition": {"dates": [{"date": "2026-05-01", "name": "Labour Day"}]}}
HOOK = {"name": "Our code", "topic": "code", "preset": "github"}
WEBHOOK = {"url": "https://93.184.215.14/in", "event_types": ["run.failed"]}
ICS = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261224\r\nSUMMARY:Eve\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

# What a request needs to be answered 2xx, by method and route below /api/v1: a body, or the words of a query.
SENT: dict[str, Any] = {
    "post tasks": TASK,
    "put tasks/<uuid:pk>": TASK,
    "patch tasks/<uuid:pk>": {"title": "Another title"},
    "post tasks/<uuid:pk>/snooze": {"delay_seconds": 60},
    "post tasks/import": {"ordinaut": 1, "tasks": [TASK | {"title": "Brought"}]},
    "post tasks/plan": {"ordinaut": 1, "tasks": [TASK | {"title": "Brought"}]},
    "post tasks/apply": {"ordinaut": 1, "tasks": [TASK | {"title": "Brought"}]},
    "post tasks/<uuid:pk>/backfill": {"from": "2026-03-01T00:00:00Z", "to": "2026-03-01T02:00:00Z"},
    "post tasks/bulk": {"tasks": [TASK]},
    **{
        f"post tasks/bulk/{verb}": {"ids": ["<uuid:task>"]}
        for verb in ("pause", "resume", "cancel", "delete", "run_now")
    },
    "get tasks/<uuid:task>/why": {"at": "2026-03-01T00:00:00Z"},
    "post schedules/preview": {"schedule_kind": "interval", "schedule_expr": "PT1H"},
    "post pipelines/validate": PAYLOAD,
    "post pipelines/render": {"payload": PAYLOAD},
    "post runs/<uuid:pk>/resolve": {"outcome": "retry"},
    "post agents": {"name": "newcomer", "scopes": ["tasks:read"]},
    "patch agents/<uuid:pk>": {"runs_per_day": 5},
    "post calendars": CALENDAR | {"name": "another"},
    "put calendars/<uuid:pk>": CALENDAR,
    "patch calendars/<uuid:pk>": {"description": "More words"},
    "put calendars/<uuid:pk>/ics": ICS.encode(),
    "post events": {"topic": "orders.paid", "payload": {}},
    "post tools": ENTRY | {"address": "weather.history"},
    "put tools/<str:address>": ENTRY,
    "patch tools/<str:address>": {"description": "Tomorrow's weather"},
    "post tools/import": [ENTRY],
    "put secrets/<str:name>": {"value": "v", "hosts": ["api.example.org"]},
    "post hooks": HOOK,
    "patch hooks/<uuid:pk>": {"name": "Their code"},
    "post webhooks": WEBHOOK,
    "patch webhooks/<uuid:pk>": {"active": False},
}
# Scopes that a request of these needs besides, for what its body asks for.
BESIDES = {"post tasks/apply": ("tasks:create",), "post tasks/plan": ("tasks:create",)}
# What those are answered whom nothing forbids it, where it cannot be 2xx in this world.
NEVER_2XX = {
    "get events/stream": 501,  # an ASGI server streams: tests/integration/streams
    "post tools/discover": 422,  # there is no server to ask: test_tool_discovery.py
}


@dataclass(frozen=True)
class World:
    alice: Agent
    bob: Agent
    admin: Agent
    rows: dict[str, str]  # an address's parts, and by method and route those that need a row in another state
    clients: dict[str, APIClient]

    def answer(self, who: str, endpoint: Endpoint, **headers: str) -> Any:
        key = key_of(endpoint)
        sent = _with_rows(SENT.get(key), self.rows)
        options = {"content_type": "text/calendar"} if isinstance(sent, bytes) else {}
        return getattr(self.clients[who], endpoint.method)(self.path(endpoint), sent, headers=headers, **options)

    def path(self, endpoint: Endpoint) -> str:
        route = endpoint.route
        pk = self.rows.get(key_of(endpoint)) or self.rows[f"{_collection(route)}/<uuid:pk>"] if "pk>" in route else ""
        for part, value in {"<uuid:pk>": pk, **{k: v for k, v in self.rows.items() if k.startswith("<")}}.items():
            route = route.replace(part, value)
        assert "<" not in route, f"world.py knows no row for {endpoint}"
        return "/" + route


def _with_rows(sent: Any, rows: dict[str, str]) -> Any:
    """What is sent, with the ids of the rows that its `ids` name."""
    if isinstance(sent, dict) and "ids" in sent:
        return sent | {"ids": [rows[name] for name in sent["ids"]]}
    return sent


def key_of(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.route.removeprefix('api/v1/')}"


def _collection(route: str) -> str:
    return route.removeprefix("api/v1/").split("/<uuid:pk>")[0].split("/")[-1]


def made_world() -> World:
    alice, bob, admin = make_agent(), make_agent(), make_agent(scopes=("admin",))
    task, paused = make_task(alice, dtstart="2026-01-01T00:00:00"), tasks.pause(make_task(alice), actor=SYSTEM)
    calendar = calendars.create_calendar(alice, actor=SYSTEM, **CALENDAR)
    hook, _, _ = hooks.create_hook(alice, actor=SYSTEM, **HOOK)
    webhook, _ = webhooks.create_webhook(alice, actor=SYSTEM, **WEBHOOK)
    secrets.put_secret("api_key", value="v", hosts=["api.example.org"], owner=alice, actor=SYSTEM)
    tool = bring()
    runs = _runs(alice)
    rows = {
        "tasks/<uuid:pk>": task.pk,
        "post tasks/<uuid:pk>/resume": paused.pk,
        "<uuid:task>": task.pk,
        "runs/<uuid:pk>": runs["queued"].pk,
        "post runs/<uuid:pk>/retry": runs["failed"].pk,
        "post runs/<uuid:pk>/approve": runs["asking"].pk,
        "post runs/<uuid:pk>/reject": runs["asking"].pk,
        "post runs/<uuid:pk>/resolve": runs["in doubt"].pk,
        "calendars/<uuid:pk>": calendar.pk,
        "hooks/<uuid:pk>": hook.pk,
        "webhooks/<uuid:pk>": webhook.pk,
        "<uuid:webhook>": webhook.pk,
        "deliveries/<uuid:pk>": _delivery(webhook).pk,
        "breakers/<uuid:pk>": _breaker(alice).pk,
        "agents/<uuid:pk>": bob.pk,
        "<str:address>": tool.address,
        "<str:name>": "api_key",
    }
    clients = {name: client_of(agent) for name, agent in (("alice", alice), ("bob", bob), ("admin", admin))}
    clients["nobody"] = APIClient(raise_request_exception=False)
    return World(alice, bob, admin, {part: str(row) for part, row in rows.items()}, clients)


def _runs(owner: Agent) -> dict[str, Run]:
    made = {}
    for name, move in (
        ("failed", lambda lease: queue.fail(lease, error=ERROR, steps=[step("pay")])),
        ("in doubt", lambda lease: queue.doubt(lease, error=ERROR, steps=[step("pay", state="unknown")])),
        ("asking", _asking),
    ):
        made[name] = make_run(make_task(owner))
        queue.apply(move(claim_one().lease))
    made["queued"] = make_run(make_task(owner))
    return made


def _asking(lease: Any) -> Any:
    pending = step("ask", state="pending", tool="orchestrator.request_approval", input={"message": "May I?"})
    return queue.park(lease, delay=3600, waiting_for=WaitingFor.APPROVAL, steps=[pending])


def _delivery(webhook: Any) -> WebhookDelivery:
    newest = OutboxEntry.objects.order_by("-id").first()
    assert newest is not None
    OutboxEntry.objects.filter(pk=newest.pk).update(pos=1_000_000)  # as the relay does
    return WebhookDelivery.objects.create(
        webhook=webhook, pos=1_000_000, event_id=new_id(), event_type="run.failed", state="delivered"
    )


def _breaker(owner: Agent) -> Destination:
    """One that a run of the owner's waits for."""
    destination = opened(cooled=False)
    permits.ask(call_to(agent=owner.pk), rules=RULES)
    return destination
