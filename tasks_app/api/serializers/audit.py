"""An entry of the audit, and what became of all of them."""

from typing import Any, Final

from rest_framework import serializers

from tasks_app.api.serializers.columns import Columns
from tasks_app.models import AuditEntry


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    details = serializers.DictField(read_only=True)

    class Meta:
        model = AuditEntry
        fields = ("id", "at", "actor", "action", "object_kind", "object_id", "request_id", "details")
        read_only_fields = fields


class DamageSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField(allow_null=True, help_text="In the chain.")
    entry = serializers.IntegerField(allow_null=True, help_text="The id of the entry.")
    what = serializers.CharField()


class VerdictSerializer(serializers.Serializer[Any]):
    intact = serializers.BooleanField(help_text="Whether every entry is as it was written.")
    first = serializers.IntegerField(help_text="The first position that is kept; 0 without entries.")
    checked = serializers.IntegerField()
    head = serializers.CharField(help_text="The last position and its digest: note it elsewhere.")
    damage = DamageSerializer(many=True, help_text="The first hundred.")
    more_damage = serializers.IntegerField()


ENTRY_ROW: Final = Columns.of(AuditEntrySerializer)
