"""Tasks: their list with bulk wishes, and the page of one."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from tasks_app.admin import task_page
from tasks_app.admin.appearance import badge, column, in_utc, json_block, run_badge
from tasks_app.admin.asking import AskingAdmin, actor_of, ask_for_each
from tasks_app.admin.instants import InstantTable
from tasks_app.admin.task_form import DraftForm, IndentedJSONField, TaskForm, faults_in
from tasks_app.models import Task
from tasks_app.services import preview, tasks
from tasks_app.states import TaskMode, TaskStatus

_HELD = ["status_label", "next_run", "version", "created", "updated", "id"]
_PREVIEWED: Final = "ordinaut-previewed"  # the section below which the preview is shown
_WHEN: Final[list[tuple[str, list[Any], list[str]]]] = [
    ("When", ["schedule_kind", "schedule_expr", ("timezone", "dtstart"), "dst_policy"], []),
    (
        "On which days, at which hours",
        [("calendar", "calendar_policy"), "quiet_hours", "jitter_seconds", "starts_at", "ends_at", "max_occurrences"],
        [_PREVIEWED],
    ),
]
_RULES: Final[list[tuple[str, list[Any]]]] = [
    ("Missed and overlapping runs", [
        ("misfire_policy", "overlap_policy"),
        ("catch_up_window_seconds", "catch_up_limit"),
        ("concurrency_key", "concurrency_limit"),
        ("dedupe_key", "dedupe_window_seconds"),
    ]),
    ("Conditions", ["probe", ("poll_seconds", "cooldown_seconds")]),
    ("Retries and limits", [
        ("priority", "timeout_seconds"), ("max_retries", "backoff_strategy"), ("retry_delay_seconds", "queue_timeout_seconds"),
    ]),
]  # fmt: skip


@admin.register(Task)
class TaskAdmin(AskingAdmin):
    form = TaskForm
    formfield_overrides = {models.JSONField: {"form_class": IndentedJSONField}}
    list_display = [
        "title", "owner", "schedule_text", "status_label", "next_run", "last_run", "last_state", "priority",
    ]  # fmt: skip
    list_filter = ["status", "schedule_kind", "created_by"]
    search_fields = ["title"]
    ordering = ["-id"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["run_now", "simulate", "pause", "resume", "cancel"]
    readonly_fields = [*_HELD, "payload_text"]
    change_form_outer_before_template = "tasks_admin/task_page.html"
    change_form_template = "tasks_admin/task_form.html"

    class Media:
        js = ["tasks_admin/draft.js"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Task]:
        return Task.objects.present().with_last_run().select_related("created_by")

    def get_fieldsets(self, request: HttpRequest, obj: Task | None = None) -> Any:
        payload = "payload" if obj is None or self.has_change_permission(request, obj) else "payload_text"
        sections: list[tuple[str | None, dict[str, Any]]] = [
            (None, {"fields": ["title", "description", "created_by"]}),
            *((name, {"fields": fields, "classes": classes}) for name, fields, classes in _WHEN),
            ("What", {"fields": [payload, "mode"]}),
            *((name, {"fields": fields}) for name, fields in _RULES),
        ]
        return [*sections, ("State", {"fields": _HELD})] if obj else sections

    def get_readonly_fields(self, request: HttpRequest, obj: Task | None = None) -> list[str]:
        return [*self.readonly_fields, "created_by"] if obj else self.readonly_fields

    def has_change_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        """A canceled task stays as it is."""
        final = obj is not None and obj.status == TaskStatus.CANCELED
        return not final and bool(super().has_change_permission(request, obj))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if task := kwargs.get("obj"):
            context["task_page"] = task_page.of(task, may_ask=self.has_change_permission(request))
        response: HttpResponse = super().render_change_form(request, context, **kwargs)
        return response

    def get_urls(self) -> list[URLPattern]:
        draft = self.admin_site.admin_view(require_POST(self.draft))
        return [
            path("draft/", draft, name="tasks_task_draft"),
            path("<uuid:pk>/draft/", draft, name="tasks_task_change_draft"),
            *super().get_urls(),
        ]

    def draft(self, request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
        """What the schedule in the form would do, as a part of the page that it is written on."""
        task = get_object_or_404(Task.objects.present().select_related("created_by", "calendar"), pk=pk) if pk else None
        if not (self.has_change_permission(request, task) if task else self.has_add_permission(request)):
            raise PermissionDenied
        written = flatten_fieldsets(
            self.get_fieldsets(request, task)
        )  # a field that the page does not have is not sent
        fields = [name for name in written if name in preview.FIELDS or (name == "created_by" and not task)]
        form = self.get_form(request, task, change=task is not None, form=DraftForm, fields=fields)(
            request.POST, instance=task
        )
        assert isinstance(form, DraftForm)
        shown = InstantTable.of(form.shown) if form.is_valid() and form.shown else None
        return render(request, "tasks_admin/draft.html", {"instants": shown, "faults": faults_in(form)})

    @column("Owner", ordering="created_by__name")
    def owner(self, task: Task) -> str:
        return task.created_by.name

    @column("Schedule", ordering="schedule_kind")
    def schedule_text(self, task: Task) -> str:
        words = f"{task.schedule_kind} {task.schedule_expr}".rstrip()
        return words if len(words) <= 36 else f"{words[:35]}…"

    @column("Status", ordering="status")
    def status_label(self, task: Task) -> SafeString | None:
        return run_badge(task.status, simulated=task.mode == TaskMode.SIMULATE)

    @column("Next run (UTC)", ordering="next_run_at")
    def next_run(self, task: Task) -> str | None:
        return in_utc(task.next_run_at)

    @column("Last run (UTC)")
    def last_run(self, task: Task) -> str | None:
        return in_utc(task.last_run_at)

    @column("Last state")
    def last_state(self, task: Task) -> SafeString | None:
        return badge(task.last_status)

    @column("Created (UTC)")
    def created(self, task: Task) -> str | None:
        return in_utc(task.created_at)

    @column("Updated (UTC)")
    def updated(self, task: Task) -> str | None:
        return in_utc(task.updated_at)

    @column("Payload")
    def payload_text(self, task: Task) -> SafeString | None:
        return json_block(task.payload)

    @admin.action(description="Run now", permissions=["change"])
    def run_now(self, request: HttpRequest, queryset: models.QuerySet[Task]) -> None:
        ask_for_each(self, request, queryset, tasks.run_now, done="queued to run now")

    @admin.action(description="Simulate a run now", permissions=["change"])
    def simulate(self, request: HttpRequest, queryset: models.QuerySet[Task]) -> None:
        pretend = partial(tasks.run_now, mode=TaskMode.SIMULATE)
        ask_for_each(self, request, queryset, pretend, done="queued to be simulated now")

    @admin.action(description="Pause", permissions=["change"])
    def pause(self, request: HttpRequest, queryset: models.QuerySet[Task]) -> None:
        ask_for_each(self, request, queryset, tasks.pause, done="paused")

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: models.QuerySet[Task]) -> None:
        ask_for_each(self, request, queryset, tasks.resume, done="resumed")

    @admin.action(description="Cancel for good", permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: models.QuerySet[Task]) -> None:
        ask_for_each(self, request, queryset, tasks.cancel, done="canceled")

    def delete_model(self, request: HttpRequest, obj: Task) -> None:
        tasks.delete(obj, actor=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Task]) -> None:
        for task in queryset:
            self.delete_model(request, task)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """The tasks alone: their history goes out of sight with them and is pruned later, row by row."""
        titles = [str(task) for task in objs]
        return titles, {"tasks": len(titles)}, set(), []
