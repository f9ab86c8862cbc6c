"""Every address of the API, below `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from tasks_app.api.views.agent import AgentViewSet
from tasks_app.api.views.audit import AuditViewSet
from tasks_app.api.views.breaker import BreakerViewSet
from tasks_app.api.views.bulk import BulkViewSet
from tasks_app.api.views.calendar import CalendarViewSet
from tasks_app.api.views.conflicts import ConflictsViewSet
from tasks_app.api.views.event import EventViewSet
from tasks_app.api.views.event_stream import EventStreamViewSet
from tasks_app.api.views.hook import HookViewSet
from tasks_app.api.views.occurrence import OccurrenceViewSet
from tasks_app.api.views.pipeline import DefinitionSchemaView, DraftViewSet
from tasks_app.api.views.porting import ExportViewSet, PortingViewSet
from tasks_app.api.views.run import RunViewSet
from tasks_app.api.views.secret import SecretViewSet
from tasks_app.api.views.task import TaskViewSet
from tasks_app.api.views.task_stats import TaskStatsViewSet
from tasks_app.api.views.token import RefreshView, RevokeView, TokenView
from tasks_app.api.views.tool import ToolViewSet
from tasks_app.api.views.webhook import DeliveryViewSet, WebhookViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("tasks", TaskViewSet)
router.register("runs", RunViewSet)
router.register("agents", AgentViewSet)
router.register("audit", AuditViewSet)
router.register("calendars", CalendarViewSet)
router.register("events", EventViewSet)
router.register("tools", ToolViewSet)
router.register("secrets", SecretViewSet)
router.register("hooks", HookViewSet)
router.register("webhooks", WebhookViewSet)
router.register("breakers", BreakerViewSet, basename="breaker")

urlpatterns = [
    path("auth/token", TokenView.as_view(schema=None), name="token"),  # documented as /auth/token, without a prefix
    path("auth/refresh", RefreshView.as_view(schema=None), name="refresh"),
    path("auth/revoke", RevokeView.as_view(schema=None), name="revoke"),
    path("tasks/bulk", BulkViewSet.as_view({"post": "create"}), name="tasks-bulk"),
    path("tasks/bulk/pause", BulkViewSet.as_view({"post": "pause"}), name="tasks-bulk-pause"),
    path("tasks/bulk/resume", BulkViewSet.as_view({"post": "resume"}), name="tasks-bulk-resume"),
    path("tasks/bulk/cancel", BulkViewSet.as_view({"post": "cancel"}), name="tasks-bulk-cancel"),
    path("tasks/bulk/delete", BulkViewSet.as_view({"post": "destroy"}), name="tasks-bulk-delete"),
    path("tasks/bulk/run_now", BulkViewSet.as_view({"post": "run_now"}), name="tasks-bulk-run-now"),
    path("tasks/<uuid:task>/runs", RunViewSet.as_view({"get": "of_task"}), name="task-runs"),
    path("tasks/<uuid:task>/stats", TaskStatsViewSet.as_view({"get": "stats"}), name="task-stats"),
    path("tasks/<uuid:task>/occurrences", OccurrenceViewSet.as_view({"get": "of_task"}), name="task-occurrences"),
    path("tasks/<uuid:task>/why", OccurrenceViewSet.as_view({"get": "why"}), name="task-why"),
    path("tasks/<uuid:task>/ledger", OccurrenceViewSet.as_view({"get": "ledger"}), name="task-ledger"),
    path("tasks/export", ExportViewSet.as_view({"get": "export"}), name="tasks-export"),
    path("tasks/import", PortingViewSet.as_view({"post": "import_document"}), name="tasks-import"),
    path("tasks/plan", PortingViewSet.as_view({"post": "plan"}), name="tasks-plan"),
    path("tasks/apply", PortingViewSet.as_view({"post": "apply"}), name="tasks-apply"),
    path("schedules/preview", OccurrenceViewSet.as_view({"post": "preview"}), name="schedule-preview"),
    path("schedules/conflicts", ConflictsViewSet.as_view({"get": "conflicts"}), name="schedule-conflicts"),
    path("pipelines/schema", DefinitionSchemaView.as_view({"get": "schema_of_definitions"}), name="pipeline-schema"),
    path("pipelines/validate", DraftViewSet.as_view({"post": "validate"}), name="pipeline-validate"),
    path("pipelines/render", DraftViewSet.as_view({"post": "render"}), name="pipeline-render"),
    path("events/stream", EventStreamViewSet.as_view({"get": "stream"}), name="event-stream"),
    path("webhooks/<uuid:webhook>/deliveries", DeliveryViewSet.as_view({"get": "list"}), name="deliveries"),
    path(
        "webhooks/<uuid:webhook>/deliveries/<uuid:pk>/replay",
        DeliveryViewSet.as_view({"post": "replay"}),
        name="delivery-replay",
    ),
    *router.urls,
]
