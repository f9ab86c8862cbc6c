"""An entry of the audit, and what became of all of them."""

from typing import Any, Final

from rest_framework import serializers

from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.said import said
from tasks_app.models import AuditEntry


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    details = serializers.DictField(read_only=True, help_text="What was changed, without secrets.")

    class Meta:
        model = AuditEntry
        fields = ("id", "at", "actor", "action", "object_kind", "object_id", "request_id", "details")
        read_only_fields = fields
        extra_kwargs = said(
            id="The entry's number.",
            at="When it happened.",
            actor="Who did it: agent:<id>, user:<name> or system.",
            action="What was done, such as agent.disabled.",
            object_kind="The kind of what it was done to, such as task or agent.",
            object_id="The id of what it was done to; null where that has none.",
            request_id="The X-Request-ID of the request that did it; empty where none did.",
        )


class DamageSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField(
        allow_null=True, help_text="Its position in the chain of entries; null where that is not known."
    )
    entry = serializers.IntegerField(allow_null=True, help_text="The id of the entry; null where there is none.")
    what = serializers.CharField(help_text="What is wrong with it.")


class VerdictSerializer(serializers.Serializer[Any]):
    intact = serializers.BooleanField(help_text="Whether every entry is as it was written.")
    first = serializers.IntegerField(help_text="The first position that is kept; 0 without entries.")
    checked = serializers.IntegerField(help_text="How many entries were checked.")
    head = serializers.CharField(help_text="The last position and its digest: note it elsewhere.")
    damage = DamageSerializer(many=True, help_text="The first hundred entries that are not as they were written.")
    more_damage = serializers.IntegerField(help_text="How many more there are than `damage` lists.")


ENTRY_ROW: Final = Columns.of(AuditEntrySerializer)
