"""What the OpenAPI document shows of requests, by the operation's name; a test sends each of them."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

_GREETING: Final[dict[str, Any]] = {
    "params": {"name": "Ada"},
    "pipeline": [{"id": "greet", "uses": "debug.echo", "with": {"message": "Good morning, ${params.name}"}}],
}


_ID: Final = "018f0e4a-7c1d-7b52-9a63-3f0c5d2e8b17"
_TWO: Final = {"ids": [_ID, "018f0e4a-7c1d-7b52-9a63-3f0c5d2e8b18"]}
_TASK: Final[dict[str, Any]] = {
    "title": "Greet me",
    "schedule_kind": "cron",
    "schedule_expr": "30 8 * * 1-5",
    "timezone": "Europe/Chisinau",
    "payload": _GREETING,
}
_DOCUMENT: Final[dict[str, Any]] = {"ordinaut": 1, "tasks": [_TASK]}
_CALENDAR: Final[dict[str, Any]] = {
    "name": "Closed in Moldova",
    "definition": {"union": [{"country": "MD"}, {"weekends": True}, {"dates": ["2026-12-24"]}]},
}
_TOOL: Final[dict[str, Any]] = {
    "transport": "http",
    "settings": {
        "endpoint": "https://api.example.org/forecast",
        "headers": {"Authorization": "Bearer ${secrets('weather')}"},
    },
    "description": "Tomorrow's weather in a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "safe_to_retry": True,
    "rate_limit": "60/m",
}
_CLOSURES: Final = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Closures//EN
BEGIN:VEVENT
UID:closure-1@example.org
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20261224
SUMMARY:Closed
END:VEVENT
END:VCALENDAR
"""


def _sent(title: str, body: Any, *, media_type: str = "application/json") -> OpenApiExample:
    return OpenApiExample(title, value=body, request_only=True, media_type=media_type)


EXAMPLES: Final[dict[str, list[OpenApiExample]]] = {
    "tasks_create": [
        _sent(
            "On weekdays at nine, in Chisinau",
            {
                "title": "Greet me",
                "schedule_kind": "rrule",
                "schedule_expr": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0",
                "timezone": "Europe/Chisinau",
                "payload": _GREETING,
            },
        ),
        _sent(
            "Every ten minutes",
            {"title": "Greet me", "schedule_kind": "interval", "schedule_expr": "PT10M", "payload": _GREETING},
        ),
        _sent("When it is asked for", {"title": "Greet me", "schedule_kind": "manual", "payload": _GREETING}),
    ],
    "tasks_run_now": [_sent("For somebody else", {"params": {"name": "Grace"}})],
    "schedules_preview": [
        _sent(
            "The next three", {"schedule_kind": "cron", "schedule_expr": "0 9 * * 1-5", "timezone": "UTC", "count": 3}
        )
    ],
    "pipelines_validate": [_sent("One step", {"payload": _GREETING})],
    "events_create": [_sent("An order was paid", {"topic": "orders.paid", "payload": {"order": 7}})],
    "agents_create": [_sent("One that only looks", {"name": "reporter", "scopes": ["runs:read", "tasks:read"]})],
    "agents_update": [_sent("Another scope, and a limit", {"scopes": ["tasks:read"], "max_running": 3})],
    "agents_credentials": [_sent("Good beside the old one for an hour", {"overlap_seconds": 3600})],
    "auth_token": [_sent("All scopes", {"agent_id": _ID, "agent_secret": "the secret that was shown once"})],
    "auth_refresh": [_sent("The newest refresh token", {"refresh_token": "eyJhbGciOi..."})],
    "auth_revoke": [_sent("Everywhere", {"token": "eyJhbGciOi...", "every_login": True})],
    "calendars_create": [_sent("Holidays, weekends and a day", _CALENDAR)],
    "calendars_replace": [_sent("Weekends alone", {"name": "Weekends", "definition": {"weekends": True}})],
    "calendars_update": [_sent("Another name", {"name": "Closed"})],
    "calendars_ics_replace": [_sent("One day", _CLOSURES, media_type="text/calendar")],
    "hooks_create": [_sent("From GitHub", {"name": "Our repository", "topic": "repository", "preset": "github"})],
    "hooks_update": [_sent("Off for now", {"active": False})],
    "hooks_receive": [_sent("A payment", {"type": "invoice.paid", "data": {"amount": 20}})],
    "pipelines_render": [_sent("With another name", {"payload": _GREETING, "context": {"params": {"name": "Grace"}}})],
    "runs_approve": [_sent("With a word", {"comment": "The amount is right."})],
    "runs_reject": [_sent("With a word", {"comment": "Paid already."})],
    "runs_resolve": [_sent("It was paid", {"outcome": "succeeded", "output": {"paid": True}})],
    "runs_retry": [_sent("All of it", {"from": "start"})],
    "secrets_replace": [_sent("For one host", {"value": "a key of theirs", "hosts": ["api.example.org"]})],
    "tasks_replace": [_sent("At half past eight", _TASK)],
    "tasks_update": [_sent("More urgent", {"priority": 8, "max_retries": 5})],
    "tasks_backfill": [_sent("A month", {"from": "2024-01-01T00:00:00Z", "to": "2024-02-01T00:00:00Z"})],
    "tasks_snooze": [_sent("Ten minutes", {"delay_seconds": 600, "reason": "The office opens late."})],
    "tasks_bulk_create": [_sent("Two", {"tasks": [_TASK, _TASK | {"title": "Greet me, too"}]})],
    "tasks_bulk_pause": [_sent("Two", _TWO)],
    "tasks_bulk_resume": [_sent("Two", _TWO)],
    "tasks_bulk_cancel": [_sent("Two", _TWO)],
    "tasks_bulk_delete": [_sent("Two", _TWO)],
    "tasks_bulk_run_now": [_sent("For somebody else", _TWO | {"params": {"name": "Grace"}})],
    "tasks_import": [_sent("One task", _DOCUMENT)],
    "tasks_plan": [_sent("One task", _DOCUMENT)],
    "tasks_apply": [_sent("One task", _DOCUMENT)],
    "tools_create": [_sent("Over HTTP", {"address": "weather.today", **_TOOL})],
    "tools_replace": [_sent("Over HTTP", _TOOL)],
    "tools_update": [_sent("Off for now", {"enabled": False})],
    "tools_approve": [_sent("The one that was looked at", {"version": 1})],
    "tools_import": [_sent("One", {"tools": [{"address": "weather.today", **_TOOL}], "replace": True})],
    "tools_discover": [
        _sent(
            "Two of a server", {"endpoint": "https://mcp.example.org/", "namespace": "notes", "import": ["add", "find"]}
        )
    ],
    "webhooks_create": [_sent("What fails", {"url": "https://example.org/ordinaut", "event_types": ["run.failed"]})],
    "webhooks_update": [_sent("On again", {"active": True})],
    "webhooks_rotate": [_sent("Signed with both for an hour", {"overlap_seconds": 3600})],
}
