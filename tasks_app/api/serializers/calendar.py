"""A calendar, as it is sent and as it is answered."""

from typing import Any, Final

from rest_framework import serializers
from rest_framework.fields import Field

from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.said import said
from tasks_app.api.serializers.strict import Strict, StrictModel
from tasks_app.api.serializers.task import JSONObject
from tasks_app.models import Calendar


class FetchedFileSerializer(Strict):
    url = serializers.CharField(help_text="The address that the definition names.")
    fetched_at = serializers.DateTimeField(help_text="When the text that is in force was fetched.")
    error = serializers.CharField(help_text="Why the last try brought nothing; empty when it did.")


class CalendarSummarySerializer(StrictModel):
    """A calendar in a list, without its dates."""

    created_by = serializers.UUIDField(
        required=False,
        help_text="The id of the agent that owns it. Default: the caller; only an admin may name another.",
    )

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
        extra_kwargs = said(
            id="The calendar's id.",
            name="What tasks and other calendars call it: a name that no other calendar of its owner has.",
            description="Notes for people. Default: empty.",
            shared="Whether every agent may use it; only an admin changes that. Default: false.",
            version="A number that each change of its dates raises, from 1.",
            created_at="When the calendar was made.",
            updated_at="When the calendar was last changed.",
        )
        validators: tuple[()] = ()  # that a name is taken is the service's to say


class CalendarSerializer(CalendarSummarySerializer):
    """A calendar: a named set of dates that tasks keep to."""

    definition = JSONObject(
        help_text="Which dates it holds: country, weekends, dates, rrule, ics, ics_url, union and more. See docs/calendars.md."
    )
    files = FetchedFileSerializer(many=True, read_only=True, help_text="The files behind the addresses that it names.")

    class Meta(CalendarSummarySerializer.Meta):
        fields = (*CalendarSummarySerializer.Meta.fields, "definition", "files")


class CalendarChangeSerializer(CalendarSerializer):
    """What is sent to change a calendar. Whose it is never changes."""

    created_by = serializers.UUIDField(read_only=True, help_text="The id of the agent that owns it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A replacement returns what it leaves out to its default."""
        return attrs if self.partial else {"description": "", "shared": False} | attrs


class NamedDateSerializer(Strict):
    date = serializers.DateField(help_text="A date of the calendar.")
    name = serializers.CharField(help_text="What the calendar calls it, such as a holiday's name.")


class NamedDatesSerializer(Strict):
    items = NamedDateSerializer(many=True, help_text="The dates, the earliest first.")


class SpanSerializer(Strict):
    """The days asked for, both included."""

    def get_fields(self) -> dict[str, Field[Any, Any, Any, Any]]:
        return {
            "from": serializers.DateField(
                required=False, help_text="The first day that is wanted. Default: today (UTC)."
            ),
            "to": serializers.DateField(
                required=False,
                help_text="The last day that is wanted, at most three years later. Default: a year later.",
            ),
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
