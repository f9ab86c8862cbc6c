"""What the OpenAPI document shows of requests, by the operation's name; a test sends each of them."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

_GREETING: Final[dict[str, Any]] = {
    "params": {"name": "Ada"},
    "pipeline": [{"id": "greet", "uses": "debug.echo", "with": {"message": "Good morning, ${params.name}"}}],
}


def _sent(title: str, body: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(title, value=body, request_only=True)


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
}
