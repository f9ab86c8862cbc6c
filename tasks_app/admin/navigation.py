"""The side bar: every page once, under the question it answers, for those who may see it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from tasks_app.admin import queue_page


def sections(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001 - unfold gives it
    """What unfold's `SIDEBAR["navigation"]` asks for."""
    return [
        _section("Work", [
            {"title": "Dashboard", "icon": "monitoring", "link": reverse("admin:index")},
            _model("Tasks", "event_repeat", "tasks.task"),
            _model("Runs", "play_circle", "tasks.run"),
            {"title": "Queue", "icon": "reorder", "link": reverse(queue_page.NAME), "permission": queue_page.may_see},
            _model("Calendars", "event_available", "tasks.calendar"),
            _model("Tools", "build", "tasks.tool"),
            _model("Destinations", "electric_bolt", "tasks.destination"),
            _model("Skipped occurrences", "event_busy", "tasks.skippedoccurrence"),
        ]),
        _section("Record", [
            _model("Events", "bolt", "tasks.outboxentry"),
            _model("Dead letters", "unsubscribe", "tasks.deadletter"),
            _model("Audit", "fact_check", "tasks.auditentry"),
        ]),
        _section("Other programs", [
            _model("Webhooks", "outbox", "tasks.webhook"),
            _model("Deliveries", "local_shipping", "tasks.webhookdelivery"),
            _model("Hooks", "webhook", "tasks.hook"),
        ]),
        _section("Access", [
            _model("Agents", "smart_toy", "tasks.agent"),
            _model("Secrets", "key", "tasks.secret"),
            _model("Users", "person", "auth.user"),
            _model("Groups", "group", "auth.group"),
        ]),
        _section("Celery", [
            _model("Periodic tasks", "schedule", "django_celery_beat.periodictask"),
            _model("Intervals", "timer", "django_celery_beat.intervalschedule"),
            _model("Crontabs", "calendar_month", "django_celery_beat.crontabschedule"),
            _model("Clocked", "alarm", "django_celery_beat.clockedschedule"),
            _model("Solar events", "wb_twilight", "django_celery_beat.solarschedule"),
            _link("Flower", "local_florist", "/flower/"),
        ]),
        _section("Elsewhere", [
            _link("API documentation", "api", "/docs"),
            _link("Metrics", "query_stats", "/metrics"),
            _link("Start page", "home", "/"),
        ]),
    ]  # fmt: skip


def _section(title: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"title": title, "separator": True, "items": items}


def _model(title: str, icon: str, label: str) -> dict[str, Any]:
    app, _, model = label.partition(".")
    address = reverse(f"admin:{app}_{model}_changelist")
    return {"title": title, "icon": icon, "link": address, "permission": _may_see(app, model)}


def _link(title: str, icon: str, address: str) -> dict[str, Any]:
    """A page outside of the admin: never the one that is open."""
    return {"title": title, "icon": icon, "link": address, "active": False}


def _may_see(app: str, model: str) -> Callable[[HttpRequest], bool]:
    def permission(request: HttpRequest) -> bool:
        return any(request.user.has_perm(f"{app}.{right}_{model}") for right in ("view", "change"))

    return permission
