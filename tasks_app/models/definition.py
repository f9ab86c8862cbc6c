"""TaskDefinition: what one version of a task does. Runs keep the version they were planned with."""

from django.db import models

from tasks_app.models.json_field import JSONField
from tasks_app.models.task import Task
from tasks_app.states import BackoffStrategy


class TaskDefinition(models.Model):
    pk = models.CompositePrimaryKey("task_id", "version")
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="definitions")
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    timezone = models.CharField(max_length=64)
    payload = JSONField()
    max_retries = models.PositiveSmallIntegerField()
    backoff_strategy = models.CharField(max_length=20, choices=BackoffStrategy)
    retry_delay_seconds = models.PositiveIntegerField()
    timeout_seconds = models.PositiveIntegerField()
    budgeted = models.BooleanField(db_default=False, help_text="What the calls of its runs use up is limited.")

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"
