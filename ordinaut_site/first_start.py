"""What a database needs before the platform runs on it: its tables and, once, somebody to sign in and something to see."""

import re
import secrets
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction

from ordinaut_site import kept_files
from ordinaut_site.env import Env
from tasks_app.models import Agent, Task
from tasks_app.services import agents, tasks
from tasks_app.services.actor import SYSTEM
from tasks_app.states import TaskStatus

_ADMIN: Final = "admin"
_DEMO_AGENT: Final = "demo"
_ONE_SETUP_AT_A_TIME: Final = 0x0D1AA07  # the key of an advisory lock


def prepare(settings: Env) -> None:
    """Bring the tables up to date; on a database without agents, make the first admin, the demo agent and its tasks."""
    with connection.cursor() as cursor:
        # Another host's setup may take longer than a request's statement may.
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ONE_SETUP_AT_A_TIME])
        cursor.execute("RESET lock_timeout")
    try:
        call_command("migrate", interactive=False, verbosity=1)
        if not make_first_things(settings):
            follow_address(settings)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_ONE_SETUP_AT_A_TIME])
            cursor.execute("RESET statement_timeout")


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


def follow_address(settings: Env) -> None:
    """Make the credentials and the demo task speak of the port that the platform has now."""
    path = settings.home / kept_files.CREDENTIALS
    credentials = kept_files.read(path)
    if credentials and credentials.get("ORDINAUT_URL") != settings.public_url:
        kept_files.write(path, credentials | {"ORDINAUT_URL": settings.public_url})
    health = _health_check(settings.port)
    demo = Task.objects.filter(created_by__name=_DEMO_AGENT, title=health["title"], deleted_at=None).first()
    if demo and demo.status != TaskStatus.CANCELED and _is_ours(demo.payload):
        tasks.update_task(demo, actor=SYSTEM, changes={"payload": health["payload"]})


def _is_ours(payload: dict[str, Any]) -> bool:
    """Whether nobody has changed it but for the port."""
    url = str(payload.get("params", {}).get("url", ""))
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/health/live", url)
    return found is not None and payload == _health_check(int(found[1]))["payload"]


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
                    "with": {"value": "${steps.answer}", "expression": "{alive: status == `200`, status: status}"},
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
