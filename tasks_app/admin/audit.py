"""The audit: who changed what, newest first."""

from django.contrib import admin
from django.utils.safestring import SafeString

from tasks_app.admin.appearance import column, in_utc, json_block
from tasks_app.admin.reading import ChoiceFilter, LongListAdmin
from tasks_app.models import AuditEntry


class KindFilter(ChoiceFilter):
    title = "about"
    parameter_name = "object_kind"
    choices_of = [
        ("task", "tasks"),
        ("run", "runs"),
        ("agent", "agents"),
        ("deadletter", "dead letters"),
        ("destination", "destinations"),
        ("tool", "tools"),
        ("secret", "secrets"),
    ]


@admin.register(AuditEntry)
class AuditEntryAdmin(LongListAdmin):
    list_display = ["action", "actor", "about", "moment", "request_id"]
    list_filter = [KindFilter]
    search_fields = ["=actor", "=action", "=request_id"]
    search_help_text = "The id of what was changed, or exactly an actor, an action or a request id"
    id_fields = ["object_id"]
    fields = ["action", "actor", "about", "moment", "request_id", "details_text"]
    readonly_fields = ["about", "moment", "details_text"]

    @column("About")
    def about(self, entry: AuditEntry) -> str:
        return f"{entry.object_kind}:{entry.object_id}"

    @column("At (UTC)")
    def moment(self, entry: AuditEntry) -> str | None:
        return in_utc(entry.at)

    @column("Details")
    def details_text(self, entry: AuditEntry) -> SafeString | None:
        return json_block(entry.details)
