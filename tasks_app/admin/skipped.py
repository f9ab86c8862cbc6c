"""Skipped occurrences: the instants that did not become a run, each with its reason."""

from django.contrib import admin

from tasks_app.admin.appearance import column, in_utc
from tasks_app.admin.reading import LongListAdmin
from tasks_app.models import SkippedOccurrence


@admin.register(SkippedOccurrence)
class SkippedOccurrenceAdmin(LongListAdmin):
    list_display = ["task", "scheduled", "reason", "detail", "created"]
    list_filter = ["reason"]
    list_select_related = ["task"]
    search_fields = ["task__title"]
    search_help_text = "A task's title or id"
    id_fields = ["task"]
    fields = ["task", "scheduled", "reason", "detail", "created"]
    readonly_fields = ["scheduled", "created"]

    @column("Scheduled for (UTC)")
    def scheduled(self, skipped: SkippedOccurrence) -> str | None:
        return in_utc(skipped.scheduled_for)

    @column("Noted (UTC)")
    def created(self, skipped: SkippedOccurrence) -> str | None:
        return in_utc(skipped.created_at)
