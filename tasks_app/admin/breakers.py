"""Breakers: the destinations that runs call, and whether they are called now."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.safestring import SafeString

from tasks_app.admin.appearance import badge, column, in_utc
from tasks_app.admin.asking import ask_for_each
from tasks_app.admin.reading import ReadOnlyAdmin
from tasks_app.models import Destination
from tasks_app.services import breakers


@admin.register(Destination)
class DestinationAdmin(ReadOnlyAdmin):
    list_display = ["name", "state_label", "streak", "opened", "next_trial", "called"]
    list_filter = ["state"]
    search_fields = ["name"]
    list_per_page = 50
    actions = ["reset"]
    fields = [
        "name", "state_label", "streak", "openings", "opened", "next_trial", "trial", "return_rate", "answered", "called",
    ]  # fmt: skip
    readonly_fields = ["state_label", "opened", "next_trial", "answered", "called"]

    @admin.action(description="Reset: call it again at once", permissions=["ask"])
    def reset(self, request: HttpRequest, queryset: models.QuerySet[Destination]) -> None:
        ask_for_each(self, request, queryset, breakers.reset, done="reset")

    @column("Breaker")
    def state_label(self, destination: Destination) -> SafeString | None:
        return badge(destination.state)

    @column("Opened (UTC)")
    def opened(self, destination: Destination) -> str | None:
        return in_utc(destination.opened_at)

    @column("Next trial (UTC)")
    def next_trial(self, destination: Destination) -> str | None:
        return in_utc(destination.next_trial_at)

    @column("Last success (UTC)")
    def answered(self, destination: Destination) -> str | None:
        return in_utc(destination.answered_at)

    @column("Last told (UTC)", ordering="called_at")
    def called(self, destination: Destination) -> str | None:
        return in_utc(destination.called_at)
