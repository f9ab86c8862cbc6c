"""Task: what is to be done, and when."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.base import ModelState
from django.db.models.functions import Now

import schedules
from tasks_app.models.agent import Agent
from tasks_app.models.calendar import Calendar
from tasks_app.models.ids import new_id
from tasks_app.models.json_field import JSONField
from tasks_app.models.owned import OwnedQuerySet
from tasks_app.states import (
    BackoffStrategy,
    CalendarPolicy,
    MisfirePolicy,
    OverlapPolicy,
    RunState,
    ScheduleKind,
    TaskMode,
    TaskStatus,
)


class TaskQuerySet(OwnedQuerySet["Task"]):
    owner = "created_by"

    def present(self) -> Self:
        return self.filter(deleted_at=None)

    def due(self) -> Self:
        """Tasks with an instant that has come; paused ones too, whose instants go into the ledger."""
        return self.filter(due_at__lte=Now()).exclude(schedule_kind=ScheduleKind.CONDITION).order_by("due_at", "id")

    def planned(self) -> Self:
        """Tasks whose schedule has a next instant."""
        return self.filter(due_at__isnull=False).exclude(schedule_kind=ScheduleKind.CONDITION)

    def listening(self) -> Self:
        """Those that events reach; paused ones too, in whose ledger they go."""
        return self.present().filter(
            schedule_kind=ScheduleKind.EVENT, status__in=[TaskStatus.ACTIVE, TaskStatus.PAUSED]
        )

    def to_be_looked_at(self) -> Self:
        """Conditions whose next look has come; paused ones are not looked at."""
        due = self.present().filter(due_at__lte=Now(), schedule_kind=ScheduleKind.CONDITION, status=TaskStatus.ACTIVE)
        return due.order_by("due_at", "id")

    def for_planning(self, *more: str) -> Self:
        """With the columns that say when, and `more`: a tick reads thousands of rows, and each column costs."""
        return self.only(
            "schedule_kind",
            "schedule_expr",
            "timezone",
            "dtstart",
            "starts_at",
            "ends_at",
            "max_occurrences",
            "occurrences",
            "dst_policy",
            "calendar_policy",
            "misfire_policy",
            "catch_up_window_seconds",
            "catch_up_limit",
            "overlap_policy",
            "jitter_seconds",
            "quiet_hours",
            "concurrency_key",
            "concurrency_limit",
            "dedupe_key",
            "dedupe_window_seconds",
            "queue_timeout_seconds",
            "status",
            "mode",
            "priority",
            "causation",
            "version",
            "created_by_id",
            "due_at",
            "deferred_to",
            "snoozes",
            "calendar_id",
            *more,
        )

    def with_last_run(self) -> Self:
        """Adds `last_run_at` and `last_status`: its newest live run's start (null before it) and state."""
        from tasks_app.models.run import Run  # noqa: PLC0415 - a run points at its task

        newest = Run.objects.filter(task=models.OuterRef("pk"), simulated=False).order_by("-id")
        return self.annotate(
            last_run_at=models.Subquery(newest.values("started_at")[:1]),
            last_status=models.Subquery(newest.values("state")[:1]),
        )


