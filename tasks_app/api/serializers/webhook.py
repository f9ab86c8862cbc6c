"""A webhook and its deliveries, as they are asked for and answered."""

from typing import Final

from rest_framework import serializers

from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.strict import Several, Strict, StrictModel, Text, WholeNumber
from tasks_app.models import Webhook, WebhookDelivery
from tasks_app.services.signing import USUAL_OVERLAP


class WebhookSerializer(StrictModel):
    created_by = serializers.UUIDField(
        required=False, source="agent_id", help_text="Whose events; only an admin may name another."
    )
    url = Text(
        required=False,
        allow_blank=True,
        max_length=2000,
        help_text="https, unless the operator allows the host. Empty: the agent's webhook_url.",
    )
    event_types = Several(child=Text(), help_text="Exact, or branches: run.failed, external.*.")
    delivered_pos = serializers.IntegerField(
        read_only=True, source="pos", help_text="Every event that was wanted, up to this position, was taken."
    )

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = (
            "id",
            "created_by",
            "url",
            "event_types",
            "active",
            "disabled_reason",
            "failures",
            "failing_since",
            "next_at",
            "delivered_pos",
            "missed",
            "old_secret_until",
            "created_at",
        )
        read_only_fields: tuple[str, ...] = (
            "id",
            "disabled_reason",
            "failures",
            "failing_since",
            "next_at",
            "missed",
            "old_secret_until",
            "created_at",
        )


class NewWebhookSerializer(WebhookSerializer):
    class Meta(WebhookSerializer.Meta):
        fields = ("created_by", "url", "event_types")
        read_only_fields = ()


class WebhookChangeSerializer(WebhookSerializer):
    class Meta(WebhookSerializer.Meta):
        fields = ("url", "event_types", "active")
        read_only_fields = ()


class MadeWebhookSerializer(WebhookSerializer):
    secret = serializers.CharField(read_only=True, help_text="What deliveries are signed with. Shown this once.")

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")


class WebhookRotationSerializer(Strict):
    overlap_seconds = WholeNumber(
        min_value=0,
        max_value=604_800,
        default=int(USUAL_OVERLAP.total_seconds()),
        help_text="How long deliveries are signed with the secret before, too.",
    )


class WebhookSecretSerializer(Strict):
    secret = serializers.CharField(read_only=True, help_text="Shown this once.")


class DeliverySerializer(StrictModel):
    class Meta:
        model = WebhookDelivery
        fields = ("id", "pos", "event_id", "event_type", "state", "attempts", "status", "error", "duration_ms", "at")
        read_only_fields = fields


WEBHOOK_ROW: Final = Columns.of(WebhookSerializer)
DELIVERY_ROW: Final = Columns.of(DeliverySerializer)
