"""An event as it is published, and as every event is answered."""

from typing import Any

from rest_framework import serializers

from tasks_app.api.serializers.strict import Strict, Text
from tasks_app.api.serializers.task import JSONObject
from tasks_app.masking import masked
from tasks_app.models import Event


class NewEventSerializer(Strict):
    topic = Text(max_length=200, help_text="Words of a-z, 0-9, _ and -, with dots between them.")
    payload = JSONObject(required=False, help_text="What the runs are given as event.payload.")


class PublishedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(read_only=True)
    topic = serializers.CharField(read_only=True)
    runs = serializers.ListField(child=serializers.UUIDField(), read_only=True, help_text="The runs that it made.")


class EventSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(read_only=True)
    pos = serializers.IntegerField(read_only=True, allow_null=True, help_text="Null until it is on the stream.")
    type = serializers.CharField(read_only=True, help_text="An event of a topic is external.<topic>.")
    aggregate = serializers.CharField(read_only=True, help_text="What it happened to: task:<id>, run:<id>, agent:<id>.")
    seq = serializers.IntegerField(read_only=True, help_text="Dense within the aggregate, from 1.")
    at = serializers.DateTimeField(read_only=True)
    agent = serializers.UUIDField(read_only=True, allow_null=True)
    request_id = serializers.CharField(read_only=True)
    causation = serializers.IntegerField(read_only=True, help_text="How many events led to it.")
    data = serializers.DictField(read_only=True)  # type: ignore[assignment]


class TopicSerializer(serializers.Serializer[Any]):
    topic = serializers.CharField(read_only=True, help_text="As tasks name it: exact, a branch such as orders.*, or *.")
    tasks = serializers.IntegerField(read_only=True, help_text="How many listen to it.")


def shown(event: Event) -> dict[str, Any]:
    """The event as consumers of the stream read it, without what must not be shown."""
    return event.envelope | {"pos": event.pos or None, "data": masked(event.data)}