class Task(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="", validators=[MaxLengthValidator(2000)])
    created_by = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    schedule_kind = models.CharField(max_length=20, choices=ScheduleKind)
    schedule_expr = models.CharField(max_length=1000, blank=True, default="")
    timezone = models.CharField(max_length=64)
    dtstart = models.CharField(max_length=32, help_text="Anchor of the schedule: ISO 8601, local to the zone.")
    starts_at = models.DateTimeField(null=True, blank=True, help_text="No instant before it counts.")
    ends_at = models.DateTimeField(null=True, blank=True, help_text="No instant after it counts.")
    max_occurrences = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Runs that the schedule gives, at most."
    )
    dst_policy = models.CharField(max_length=64, blank=True, default="", help_text='Words such as "skip, both".')
    calendar = models.ForeignKey(
        Calendar, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks", db_index=False
    )
    calendar_policy = models.CharField(max_length=30, choices=CalendarPolicy, default=CalendarPolicy.EXCLUDE)
    misfire_policy = models.CharField(max_length=10, choices=MisfirePolicy, default=MisfirePolicy.LATEST)
    catch_up_window_seconds = models.PositiveIntegerField(
        default=86_400, validators=[MinValueValidator(1), MaxValueValidator(31_622_400)]
    )
    catch_up_limit = models.PositiveIntegerField(
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text="With the misfire policy all.",
    )
    overlap_policy = models.CharField(max_length=20, choices=OverlapPolicy, default=OverlapPolicy.ALLOW)
    jitter_seconds = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(86_400)])
    quiet_hours = JSONField(blank=True, default=list)
    concurrency_key = models.CharField(max_length=200, blank=True, default="")
    concurrency_limit = models.PositiveIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    dedupe_key = models.CharField(max_length=200, blank=True, default="")
    dedupe_window_seconds = models.PositiveIntegerField(
        default=3600, validators=[MinValueValidator(1), MaxValueValidator(31_622_400)]
    )
    probe = JSONField(null=True, blank=True, help_text="The step whose output a condition looks at.")
    poll_seconds = models.PositiveIntegerField(
        default=60, validators=[MinValueValidator(5), MaxValueValidator(86_400)], help_text="Between two looks."
    )
    cooldown_seconds = models.PositiveIntegerField(
        default=0, validators=[MaxValueValidator(31_622_400)], help_text="From one run of a condition to the next."
    )
    payload = JSONField()
    status = models.CharField(max_length=20, choices=TaskStatus, default=TaskStatus.ACTIVE)
    mode = models.CharField(
        max_length=10,
        choices=TaskMode,
        default=TaskMode.LIVE,
        db_default=TaskMode.LIVE,
        help_text="simulate: its runs call no tool, and nothing counts them as successes.",
    )
    priority = models.PositiveSmallIntegerField(default=5, validators=[MinValueValidator(1), MaxValueValidator(9)])
    max_retries = models.PositiveSmallIntegerField(default=3, validators=[MaxValueValidator(10)])
    backoff_strategy = models.CharField(
        max_length=20, choices=BackoffStrategy, default=BackoffStrategy.EXPONENTIAL_JITTER
    )
    retry_delay_seconds = models.PositiveIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(86_400)]
    )
    timeout_seconds = models.PositiveIntegerField(
        default=300, validators=[MinValueValidator(1), MaxValueValidator(86_400)]
    )
    queue_timeout_seconds = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31_622_400)],
        help_text="A run that no worker begins with in so many seconds is given up; empty: never.",
    )
    calls_per_day = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Calls with effects that its runs may make on one day (UTC).",
    )
    tokens_per_day = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Tokens that its calls may use up on one day.",
    )
    microdollars_per_day = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Millionths of a dollar that its calls may cost on one day.",
    )
    causation = models.PositiveSmallIntegerField(
        default=0, db_default=0, editable=False, help_text="How many runs, each made by the one before, led to it."
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    next_run_at = models.DateTimeField(null=True, editable=False, help_text="The next instant that makes a run.")
    due_at = models.DateTimeField(null=True, editable=False, help_text="The next instant of any kind.")
    planned_until = models.DateTimeField(
        db_default=Now(), editable=False, help_text="Every instant up to here has its run or its ledger row."
    )
    occurrences = models.PositiveIntegerField(default=0, editable=False, help_text="Runs that the schedule gave.")
    deferred_to = models.DateTimeField(
        null=True, editable=False, help_text="The end of the quiet hours that a run was deferred to last."
    )
    paused_at = models.DateTimeField(null=True, editable=False)
    snoozes = JSONField(null=True, editable=False, help_text="The single instants that were put off.")
    condition_met = models.BooleanField(null=True, editable=False, help_text="What the last look found.")
    condition_error = JSONField(null=True, editable=False, help_text="Why the last look found nothing out.")
    condition_fired_at = models.DateTimeField(null=True, editable=False, help_text="The look that made its last run.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    event_seq = models.PositiveIntegerField(default=0, editable=False)

    if TYPE_CHECKING:  # added by with_last_run()
        last_run_at: datetime | None
        last_status: RunState | None

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["due_at", "id"], name="task_due_order", condition=models.Q(due_at__isnull=False)),
            # Each index is written by every tick of every task: these are the orders that lists are asked for most.
            models.Index(fields=["created_by", "-id"], name="task_of_agent"),
            models.Index(
                fields=["created_by", "next_run_at", "id"],
                name="task_next_of_agent",
                condition=models.Q(deleted_at=None),
            ),
            models.Index(
                fields=["created_by", "updated_at", "id"],
                name="task_changed_of_agent",
                condition=models.Q(deleted_at=None),
            ),
            models.Index(fields=["calendar"], name="task_of_calendar", condition=models.Q(calendar__isnull=False)),
            models.Index(fields=["id"], name="task_deleted", condition=models.Q(deleted_at__isnull=False)),
            models.Index(
                fields=["schedule_expr", "created_by"],
                name="task_listens",
                condition=models.Q(schedule_kind=ScheduleKind.EVENT, status__in=[TaskStatus.ACTIVE, TaskStatus.PAUSED]),
            ),
            models.Index(
                fields=["due_at", "id"],
                name="task_watch_order",
                condition=models.Q(schedule_kind=ScheduleKind.CONDITION, due_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="task_has_title", condition=~models.Q(title="")),
            models.CheckConstraint(name="task_status_known", condition=models.Q(status__in=TaskStatus.values)),
            models.CheckConstraint(name="task_mode_known", condition=models.Q(mode__in=TaskMode.values)),
            models.CheckConstraint(name="task_kind_known", condition=models.Q(schedule_kind__in=ScheduleKind.values)),
            models.CheckConstraint(
                name="task_backoff_known", condition=models.Q(backoff_strategy__in=BackoffStrategy.values)
            ),
            models.CheckConstraint(
                name="task_policies_known",
                condition=models.Q(
                    misfire_policy__in=MisfirePolicy.values,
                    overlap_policy__in=OverlapPolicy.values,
                    calendar_policy__in=CalendarPolicy.values,
                ),
            ),
            models.CheckConstraint(name="task_priority_1_to_9", condition=models.Q(priority__range=(1, 9))),
            models.CheckConstraint(name="task_retries_0_to_10", condition=models.Q(max_retries__range=(0, 10))),
            models.CheckConstraint(
                name="task_ended_plans_nothing",
                condition=models.Q(next_run_at=None, due_at=None)
                | models.Q(status__in=[TaskStatus.ACTIVE, TaskStatus.PAUSED], deleted_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **_: Any) -> Self:
        """As Django's own, without the loops and signals of `__init__`: a tick reads thousands of rows a second."""
        task = cls.__new__(cls)
        state = ModelState()
        state.adding, state.db = False, db
        task.__dict__ |= dict(zip(field_names, values, strict=True)) | {"_state": state}
        return task

    @property
    def is_budgeted(self) -> bool:
        """Whether what its runs' calls use up is limited."""
        return (self.calls_per_day, self.tokens_per_day, self.microdollars_per_day) != (None, None, None)

    @property
    def schedule(self) -> schedules.Schedule:
        """When it is due. Raises `schedules.InvalidSchedule` for fields that make none."""
        return schedules.parse_schedule(
            self.schedule_kind,
            self.schedule_expr,
            timezone=self.timezone,
            dtstart=self.dtstart,
            dst_policy=self.dst_policy,
        )
