"""Agents: made here with a secret that is shown once, given scopes and limits, switched on and off."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from tasks_app.admin.appearance import column, in_utc
from tasks_app.admin.asking import AskingAdmin, AskingForm, ask_for_each
from tasks_app.admin.reading import ReadOnlyAdmin
from tasks_app.models import Agent
from tasks_app.services import agents
from tasks_app.services.actor import Actor

_STATE: Final = ("active", "created", "id")


class AgentForm(AskingForm):
    scopes = forms.MultipleChoiceField(
        choices=lambda: [(scope, scope) for scope in agents.known_scopes()],  # the tools' own among them
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="What it may do. An agent with admin may do everything, with everybody's tasks.",
    )
    secret = ""

    class Meta:
        model = Agent
        fields = ["name", "scopes", *agents.LIMITS]

    def ask(self, values: dict[str, Any]) -> Agent:
        if "name" not in self.fields:  # read-only, and so no field, once there is an agent
            return agents.change_agent(self.instance, values, actor=self.actor)
        agent, self.secret = agents.create_agent(**values, actor=self.actor)
        return agent


@admin.register(Agent)
class AgentAdmin(AskingAdmin, ReadOnlyAdmin):
    form = AgentForm
    list_display = ["name", "scopes_text", "active", "created", "id"]
    list_filter = ["active"]
    search_fields = ["name"]
    actions = ["enable", "disable"]
    readonly_fields = _STATE

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm("tasks.add_agent")

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.has_ask_permission(request)

    def get_fieldsets(self, request: HttpRequest, obj: Agent | None = None) -> Any:
        sections: list[tuple[str | None, dict[str, Any]]] = [
            (None, {"fields": ["name", "scopes"]}),
            ("Limits", {"fields": agents.LIMITS, "description": "Empty: no limit."}),
        ]
        return [*sections, ("State", {"fields": _STATE})] if obj else sections

    def get_readonly_fields(self, request: HttpRequest, obj: Agent | None = None) -> Sequence[str]:
        return ["name", *_STATE] if obj else _STATE

    def save_model(self, request: HttpRequest, obj: models.Model, form: AskingForm, change: bool) -> None:
        if change:
            return
        assert isinstance(form, AgentForm)
        words = f"The secret of {obj} is {form.secret} — keep it now, it cannot be shown again. Its id is {obj.pk}."
        self.message_user(request, words, messages.WARNING)

    @admin.action(description="Enable", permissions=["ask"])
    def enable(self, request: HttpRequest, queryset: models.QuerySet[Agent]) -> None:
        ask_for_each(self, request, queryset, _enable, done="enabled")

    @admin.action(description="Disable", permissions=["ask"])
    def disable(self, request: HttpRequest, queryset: models.QuerySet[Agent]) -> None:
        ask_for_each(self, request, queryset, _disable, done="disabled")

    @column("Scopes")
    def scopes_text(self, agent: Agent) -> str:
        return ", ".join(agent.scopes) or "none"

    @column("Created (UTC)", ordering="created_at")
    def created(self, agent: Agent) -> str | None:
        return in_utc(agent.created_at)


def _enable(agent: Agent, *, actor: Actor) -> Agent:
    return agents.set_active(agent, True, actor=actor)


def _disable(agent: Agent, *, actor: Actor) -> Agent:
    return agents.set_active(agent, False, actor=actor)
