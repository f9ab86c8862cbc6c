"""Calendars: their list, and the page of one with the days of a year."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextareaWidget

from tasks_app.admin import calendar_page
from tasks_app.admin.appearance import column, in_utc, json_block
from tasks_app.admin.asking import AskingAdmin, AskingForm, ask_for_each
from tasks_app.admin.task_form import IndentedJSONField
from tasks_app.models import Calendar
from tasks_app.services import calendars

_HELD = ["version", "created", "updated", "id"]
_EXAMPLE = {"union": [{"country": "MD"}, {"weekends": True}, {"dates": ["2026-12-24"]}]}


class CalendarForm(AskingForm):
    class Meta:
        model = Calendar
        fields = [*sorted(calendars.WRITABLE), "created_by"]
        labels = {"created_by": "Owner"}
        widgets = {"description": UnfoldAdminTextareaWidget({"rows": 2})}
        help_texts = {"created_by": "The agent whose calendar this is; it cannot be changed later."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self._is_new:
            self.initial["definition"] = self.initial.get("definition") or _EXAMPLE

    @property
    def _is_new(self) -> bool:
        return "created_by" in self.fields  # read-only, and so no field, once there is a calendar

    def ask(self, values: dict[str, Any]) -> Calendar:
        wanted = {name: value for name, value in values.items() if name in calendars.WRITABLE}
        if self._is_new:
            return calendars.create_calendar(values["created_by"], actor=self.actor, **wanted)
        return calendars.update_calendar(self.instance, actor=self.actor, changes=wanted)


@admin.register(Calendar)
class CalendarAdmin(AskingAdmin):
    form = CalendarForm
    formfield_overrides = {models.JSONField: {"form_class": IndentedJSONField}}
    list_display = ["name", "created_by", "shared", "version", "updated"]
    list_filter = ["shared", "created_by"]
    list_select_related = ["created_by"]
    search_fields = ["name", "description"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["remove"]
    readonly_fields = [*_HELD, "definition_text"]
    change_form_outer_before_template = "tasks_admin/calendar_page.html"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Calendar]:
        found: models.QuerySet[Calendar] = super().get_queryset(request)
        in_list = request.resolver_match is not None and str(request.resolver_match.url_name).endswith("_changelist")
        return found.defer("definition", "fetched") if in_list else found

    def get_fieldsets(self, request: HttpRequest, obj: Calendar | None = None) -> Any:
        definition = "definition" if obj is None or self.has_change_permission(request, obj) else "definition_text"
        sections: list[tuple[str | None, dict[str, Any]]] = [
            (None, {"fields": ["name", "description", "created_by", "shared", definition]}),
        ]
        return [*sections, ("State", {"fields": _HELD})] if obj else sections

    def get_readonly_fields(self, request: HttpRequest, obj: Calendar | None = None) -> list[str]:
        return [*self.readonly_fields, "created_by"] if obj else self.readonly_fields

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Django's own way to delete takes no refusal for an answer: `remove` does it."""
        return False

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return bool(super().has_delete_permission(request))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if calendar := kwargs.get("obj"):
            context["calendar_page"] = calendar_page.of(
                calendar, year=request.GET.get("year"), may_delete=self.has_remove_permission(request)
            )
        response: HttpResponse = super().render_change_form(request, context, **kwargs)
        return response

    @admin.action(description="Delete", permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: models.QuerySet[Calendar]) -> None:
        ask_for_each(self, request, queryset, calendars.delete_calendar, done="deleted")

    @column("Created (UTC)")
    def created(self, calendar: Calendar) -> str | None:
        return in_utc(calendar.created_at)

    @column("Updated (UTC)", ordering="updated_at")
    def updated(self, calendar: Calendar) -> str | None:
        return in_utc(calendar.updated_at)

    @column("Definition")
    def definition_text(self, calendar: Calendar) -> SafeString | None:
        return json_block(calendar.definition)
