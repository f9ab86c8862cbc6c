"""A secret, as it is sent and as it is answered: never with its value."""

from typing import Any

from rest_framework import serializers

from tasks_app.api.serializers.said import said
from tasks_app.api.serializers.strict import Several, StrictModel, Text
from tasks_app.models import Secret


class SecretSerializer(StrictModel):
    value = Text(
        write_only=True, trim_whitespace=False, help_text="What is kept secret: it is encrypted, and never answered."
    )
    hosts = Several(
        child=Text(),
        required=False,
        help_text="The hosts that it may be sent to: api.example.org, or *.example.org for names below.",
    )
    owner = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="The id of the agent whose runs may use it; null for all. Default: the caller; only an admin may name others.",
    )

    class Meta:
        model = Secret
        fields = ("name", "value", "hosts", "owner", "key_id", "created_at", "rotated_at")
        read_only_fields = ("name", "key_id", "created_at", "rotated_at")
        extra_kwargs = said(
            name="What tools call it: ${secrets('name')}.",
            key_id="Which of the platform's keys encrypted it.",
            created_at="When it was first kept.",
            rotated_at="When its value was last given.",
        )
        validators: tuple[()] = ()


def answer(secret: Secret) -> dict[str, Any]:
    return {
        "name": secret.name,
        "hosts": secret.hosts,
        "owner": secret.owner_id,
        "key_id": secret.key_id,
        "created_at": secret.created_at,
        "rotated_at": secret.rotated_at,
    }
