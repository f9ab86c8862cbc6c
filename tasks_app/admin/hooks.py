"""Hooks: where other programs' webhooks come in, and whether they do. Neither their tokens nor their secrets are shown."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from tasks_app.admin.appearance import column, in_utc
from tasks_app.admin.asking import ask_for_each
from tasks_app.admin.reading import ReadOnlyAdmin
from tasks_app.models import Hook
from tasks_app.services import hooks
from tasks_app.services.actor import Actor


@admin.register(Hook)
class HookAdmin(ReadOnlyAdmin):
    list_display = ["name", "agent", "topic", "preset", "active", "received", "created"]
    list_filter = ["active", "preset"]
    list_select_related = ["agent"]
    search_fields = ["name", "topic", "agent__name"]
    list_per_page = 50
    actions = ["enable", "disable", "remove"]
    fields = [
        "name", "agent", "topic", "preset", "signature_header", "timestamp_header", "delivery_header", "active", "received",
        "old_secret", "created",
    ]  # fmt: skip
    readonly_fields = ["received", "old_secret", "created"]

    @admin.action(description="Switch on", permissions=["ask"])
    def enable(self, request: HttpRequest, queryset: models.QuerySet[Hook]) -> None:
        ask_for_each(self, request, queryset, _enable, done="switched on")

    @admin.action(description="Switch off", permissions=["ask"])
    def disable(self, request: HttpRequest, queryset: models.QuerySet[Hook]) -> None:
        ask_for_each(self, request, queryset, _disable, done="switched off")

    @admin.action(description="Delete", permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: models.QuerySet[Hook]) -> None:
        ask_for_each(self, request, queryset, hooks.delete_hook, done="deleted")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("tasks.delete_hook"))

    @column("Last event (UTC)")
    def received(self, hook: Hook) -> str | None:
        return in_utc(hook.received_at)

    @column("Old secret until (UTC)")
    def old_secret(self, hook: Hook) -> str | None:
        return in_utc(hook.old_secret_until)

    @column("Created (UTC)")
    def created(self, hook: Hook) -> str | None:
        return in_utc(hook.created_at)


def _enable(hook: Hook, *, actor: Actor) -> Hook:
    return hooks.update_hook(hook, actor=actor, changes={"active": True})


def _disable(hook: Hook, *, actor: Actor) -> Hook:
    return hooks.update_hook(hook, actor=actor, changes={"active": False})
