"""An agent, and the proof it gives of itself."""

from typing import Any, Final

from rest_framework import serializers

from tasks_app.api.serializers.strict import Columns, Strict, StrictModel, Text
from tasks_app.models import Agent


class AgentSerializer(StrictModel):
    scopes = serializers.ListField(child=Text(max_length=100), max_length=100)

    class Meta:
        model = Agent
        fields: tuple[str, ...] = (
            "id",
            "name",
            "scopes",
            "runs_per_day",
            "max_running",
            "calls_per_minute",
            "tokens_per_minute",
            "microdollars_per_minute",
            "active",
            "created_at",
        )
        read_only_fields: tuple[str, ...] = ("id", "active", "created_at")
        extra_kwargs: dict[str, Any] = {"name": {"validators": []}}  # that it is free is a rule: the service's to check


class NewAgentSerializer(AgentSerializer):
    agent_secret = serializers.CharField(read_only=True, help_text="Shown this once.")

    class Meta(AgentSerializer.Meta):
        fields = (*AgentSerializer.Meta.fields, "agent_secret")


class AgentChangeSerializer(AgentSerializer):
    """Its limits; who it is and what it may do stay."""

    class Meta(AgentSerializer.Meta):
        read_only_fields = (*AgentSerializer.Meta.read_only_fields, "name", "scopes")

    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)


class CredentialsSerializer(Strict):
    agent_id = serializers.UUIDField()
    agent_secret = Text(max_length=200, trim_whitespace=False)


class TokenSerializer(serializers.Serializer[dict[str, object]]):
    access_token = serializers.CharField(read_only=True)
    token_type = serializers.ChoiceField(choices=["Bearer"], read_only=True)
    expires_in = serializers.IntegerField(read_only=True, help_text="Seconds.")
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)


AGENT_ROW: Final = Columns.of(AgentSerializer)
