"""An agent, and the proof it gives of itself."""

from typing import Any, Final

from rest_framework import serializers

from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.said import said
from tasks_app.api.serializers.strict import Several, Strict, StrictModel, Text, WholeNumber, YesOrNo
from tasks_app.models import Agent
from tasks_app.services.agents import LIMITS

_SAID: Final = said(
    id="The agent's id, which it logs in with.",
    active="Whether it may log in and use the API. Default: true.",
    created_at="When the agent was made.",
    old_secret_until="Until when the secret before the present one is good, too; null if it is not.",  # noqa: S106 - a text about one
    webhook_url="Where its webhooks go that name no address of their own. Default: empty, for none.",
    runs_per_day="How many runs its tasks may have on one day (UTC); null for any number.",
    max_running="How many runs of its tasks may go on at one time; null for any number.",
    calls_per_minute="How many calls with effects its runs may make in a minute; null for any number.",
    tokens_per_minute="How many tokens of a language model its runs may use up in a minute; null for any number.",
    microdollars_per_minute="How many millionths of a dollar its runs may cost in a minute; null for any number.",
    min_cadence_seconds="Seconds that two instants of its tasks' schedules lie apart at least; null for no limit of its own.",
    requests_per_minute="How many requests it may send to the API in a minute; null for no limit of its own.",
)


class AgentSerializer(StrictModel):
    scopes = Several(
        child=Text(max_length=100),
        max_length=100,
        help_text="What the agent may do: tasks:read, runs:write and so on; admin for everything. See docs/agents-and-scopes.md.",
    )

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
        extra_kwargs: dict[str, Any] = _SAID | {
            "name": {"validators": [], "help_text": "What the agent is called: a name that no other one has."}
        }  # that it is free is a rule: the service's to check


class NewAgentSerializer(AgentSerializer):
    agent_secret = serializers.CharField(read_only=True, help_text="The secret that it logs in with, shown this once.")

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
        help_text="Seconds for which the old secret stays good beside the new one.",
    )
    revoke_old = YesOrNo(default=False, help_text="End the old secret at once, and every login that it has opened.")


class NewSecretSerializer(serializers.Serializer[dict[str, object]]):
    agent_id = serializers.UUIDField(read_only=True, help_text="The agent's id, which it logs in with.")
    agent_secret = serializers.CharField(read_only=True, help_text="The secret that it logs in with, shown this once.")
    old_secret_until = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="Until when the old secret is good, too; null if it is not."
    )


AGENT_ROW: Final = Columns.of(AgentSerializer)
