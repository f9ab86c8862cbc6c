"""Dead letters: the events that a group of readers could not handle, and the wish to have one delivered again."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.safestring import SafeString

from tasks_app.admin.appearance import column, in_utc, json_block
from tasks_app.admin.asking import ask_for_each
from tasks_app.admin.reading import LongListAdmin
from tasks_app.masking import masked
from tasks_app.models import DeadLetter
from tasks_app.services import deadletters


@admin.register(DeadLetter)
class DeadLetterAdmin(LongListAdmin):
    list_display = ["event_type", "group", "pos", "error_class", "deliveries", "moment", "asked"]
    search_fields = ["=group", "=event_type"]
    search_help_text = "The id of an event, or exactly a group or a type of event"
    id_fields = ["event_id"]
    actions = ["redeliver"]
    fields = [
        "event_type", "group", "pos", "event_id", "error_class", "error_text", "deliveries", "moment", "asked",
        "event_text",
    ]  # fmt: skip
    readonly_fields = ["moment", "asked", "event_text"]

    @admin.action(description="Redeliver", permissions=["ask"])
    def redeliver(self, request: HttpRequest, queryset: models.QuerySet[DeadLetter]) -> None:
        ask_for_each(self, request, queryset, deadletters.redeliver, done="will be delivered again")

    @column("Failed last (UTC)")
    def moment(self, letter: DeadLetter) -> str | None:
        return in_utc(letter.at)

    @column("Asked for since (UTC)")
    def asked(self, letter: DeadLetter) -> str | None:
        return in_utc(letter.asked_at)

    @column("Event")
    def event_text(self, letter: DeadLetter) -> SafeString | None:
        return json_block(masked(letter.event))
