"""A hook, as it is made, changed and answered."""

from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.strict import Strict, StrictModel, Text, WholeNumber
from tasks_app.models import Hook

_HEADER: Final = r"^[A-Za-z0-9-]{1,100}$"


def _header() -> serializers.RegexField:
    return serializers.RegexField(_HEADER, required=False, allow_blank=True, help_text="Of the preset generic only.")


class HookSerializer(StrictModel):
    created_by = serializers.UUIDField(
        required=False, source="agent_id", help_text="Its owner; only an admin may name another."
    )
    signature_header, timestamp_header, delivery_header = _header(), _header(), _header()

    class Meta:
        model = Hook
        fields: tuple[str, ...] = (
            "id",
            "created_by",
            "name",
            "topic",
            "preset",
            "signature_header",
            "timestamp_header",
            "delivery_header",
            "active",
            "received_at",
            "old_secret_until",
            "created_at",
        )
        read_only_fields: tuple[str, ...] = ("id", "received_at", "old_secret_until", "created_at")


class NewHookSerializer(HookSerializer):
    secret = Text(
        required=False,
        write_only=True,
        trim_whitespace=False,
        help_text="What the sender signs with; one is made unless given.",
    )

    class Meta(HookSerializer.Meta):
        fields = (*HookSerializer.Meta.fields, "secret")


class HookChangeSerializer(NewHookSerializer):
    """Whose a hook is, and whose way of signing it knows, never change."""

    overlap_seconds = WholeNumber(
        required=False,
        write_only=True,
        min_value=0,
        max_value=604_800,
        help_text="With a secret: how long the one before it is good, too; a day unless given.",
    )

    class Meta(NewHookSerializer.Meta):
        fields = ("name", "topic", "active", "secret", "overlap_seconds")
        read_only_fields = ()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "overlap_seconds" in attrs and "secret" not in attrs:
            raise ValidationError({"overlap_seconds": "Only another secret can overlap with the one before it."})
        return attrs


class MadeHookSerializer(HookSerializer):
    url = serializers.URLField(read_only=True, help_text="Where the sender sends. It holds the token: shown this once.")
    token = serializers.CharField(read_only=True, help_text="Shown this once.")
    secret = serializers.CharField(read_only=True, help_text="What the sender signs with. Shown this once.")

    class Meta(HookSerializer.Meta):
        fields = (*HookSerializer.Meta.fields, "url", "token", "secret")


class HookAddressSerializer(Strict):
    url = serializers.URLField(read_only=True)
    token = serializers.CharField(read_only=True, help_text="Shown this once.")


class ReceivedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(read_only=True, allow_null=True, help_text="The event that it became.")
    again = serializers.BooleanField(read_only=True, help_text="It had come in before, and was not published again.")


HOOK_ROW: Final = Columns.of(HookSerializer)
