"""What is asked for at `/auth/` and answered there."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tasks_app.api.serializers.strict import Strict, Text, YesOrNo
from tasks_app.api.tokens import LONGEST


class ScopeField(Text):
    """Scopes parted by blanks (RFC 6749, 3.3)."""

    def to_internal_value(self, data: Any) -> list[str]:  # type: ignore[override] # of one text, several
        scopes = super().to_internal_value(data).split()
        if not scopes:
            raise ValidationError("Name a scope, or leave this out for all that the agent has.")
        return scopes


class CredentialsSerializer(Strict):
    agent_id = serializers.UUIDField(help_text="The id of the agent that logs in.")
    agent_secret = Text(max_length=200, trim_whitespace=False, help_text="The agent's secret.")
    scope = ScopeField(
        max_length=2000,
        required=False,
        help_text="The scopes that are wanted, parted by blanks. Default: all that the agent has.",
    )


class RefreshSerializer(Strict):
    refresh_token = Text(max_length=LONGEST, help_text="The refresh token of the newest answer: each is good once.")


class RevocationSerializer(Strict):
    token = Text(max_length=LONGEST, help_text="An access or a refresh token of the login to be ended.")
    every_login = YesOrNo(default=False, help_text="Whether to end all logins of the agent, not only the token's.")


class TokenSerializer(serializers.Serializer[dict[str, object]]):
    access_token = serializers.CharField(read_only=True, help_text="The token that goes with every request.")
    token_type = serializers.ChoiceField(
        choices=["Bearer"], read_only=True, help_text="How the token is sent: Authorization: Bearer <token>."
    )
    expires_in = serializers.IntegerField(read_only=True, help_text="Seconds until the access token ends.")
    refresh_token = serializers.CharField(
        read_only=True, help_text="The token that /auth/refresh takes, good for one refresh."
    )
    refresh_expires_in = serializers.IntegerField(read_only=True, help_text="Seconds until the login ends.")
    scopes = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="What the access token allows."
    )


class KeySetSerializer(serializers.Serializer[dict[str, object]]):
    """A JSON Web Key Set (RFC 7517)."""

    keys = serializers.ListField(
        child=serializers.DictField(), read_only=True, help_text="The public keys, each a JSON Web Key (RFC 7517)."
    )
