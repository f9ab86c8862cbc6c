"""An event as it is published, and as every event is answered."""

from typing import Any

from rest_framework import serializers

from tasks_app.api.serializers.strict import Strict, Text
from tasks_app.api.serializers.task import JSONObject
from tasks_app.masking import masked
from tasks_app.models import Event


class NewEventSerializer(Strict):
    topic = Text(
        max_length=200,
        help_text="What it is about: words of a-z, 0-9, _ and -, with dots between them, such as orders.paid.",
    )
    payload = JSONObject(
        required=False, help_text="What the runs that it starts are given as event.payload. Default: an empty object."
    )


class PublishedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(read_only=True, help_text="The event's id.")
    topic = serializers.CharField(read_only=True, help_text="The topic as it was sent.")
    runs = serializers.ListField(
        child=serializers.UUIDField(), read_only=True, help_text="The ids of the runs that it made."
    )


class EventSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(read_only=True, help_text="The event's id.")
    pos = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="Its place among all events of the platform; null until it is on the stream.",
    )
    type = serializers.CharField(
        read_only=True, help_text="What happened, such as run.succeeded; an event of a topic is external.<topic>."
    )
    aggregate = serializers.CharField(read_only=True, help_text="What it happened to: task:<id>, run:<id>, agent:<id>.")
    seq = serializers.IntegerField(
        read_only=True, help_text="Its number among the events of the aggregate, from 1 and without gaps."
    )
    at = serializers.DateTimeField(read_only=True, help_text="When it happened.")
    agent = serializers.UUIDField(
        read_only=True, allow_null=True, help_text="The id of the agent that it concerns; null for none."
    )
    request_id = serializers.CharField(
        read_only=True, help_text="The X-Request-ID of the request that led to it; empty where none did."
    )
    causation = serializers.IntegerField(
        read_only=True, help_text="How many events, each by way of the one before, led to it."
    )
    data = serializers.DictField(read_only=True, help_text="What more is to be told, by the event's type.")  # type: ignore[assignment]


class TopicSerializer(serializers.Serializer[Any]):
    topic = serializers.CharField(
        read_only=True, help_text="The topic as tasks name it: exact, a branch such as orders.*, or *."
    )
    tasks = serializers.IntegerField(read_only=True, help_text="How many tasks listen to it.")


def shown(event: Event) -> dict[str, Any]:
    """The event as consumers of the stream read it, without what must not be shown."""
    return event.envelope | {"pos": event.pos or None, "data": masked(event.data)}
