"""What a database needs before the platform runs on it: its tables and, once, somebody to sign in and something to see."""

import secrets
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction

from ordinaut_site import kept_files
from ordinaut_site.env import Env
from tasks_app.models import Agent
from tasks_app.services import agents, tasks
from tasks_app.services.actor import SYSTEM

_ADMIN: Final = "admin"
_DEMO_AGENT: Final = "demo"
_ONE_SETUP_AT_A_TIME: Final = 0x0D1AA07  # the key of an advisory lock


def prepare(settings: Env) -> None:
    """Bring the tables up to date; on a database without agents, make the first admin, the demo agent and its tasks."""
    with connection.cursor() as cursor:
        # Another host's setup, or a migration of a large table, may take longer than a request's statement may.
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ONE_SETUP_AT_A_TIME])
    call_command("migrate", interactive=False, verbosity=1)
    make_first_things(settings)


def make_first_things(settings: Env) -> bool:
    """Whether anything was made. All of it, the file of credentials included, or nothing."""
    if Agent.objects.exists():
        return False
    with transaction.atomic():
        credentials = {
            "ORDINAUT_URL": settings.public_url,
            **_first_admin(),
            **_demo_agent(settings),
        }
        # Before the commit: a kill in between leaves a file that the next start replaces, never a lost secret.
        kept_files.write(settings.home / kept_files.CREDENTIALS, credentials)
    return True


def _first_admin() -> dict[str, str]:
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return {}
    password = secrets.token_urlsafe(18)
    users.create_superuser(username=_ADMIN, email="", password=password)
    return {"ORDINAUT_ADMIN_USER": _ADMIN, "ORDINAUT_ADMIN_PASSWORD": password}


def _demo_agent(settings: Env) -> dict[str, str]:
    scopes = [scope for scope in agents.SCOPES if scope != "admin"]
    agent, secret = agents.create_agent(name=_DEMO_AGENT, scopes=scopes)
    for fields in (_health_check(settings.port), _weekday_morning(settings.default_timezone)):
        tasks.create_task(agent, actor=SYSTEM, **fields)
    return {"ORDINAUT_AGENT_ID": str(agent.pk), "ORDINAUT_AGENT_SECRET": secret}


def _health_check(port: int) -> dict[str, Any]:
    return {
        "title": "Demo: is the platform alive?",
        "description": "Asks the platform's own health endpoint every 10 seconds.",
        "schedule_kind": "interval",
        "schedule_expr": "PT10S",
        "payload": {
            "params": {"url": f"http://127.0.0.1:{port}/health/live"},
            "pipeline": [
                {
                    "id": "ask",
                    "uses": "http.request",
                    "with": {"method": "GET", "url": "${params.url}"},
                    "save_as": "answer",
                },
                {
                    "id": "sum_up",
                    "uses": "system.transform",
                    "with": {"data": "${steps.answer}", "expression": "{alive: status == `200`, status: status}"},
                    "save_as": "summary",
                },
            ],
        },
    }


def _weekday_morning(timezone: str) -> dict[str, Any]:
    return {
        "title": "Demo: good morning on weekdays",
        "description": "An RRULE: at 09:00 local time, Monday to Friday, on both sides of a clock change.",
        "schedule_kind": "rrule",
        "schedule_expr": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0;BYSECOND=0",
        "timezone": timezone,
        "payload": {
            "params": {"greeting": "Good morning"},
            "pipeline": [{"id": "greet", "uses": "debug.log", "with": {"message": "${params.greeting}, it is ${now}"}}],
        },
    }
