"""Events: the outbox as it was written, newest first."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from tasks_app.admin.appearance import column, in_utc, json_block
from tasks_app.admin.reading import ChoiceFilter, LongListAdmin
from tasks_app.events.types import EventType
from tasks_app.models import OutboxEntry
from tasks_app.models.outbox_entry import OutboxEntryQuerySet


class RecentFilter(ChoiceFilter):
    """Looks at the recent entries only: what is rare, or not there, would else be looked for in the whole table."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return self.found(cast("OutboxEntryQuerySet", queryset).recent(), value) if value else queryset

    def found(self, recent: OutboxEntryQuerySet, value: str) -> OutboxEntryQuerySet:
        return recent.filter(**{self.parameter_name: value})


class TypeFilter(RecentFilter):
    title = parameter_name = "type"
    choices_of = [(value, value) for value in EventType.values]

    def found(self, recent: OutboxEntryQuerySet, value: str) -> OutboxEntryQuerySet:
        return recent.telling(value)


class AggregateFilter(RecentFilter):
    title = "about"
    parameter_name = "aggregate_kind"
    choices_of = [("task", "tasks"), ("run", "runs"), ("agent", "agents")]


@admin.register(OutboxEntry)
class OutboxEntryAdmin(LongListAdmin):
    list_display = ["what", "about", "seq", "moment", "published", "request_id"]
    list_filter = [TypeFilter, AggregateFilter]
    search_fields = ["=request_id"]
    search_help_text = "The id of a task, a run, an agent or a request"
    id_fields = ["aggregate_id"]
    fields = ["what", "about", "seq", "moment", "pos", "agent", "request_id", "causation", "data_text"]
    readonly_fields = ["what", "about", "moment", "data_text"]

    @column("What")
    def what(self, entry: OutboxEntry) -> str:
        return ", ".join(entry.types)

    @column("About")
    def about(self, entry: OutboxEntry) -> str:
        return entry.aggregate

    @column("At (UTC)")
    def moment(self, entry: OutboxEntry) -> str | None:
        return in_utc(entry.at)

    @column("Published", boolean=True)
    def published(self, entry: OutboxEntry) -> bool:
        return entry.pos is not None

    @column("Data")
    def data_text(self, entry: OutboxEntry) -> SafeString | None:
        return json_block([{"seq": event.seq, "type": event.type, "data": event.data} for event in entry.events()])
