"""An agent, and the proof it gives of itself."""

from typing import Any, Final

from rest_framework import serializers

from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.strict import Several, Strict, StrictModel, Text, WholeNumber, YesOrNo
from tasks_app.models import Agent
from tasks_app.services.agents import LIMITS


class AgentSerializer(StrictModel):
    scopes = Several(child=Text(max_length=100), max_length=100)

    class Meta:
        model = Agent
        fields: tuple[str, ...] = (
            "id",
            "name",
            "scopes",
            "webhook_url",
            *LIMITS,
            "active",
            "created_at",
            "old_secret_until",
        )
        read_only_fields: tuple[str, ...] = ("id", "active", "created_at", "old_secret_until")
        extra_kwargs: dict[str, Any] = {"name": {"validators": []}}  # that it is free is a rule: the service's to check


class NewAgentSerializer(AgentSerializer):
    agent_secret = serializers.CharField(read_only=True, help_text="Shown this once.")

    class Meta(AgentSerializer.Meta):
        fields = (*AgentSerializer.Meta.fields, "agent_secret")


class AgentChangeSerializer(AgentSerializer):
    """What it may do, its limits, and whether it may do anything; its name stays."""

    class Meta(AgentSerializer.Meta):
        read_only_fields = ("id", "name", "created_at", "old_secret_until")

    def _cure(self, key: str, cure: str) -> str:
        return "A name never changes: leave it out." if key == "name" else super()._cure(key, cure)


class RotationSerializer(Strict):
    overlap_seconds = WholeNumber(
        min_value=0,
        max_value=604_800,
        default=86_400,
        help_text="How long the old secret stays good beside the new one.",
    )
    revoke_old = YesOrNo(default=False, help_text="End the old secret at once, and every login that it has opened.")


class NewSecretSerializer(serializers.Serializer[dict[str, object]]):
    agent_id = serializers.UUIDField(read_only=True)
    agent_secret = serializers.CharField(read_only=True, help_text="Shown this once.")
    old_secret_until = serializers.DateTimeField(read_only=True, allow_null=True)


AGENT_ROW: Final = Columns.of(AgentSerializer)
