"""The names of everything that can be recorded, in the past tense."""

from typing import Final

from django.db.models import TextChoices

# Before the topic of what somebody outside publishes: these names alone are not ours to list.
EXTERNAL: Final = "external."


class EventType(TextChoices):
    TASK_CREATED = "task.created"
    TASK_UPDATED = "task.updated"
    TASK_PAUSED = "task.paused"
    TASK_RESUMED = "task.resumed"
    TASK_SNOOZED = "task.snoozed"
    TASK_CANCELED = "task.canceled"
    TASK_COMPLETED = "task.completed"
    TASK_DELETED = "task.deleted"
    OCCURRENCE_SKIPPED = "occurrence.skipped"
    RUN_QUEUED = "run.queued"
    RUN_STARTED = "run.started"
    RUN_STEP_BEGUN = "run.step_begun"
    RUN_STEP_SUCCEEDED = "run.step_succeeded"
    RUN_STEP_FAILED = "run.step_failed"
    RUN_STEP_SKIPPED = "run.step_skipped"
    RUN_STEP_WAITING = "run.step_waiting"
    RUN_WAITING = "run.waiting"
    RUN_RETRIED = "run.retried"
    RUN_SUCCEEDED = "run.succeeded"
    RUN_FAILED = "run.failed"
    RUN_CANCELED = "run.canceled"
    RUN_TIMED_OUT = "run.timed_out"
    AGENT_CREATED = "agent.created"
    AGENT_UPDATED = "agent.updated"
    AGENT_WEBHOOK_DISABLED = "agent.webhook_disabled"
    AGENT_WEBHOOK_ENABLED = "agent.webhook_enabled"
    WORKER_STARTED = "worker.started"
    WORKER_STOPPED = "worker.stopped"
    WORKER_LOST = "worker.lost"
