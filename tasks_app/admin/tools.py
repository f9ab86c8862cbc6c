"""Tools that people brought: what each says now and said before, and whether it is called."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.safestring import SafeString

from tasks_app.admin.appearance import badge, column, in_utc, json_block
from tasks_app.admin.asking import ask_for_each
from tasks_app.admin.reading import ReadOnlyAdmin
from tasks_app.models import Tool
from tasks_app.services import tools
from tasks_app.services.actor import Actor

_MOST_VERSIONS = 20


@admin.register(Tool)
class ToolAdmin(ReadOnlyAdmin):
    list_display = ["address", "transport", "enabled", "approval_label", "version", "cost_tier", "updated"]
    list_filter = ["transport", "enabled", "approval"]
    search_fields = ["address", "description"]
    list_per_page = 50
    actions = ["approve", "enable", "disable", "remove"]
    fields = [
        "address", "description", "transport", "enabled", "approval_label", "version", "created", "updated", "settings_text",
        "input_text", "output_text", "examples_text", "timeout_seconds", "max_retries", "rate_limit", "scopes", "cost_tier",
        "pure", "safe_to_retry", "versions_text",
    ]  # fmt: skip
    readonly_fields = [
        "approval_label", "created", "updated", "settings_text", "input_text", "output_text", "examples_text", "versions_text",
    ]  # fmt: skip

    @admin.action(description="Approve what has changed", permissions=["ask"])
    def approve(self, request: HttpRequest, queryset: models.QuerySet[Tool]) -> None:
        ask_for_each(self, request, queryset, _approve, done="approved")

    @admin.action(description="Switch on", permissions=["ask"])
    def enable(self, request: HttpRequest, queryset: models.QuerySet[Tool]) -> None:
        ask_for_each(self, request, queryset, _enable, done="switched on")

    @admin.action(description="Switch off", permissions=["ask"])
    def disable(self, request: HttpRequest, queryset: models.QuerySet[Tool]) -> None:
        ask_for_each(self, request, queryset, _disable, done="switched off")

    @admin.action(description="Delete", permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: models.QuerySet[Tool]) -> None:
        ask_for_each(self, request, queryset, _delete, done="deleted")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("tasks.delete_tool"))

    @column("Approval")
    def approval_label(self, tool: Tool) -> SafeString | None:
        return badge(tool.approval)

    @column("Created (UTC)")
    def created(self, tool: Tool) -> str | None:
        return in_utc(tool.created_at)

    @column("Updated (UTC)", ordering="updated_at")
    def updated(self, tool: Tool) -> str | None:
        return in_utc(tool.updated_at)

    @column("Settings")
    def settings_text(self, tool: Tool) -> SafeString | None:
        return json_block(tool.settings)

    @column("Input schema")
    def input_text(self, tool: Tool) -> SafeString | None:
        return json_block(tool.input_schema)

    @column("Output schema")
    def output_text(self, tool: Tool) -> SafeString | None:
        return json_block(tool.output_schema)

    @column("Examples")
    def examples_text(self, tool: Tool) -> SafeString | None:
        return json_block(tool.examples)

    @column("Versions, the newest first")
    def versions_text(self, tool: Tool) -> SafeString | None:
        return json_block([_told(each) for each in tool.versions.order_by("-version")[:_MOST_VERSIONS]])


def _told(version: Any) -> dict[str, Any]:
    return {"version": version.version, "by": version.by, "at": in_utc(version.at), "definition": version.definition}


def _approve(tool: Tool, *, actor: Actor) -> None:
    """The version that the list showed, and no later one."""
    tools.approve_tool(tool.address, actor=actor, version=tool.version)


def _enable(tool: Tool, *, actor: Actor) -> None:
    tools.set_enabled(tool, actor=actor, enabled=True)


def _disable(tool: Tool, *, actor: Actor) -> None:
    tools.set_enabled(tool, actor=actor, enabled=False)


def _delete(tool: Tool, *, actor: Actor) -> None:
    tools.delete_tool(tool.address, actor=actor)
