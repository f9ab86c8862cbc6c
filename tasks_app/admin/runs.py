"""Runs: their list, and the page of one with its attempts, steps and events."""

from datetime import timedelta
from typing import Any, Final

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tasks_app.admin import run_page
from tasks_app.admin.appearance import column, in_utc, json_block, lasted, run_badge
from tasks_app.admin.reading import LongListAdmin
from tasks_app.admin.run_actions import RunActions
from tasks_app.masking import masked
from tasks_app.models import Run
from tasks_app.models.ids import oldest_id


class CreatedFilter(admin.SimpleListFilter):
    """Told by the keys, which begin with the time they were made: no other index is needed."""

    title = "created"
    parameter_name = "created"
    windows: Final = {
        "hour": ("in the last hour", timedelta(hours=1)),
        "day": ("in the last 24 hours", timedelta(days=1)),
        "week": ("in the last 7 days", timedelta(days=7)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, words) for name, (words, _) in self.windows.items()]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Run]) -> models.QuerySet[Run]:
        if (name := self.value()) not in self.windows:
            return queryset
        return queryset.filter(pk__gte=oldest_id(timezone.now() - self.windows[name][1]))


@admin.register(Run)
class RunAdmin(RunActions, LongListAdmin):
    list_display = [
        "task_title", "state_label", "trigger", "scheduled", "started", "took", "attempt", "worker",
    ]  # fmt: skip
    list_filter = ["state", "waiting_for", "trigger", "simulated", CreatedFilter]
    list_select_related = ["task"]
    search_fields = ["task__title"]
    search_help_text = "A task's title, or the id of a run or a task"
    id_fields = ["pk", "task"]
    change_form_outer_before_template = "tasks_admin/run_buttons.html"
    change_form_outer_after_template = "tasks_admin/run_page.html"
    fieldsets = [
        (None, {"fields": ["task_link", "state_label", "error_text", "started", "took"]}),
        (
            "More",
            {
                "classes": ["collapse"],
                "fields": [
                    "id", "trigger", "scheduled", "created", "due", "finished", "waiting_for", "worker", "attempt",
                    "failures", "losses", "priority", "task_version", "input_text", "request_id",
                ],
            },
        ),
    ]  # fmt: skip
    readonly_fields = [
        "task_link", "state_label", "error_text", "input_text", "scheduled", "created", "due", "started", "finished",
        "took",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Run]:
        present: models.QuerySet[Run] = super().get_queryset(request).filter(task__deleted_at=None)
        return present

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        context["run_page"] = run_page.of(kwargs["obj"], may_ask=self.has_ask_permission(request))
        response: HttpResponse = super().render_change_form(request, context, **kwargs)
        return response

    @column("Task")
    def task_title(self, run: Run) -> str:
        return run.task.title

    @column("Task")
    def task_link(self, run: Run) -> SafeString:
        address = reverse("admin:tasks_task_change", args=[run.task_id])
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', address, run.task.title
        )

    @column("State")
    def state_label(self, run: Run) -> SafeString | None:
        return run_badge(run.state, simulated=run.simulated)

    @column("Scheduled for (UTC)")
    def scheduled(self, run: Run) -> str | None:
        return in_utc(run.scheduled_for)

    @column("Created (UTC)")
    def created(self, run: Run) -> str | None:
        return in_utc(run.created_at)

    @column("May be claimed from (UTC)")
    def due(self, run: Run) -> str | None:
        return in_utc(run.run_at)

    @column("Started (UTC)")
    def started(self, run: Run) -> str | None:
        return in_utc(run.started_at)

    @column("Finished (UTC)")
    def finished(self, run: Run) -> str | None:
        return in_utc(run.finished_at)

    @column("Took")
    def took(self, run: Run) -> str | None:
        return lasted(run.finished_at - run.started_at) if run.finished_at and run.started_at else None

    @column("Error")
    def error_text(self, run: Run) -> SafeString | None:
        return json_block(run.error)

    @column("Input")
    def input_text(self, run: Run) -> SafeString | None:
        return json_block(masked(run.input))
