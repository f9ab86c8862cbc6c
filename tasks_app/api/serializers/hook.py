"""A hook, as it is made, changed and answered."""

from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.said import said
from tasks_app.api.serializers.strict import Strict, StrictModel, Text, WholeNumber
from tasks_app.models import Hook

_URL: Final = "The address to be entered at the sender. It holds the token, and is shown this once."
_PROOF: Final = "What proves that a sender knows the address, shown this once."
_HEADER: Final = r"^[A-Za-z0-9-]{1,100}$"


def _header(*, of: str, usual: str) -> serializers.RegexField:
    said_of = f"The header that {of}, for the preset generic only. Empty: {usual}."
    return serializers.RegexField(_HEADER, required=False, allow_blank=True, help_text=said_of)


class HookSerializer(StrictModel):
    created_by = serializers.UUIDField(
        required=False,
        source="agent_id",
        help_text="The id of the agent that owns it. Default: the caller; only an admin may name another.",
    )
    signature_header = _header(of="holds the signature", usual="X-Signature")
    timestamp_header = _header(of="says when it was signed, in seconds since 1970", usual="X-Timestamp")
    delivery_header = _header(of="tells one delivery from another", usual="X-Delivery-Id")

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
        extra_kwargs = said(
            id="The hook's id.",
            name="What people call the hook.",
            topic="What its events are about; each is external.<topic>, followed by what the sender calls it.",
            preset="Which service sends, and so how it signs; generic for any other. See docs/webhooks.md.",
            active="Whether what comes in is taken; it is refused otherwise. Default: true.",
            received_at="When the last event came in; null before the first.",
            old_secret_until="Until when the secret before the present one is good, too; null if it is not.",  # noqa: S106 - a text about one
            created_at="When the hook was made.",
        )


class NewHookSerializer(HookSerializer):
    secret = Text(
        required=False,
        write_only=True,
        trim_whitespace=False,
        help_text="What the sender signs with, of 16 to 200 characters; one is made unless it is given.",
    )

    class Meta(HookSerializer.Meta):
        fields = (*HookSerializer.Meta.fields, "secret")


class HookChangeSerializer(NewHookSerializer):
    """What is sent to change a hook. Whose it is, and whose way of signing it knows, never change."""

    overlap_seconds = WholeNumber(
        required=False,
        write_only=True,
        min_value=0,
        max_value=604_800,
        help_text="Seconds for which the secret before a new one is good, too. Default: 86400.",
    )

    class Meta(NewHookSerializer.Meta):
        fields = ("name", "topic", "active", "secret", "overlap_seconds")
        read_only_fields = ()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "overlap_seconds" in attrs and "secret" not in attrs:
            raise ValidationError({"overlap_seconds": "Only another secret can overlap with the one before it."})
        return attrs


class MadeHookSerializer(HookSerializer):
    url = serializers.URLField(read_only=True, help_text=_URL)
    token = serializers.CharField(read_only=True, help_text=_PROOF)
    secret = serializers.CharField(read_only=True, help_text="What the sender signs with, shown this once.")

    class Meta(HookSerializer.Meta):
        fields = (*HookSerializer.Meta.fields, "url", "token", "secret")


class HookAddressSerializer(Strict):
    url = serializers.URLField(read_only=True, help_text=_URL)
    token = serializers.CharField(read_only=True, help_text=_PROOF)


class ReceivedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(
        read_only=True, allow_null=True, help_text="The id of the event that it became; null if it became none."
    )
    again = serializers.BooleanField(
        read_only=True, help_text="Whether it had come in before, and was not published again."
    )


HOOK_ROW: Final = Columns.of(HookSerializer)
