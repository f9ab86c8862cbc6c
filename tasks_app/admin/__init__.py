"""The operators' pages: what is to be done, what became of it, and a few wishes, each through a service."""

from django.contrib import admin

from tasks_app.admin import (
    accounts,
    agents,
    audit,
    breakers,
    calendars,
    celery_beat,
    deadletters,
    events,
    hooks,
    runs,
    secrets,
    skipped,
    tasks,
    tools,
    webhooks,
)

__all__ = [
    "accounts",
    "agents",
    "audit",
    "breakers",
    "calendars",
    "celery_beat",
    "deadletters",
    "events",
    "hooks",
    "runs",
    "secrets",
    "skipped",
    "tasks",
    "tools",
    "webhooks",
]

admin.site.index_title = "Dashboard"
admin.site.index_template = "tasks_admin/dashboard.html"
