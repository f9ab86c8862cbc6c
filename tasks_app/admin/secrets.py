"""Secrets: put and given another value, listed by name and hosts. No page shows a value."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from tasks_app.admin.appearance import column, in_utc
from tasks_app.admin.asking import AskingAdmin, AskingForm, ask_for_each
from tasks_app.models import Secret
from tasks_app.services import secrets

_HELD = ["key_id", "created", "rotated"]


class SecretForm(AskingForm):
    value = forms.CharField(
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        strip=False,
        help_text="It is encrypted, and never shown again. Saving always gives it another one.",
    )

    class Meta:
        model = Secret
        fields = ["name", "owner", "hosts"]
        widgets = {"hosts": UnfoldAdminTextInputWidget()}
        help_texts = {"hosts": "Where it may be sent, separated by commas: api.example.org, or *.example.org."}

    def ask(self, values: dict[str, Any]) -> Secret:
        is_new = "name" in self.fields  # read-only, and so no field, once there is a secret
        secret, _ = secrets.put_secret(
            values["name"] if is_new else self.instance.name,
            value=values["value"],
            hosts=values["hosts"],
            owner=values["owner"] if is_new else self.instance.owner,
            actor=self.actor,
        )
        return secret


@admin.register(Secret)
class SecretAdmin(AskingAdmin):
    form = SecretForm
    list_display = ["name", "owner", "host_names", "rotated"]
    list_filter = ["owner"]
    list_select_related = ["owner"]
    search_fields = ["name"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["remove"]
    readonly_fields = _HELD

    def get_fieldsets(self, request: HttpRequest, obj: Secret | None = None) -> Any:
        value = ["value"] if obj is None or self.has_change_permission(request, obj) else []
        sections: list[tuple[str | None, dict[str, Any]]] = [(None, {"fields": ["name", "owner", "hosts", *value]})]
        return [*sections, ("State", {"fields": _HELD})] if obj else sections

    def get_readonly_fields(self, request: HttpRequest, obj: Secret | None = None) -> list[str]:
        return [*_HELD, "name", "owner"] if obj else _HELD

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Django's own way to delete writes no audit: `remove` does it."""
        return False

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return bool(super().has_delete_permission(request))

    @admin.action(description="Delete", permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: models.QuerySet[Secret]) -> None:
        ask_for_each(self, request, queryset, secrets.delete_secret, done="deleted")

    @column("Hosts")
    def host_names(self, secret: Secret) -> str:
        return ", ".join(secret.hosts)

    @column("Created (UTC)")
    def created(self, secret: Secret) -> str | None:
        return in_utc(secret.created_at)

    @column("Rotated (UTC)", ordering="rotated_at")
    def rotated(self, secret: Secret) -> str | None:
        return in_utc(secret.rotated_at)
