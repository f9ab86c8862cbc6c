"""A webhook and its deliveries, as they are asked for and answered."""

from typing import Final

from rest_framework import serializers

from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.said import said
from tasks_app.api.serializers.strict import Several, Strict, StrictModel, Text, WholeNumber
from tasks_app.models import Webhook, WebhookDelivery
from tasks_app.services.signing import USUAL_OVERLAP


class WebhookSerializer(StrictModel):
    created_by = serializers.UUIDField(
        required=False,
        source="agent_id",
        help_text="The id of the agent whose events are sent. Default: the caller; only an admin may name another.",
    )
    url = Text(
        required=False,
        allow_blank=True,
        max_length=2000,
        help_text="The address that events are sent to: https, unless the operator allows the host. Empty: the agent's webhook_url.",
    )
    event_types = Several(
        child=Text(), help_text="Which events are sent: exact types or branches, such as run.failed and external.*."
    )
    delivered_pos = serializers.IntegerField(
        read_only=True, source="pos", help_text="Every event that was wanted, up to this pos, was taken."
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
        extra_kwargs = said(
            id="The webhook's id.",
            active="Whether events are sent to it.",
            disabled_reason="Why the platform switched it off; empty otherwise.",
            failures="How many deliveries in succession were not taken.",
            failing_since="When the first of these failures happened; null without any.",
            next_at="No delivery is tried before this moment.",
            missed="How many events were pruned before they could be sent.",
            old_secret_until="Until when deliveries are signed with the former secret, too; null if they are not.",  # noqa: S106 - a text about one
            created_at="When the webhook was made.",
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
    secret = serializers.CharField(read_only=True, help_text="What deliveries are signed with, shown this once.")

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")


class WebhookRotationSerializer(Strict):
    overlap_seconds = WholeNumber(
        min_value=0,
        max_value=604_800,
        default=int(USUAL_OVERLAP.total_seconds()),
        help_text="Seconds for which deliveries are signed with the former secret, too.",
    )


class WebhookSecretSerializer(Strict):
    secret = serializers.CharField(read_only=True, help_text="The new secret, shown this once.")


class DeliverySerializer(StrictModel):
    class Meta:
        model = WebhookDelivery
        fields = ("id", "pos", "event_id", "event_type", "state", "attempts", "status", "error", "duration_ms", "at")
        read_only_fields = fields
        extra_kwargs = said(
            id="The delivery's id.",
            pos="The place of the event among all events of the platform.",
            event_id="The id of the event.",
            event_type="The type of the event, such as run.failed.",
            state="Whether it was taken (delivered), is tried again (retrying), or was given up (failed).",
            attempts="How often it was sent.",
            status="The HTTP status that the receiver answered last; null if it answered nothing.",
            error="Why it was not taken; empty if it was.",
            duration_ms="How long the last try took, in milliseconds.",
            at="When it was last tried.",
        )


WEBHOOK_ROW: Final = Columns.of(WebhookSerializer)
DELIVERY_ROW: Final = Columns.of(DeliverySerializer)
