"""A calendar, as it is sent and as it is answered."""

from typing import Any, Final

from rest_framework import serializers
from rest_framework.fields import Field

from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.strict import Strict, StrictModel
from tasks_app.api.serializers.task import JSONObject
from tasks_app.models import Calendar


class FetchedFileSerializer(Strict):
    url = serializers.CharField()
    fetched_at = serializers.DateTimeField(help_text="When the text in force was fetched.")
    error = serializers.CharField(help_text="Why the last try brought nothing; empty when it did.")


class CalendarSummarySerializer(StrictModel):
    """In a list, without what may be long."""

    created_by = serializers.UUIDField(required=False, help_text="Its owner; only an admin may name another.")

    class Meta:
        model = Calendar
        fields: tuple[str, ...] = (
            "id",
            "name",
            "description",
            "created_by",
            "shared",
            "version",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("id", "version", "created_at", "updated_at")
        validators: tuple[()] = ()  # that a name is taken is the service's to say


class CalendarSerializer(CalendarSummarySerializer):
    definition = JSONObject(help_text="Which dates: see docs/calendars.md.")
    files = FetchedFileSerializer(many=True, read_only=True)

    class Meta(CalendarSummarySerializer.Meta):
        fields = (*CalendarSummarySerializer.Meta.fields, "definition", "files")


class CalendarChangeSerializer(CalendarSerializer):
    """Whose a calendar is never changes."""

    created_by = serializers.UUIDField(read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A replacement returns what it leaves out to its default."""
        return attrs if self.partial else {"description": "", "shared": False} | attrs


class NamedDateSerializer(Strict):
    date = serializers.DateField()
    name = serializers.CharField()


class NamedDatesSerializer(Strict):
    items = NamedDateSerializer(many=True)


class SpanSerializer(Strict):
    """The days asked for, both included."""

    def get_fields(self) -> dict[str, Field[Any, Any, Any, Any]]:
        return {
            "from": serializers.DateField(required=False, help_text="Today (UTC) unless given."),
            "to": serializers.DateField(required=False, help_text="A year later unless given, three years at most."),
        }


def answer(calendar: Calendar) -> dict[str, Any]:
    """The whole of one calendar, but for the texts of its files."""
    row = {name: getattr(calendar, name) for name in CalendarSummarySerializer.Meta.fields if name != "created_by"}
    files = [
        {"url": url, "fetched_at": fetched["fetched_at"], "error": fetched["error"]}
        for url, fetched in sorted(calendar.fetched.items())
    ]
    return row | {"created_by": calendar.created_by_id, "definition": calendar.definition, "files": files}


CALENDAR_ROW: Final = Columns.of(CalendarSummarySerializer)
