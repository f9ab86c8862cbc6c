"""Events: the outbox as it was written, newest first."""

from django.contrib import admin
from django.utils.safestring import SafeString

from tasks_app.admin.appearance import column, in_utc, json_block
from tasks_app.admin.reading import ChoiceFilter, LongListAdmin
from tasks_app.events.types import EventType
from tasks_app.models import OutboxEvent


class TypeFilter(ChoiceFilter):
    title = parameter_name = "type"
    choices_of = [(value, value) for value in EventType.values]


class AggregateFilter(ChoiceFilter):
    title = "about"
    parameter_name = "aggregate_kind"
    choices_of = [("task", "tasks"), ("run", "runs"), ("agent", "agents")]


@admin.register(OutboxEvent)
class OutboxEventAdmin(LongListAdmin):
    list_display = ["type", "about", "seq", "moment", "published", "request_id"]
    list_filter = [TypeFilter, AggregateFilter]
    search_fields = ["=type"]
    search_help_text = "The id of a task, a run or an agent, or a type of event"
    id_fields = ["aggregate_id", "event_id"]
    fields = ["type", "about", "seq", "moment", "pos", "event_id", "agent", "request_id", "causation", "data_text"]
    readonly_fields = ["about", "moment", "data_text"]

    @column("About")
    def about(self, event: OutboxEvent) -> str:
        return event.aggregate

    @column("At (UTC)")
    def moment(self, event: OutboxEvent) -> str | None:
        return in_utc(event.at)

    @column("Published", boolean=True)
    def published(self, event: OutboxEvent) -> bool:
        return event.pos is not None

    @column("Data")
    def data_text(self, event: OutboxEvent) -> SafeString | None:
        return json_block(event.data)
