"""A secret, as it is sent and as it is answered: never with its value."""

from typing import Any

from rest_framework import serializers

from tasks_app.api.serializers.strict import Several, StrictModel, Text
from tasks_app.models import Secret


class SecretSerializer(StrictModel):
    value = Text(write_only=True, trim_whitespace=False, help_text="Taken, encrypted, and never answered.")
    hosts = Several(
        child=Text(),
        required=False,
        help_text="Where it may be sent: api.example.org, or *.example.org for names below.",
    )
    owner = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="The agent whose runs may use it, the caller unless given; only an admin names another, or null for all.",
    )

    class Meta:
        model = Secret
        fields = ("name", "value", "hosts", "owner", "key_id", "created_at", "rotated_at")
        read_only_fields = ("name", "key_id", "created_at", "rotated_at")
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
