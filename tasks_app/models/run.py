"""Run: one planned doing of a task."""

from typing import Final, NamedTuple, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Greatest, Now

from tasks_app.models.agent import Agent
from tasks_app.models.ids import new_id
from tasks_app.models.json_field import JSONField
from tasks_app.models.owned import OwnedQuerySet
from tasks_app.models.task import Task
from tasks_app.states import ANSWERED, FINISHED, HIGHEST_PRIORITY, UNFINISHED, WOKEN, RunState, Trigger, WaitingFor

_WAITING: Final = Q(state=RunState.WAITING)
_IN_TURN: Final = Q(state=RunState.WAITING, waiting_for=WaitingFor.TURN)
_AT_LIMIT: Final = Q(state=RunState.WAITING, waiting_for=WaitingFor.AGENT_LIMIT)
_FOR_ROOM: Final = sorted([WaitingFor.TURN, WaitingFor.AGENT_LIMIT])  # others make it, no time does


class Lease(NamedTuple):
    """Proof that a worker may decide how a run goes on: only the newest fence counts."""

    run_id: UUID
    fence: int


class RunQuerySet(OwnedQuerySet["Run"]):
    owner = "agent"

    def present(self) -> Self:
        """Those of tasks that were not deleted."""
        return self.filter(task__deleted_at=None)

    def unfinished(self) -> Self:
        return self.filter(state__in=UNFINISHED)

    def of_lane(self, lane: str) -> Self:
        return self.filter(lane=lane).exclude(lane="")

    def unanswered(self) -> Self:
        """Those whose time for an answer is over, the first one first."""
        return self.filter(state=RunState.WAITING, waiting_for__in=sorted(ANSWERED), run_at__lte=Now()).order_by(
            "run_at"
        )

    def finished(self) -> Self:
        return self.filter(state__in=FINISHED)

    def to_be_told_of(self) -> Self:
        """Those that have ended and that a run waits for, or has waited for, that can be told now."""
        parent = Run.objects.filter(pk=models.OuterRef("awaited_by"))
        parked = Q(state=RunState.WAITING, waiting_for=WaitingFor.CHILD_RUN)
        can_hear = models.Exists(parent.filter(parked | Q(state__in=sorted(FINISHED))))
        return self.filter(can_hear, awaited_by__isnull=False, state__in=sorted(FINISHED)).order_by("awaited_by")


class Run(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="runs", db_index=False)
    task_version = models.PositiveIntegerField()
    # The task's owner, who never changes: kept here so that claims, events and lists need no join.
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)
    trigger = models.CharField(max_length=20, choices=Trigger)
    scheduled_for = models.DateTimeField(null=True, help_text="The nominal instant; null when asked for by hand.")
    input = JSONField(null=True)
    request_id = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    state = models.CharField(max_length=20, choices=RunState, default=RunState.QUEUED)
    waiting_for = models.CharField(max_length=20, choices=WaitingFor, blank=True, default="")
    priority = models.PositiveSmallIntegerField(default=5, help_text="The task's, until waiting raises it.")
    raised_at = models.DateTimeField(null=True, help_text="When waiting raised its priority last.")
    run_at = models.DateTimeField(db_default=Now(), help_text="When it may be claimed.")
    fair_at = models.DateTimeField(
        db_default=Now(), help_text="Its place among the queued ones of its priority: agents take turns."
    )

    claim_by = models.DateTimeField(
        null=True, help_text="When it is given up if no worker has begun with it; null for never."
    )

    fence = models.BigIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0, help_text="Claims so far.")
    worker = models.CharField(max_length=100, blank=True, default="", help_text="Who claimed it last.")
    claimed_at = models.DateTimeField(null=True, help_text="When it was claimed last.")
    lease_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="Attempts that failed and were retried.")
    losses = models.PositiveIntegerField(default=0, help_text="Workers lost under it.")
    begun_fence = models.BigIntegerField(
        null=True, help_text="Of a run that was lost before: the fence under which it was really begun."
    )

    # What it may have to wait for besides its time: the end of an earlier run, a free place under a key.
    lane = models.CharField(
        max_length=80, blank=True, default="", db_default="", help_text="Of one lane, one run at a time."
    )
    takes_turn = models.BooleanField(
        default=False, db_default=False, help_text="Still has to wait until no other run of its lane goes on."
    )
    concurrency_key = models.CharField(max_length=200, blank=True, default="", db_default="")
    concurrency_limit = models.PositiveIntegerField(default=1, db_default=1)
    agent_limited = models.BooleanField(
        default=False, db_default=False, help_text="Counts among the runs that its agent may have going on."
    )
    dedupe_key = models.CharField(max_length=200, blank=True, default="", db_default="")
    backfill = models.UUIDField(null=True, help_text="The backfill that asked for it.")
    awaited_by = models.UUIDField(null=True, help_text="The run that waits for its end, until it has heard of it.")
    simulated = models.BooleanField(
        default=False, db_default=False, help_text="It calls no tool: what its steps come to is made up."
    )

    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = JSONField(null=True)
    event_seq = models.PositiveIntegerField(default=0)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            # Exactly the claim's ORDER BY: any other index makes it sort the whole backlog.
            models.Index(
                fields=["-priority", "fair_at", "id"], name="run_claim_order", condition=Q(state=RunState.QUEUED)
            ),
            models.Index(fields=["run_at"], name="run_wakes", condition=_WAITING & Q(waiting_for__in=sorted(WOKEN))),
            models.Index(
                fields=["run_at"],
                name="run_unanswered",
                condition=_WAITING & Q(waiting_for__in=sorted({*ANSWERED, WaitingFor.DECISION})),
            ),
            models.Index(
                fields=["claim_by"],
                name="run_unclaimed",
                condition=Q(claim_by__isnull=False, attempt=0, state__in=sorted([RunState.QUEUED, RunState.WAITING])),
            ),
            models.Index(fields=["lease_until"], name="run_leases", condition=Q(state=RunState.RUNNING)),
            models.Index(fields=["task", "-id"], name="run_of_task"),
            # What an operator looks for; only a run that ends badly pays for it.
            models.Index(
                fields=["state", "finished_at"],
                name="run_troubled",
                condition=Q(state__in=sorted([RunState.DEAD, RunState.FAILED, RunState.TIMED_OUT])),
            ),
            # Only runs that have such rules pay for these.
            models.Index(fields=["lane"], name="run_lanes", condition=~Q(lane="") & Q(state__in=sorted(UNFINISHED))),
            models.Index(
                fields=["lane"],
                name="run_lane_taken",
                condition=~Q(lane="") & Q(state__in=sorted(UNFINISHED), takes_turn=False),
            ),
            models.Index(
                fields=["lane", "scheduled_for", "id"],
                name="run_lane_order",
                condition=_IN_TURN & ~Q(lane="") & Q(takes_turn=True),
            ),
            models.Index(
                fields=["agent", "concurrency_key"],
                name="run_key_taken",
                condition=~Q(concurrency_key="")
                & Q(state__in=sorted(UNFINISHED), waiting_for__in=sorted(["", WaitingFor.AGENT_LIMIT])),
            ),
            models.Index(
                fields=["agent", "concurrency_key", "-priority", "run_at", "id"],
                name="run_key_order",
                condition=_IN_TURN & ~Q(concurrency_key="") & Q(takes_turn=False),
            ),
            models.Index(
                fields=["agent"],
                name="run_limit_taken",
                condition=Q(agent_limited=True, state__in=sorted([RunState.QUEUED, RunState.RUNNING])),
            ),
            models.Index(fields=["agent", "-priority", "run_at", "id"], name="run_limit_order", condition=_AT_LIMIT),
            models.Index(
                Greatest("run_at", "raised_at"),
                name="run_ages",
                condition=_WAITING & Q(waiting_for__in=_FOR_ROOM, takes_turn=False, priority__lt=HIGHEST_PRIORITY),
            ),
            models.Index(fields=["agent", "dedupe_key", "created_at"], name="run_dedupe", condition=~Q(dedupe_key="")),
            models.Index(fields=["awaited_by"], name="run_awaited", condition=Q(awaited_by__isnull=False)),
            models.Index(
                fields=["awaited_by"],
                name="run_end_awaited",
                condition=Q(awaited_by__isnull=False, state__in=sorted(FINISHED)),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "scheduled_for"], name="run_once_an_instant", condition=Q(scheduled_for__isnull=False)
            ),
            models.CheckConstraint(name="run_state_known", condition=Q(state__in=RunState.values)),
            models.CheckConstraint(
                name="run_running_means_leased",
                condition=Q(state=RunState.RUNNING, lease_until__isnull=False, attempt__gt=0)
                | ~Q(state=RunState.RUNNING) & Q(lease_until=None),
            ),
            models.CheckConstraint(
                name="run_waiting_says_for_what",
                condition=Q(state=RunState.WAITING, waiting_for__in=WaitingFor.values)
                | ~Q(state=RunState.WAITING) & Q(waiting_for=""),
            ),
            models.CheckConstraint(
                name="run_finished_has_time",
                condition=Q(state__in=sorted(FINISHED), finished_at__isnull=False)
                | ~Q(state__in=sorted(FINISHED)) & Q(finished_at=None),
            ),
            models.CheckConstraint(
                name="run_claimed_has_started",
                condition=Q(attempt=0, started_at=None, claimed_at=None, worker="")
                | Q(attempt__gt=0, started_at__isnull=False, claimed_at__isnull=False) & ~Q(worker=""),
            ),
            models.CheckConstraint(name="run_turn_needs_lane", condition=Q(takes_turn=False) | ~Q(lane="")),
            models.CheckConstraint(name="run_fence_counts_claims", condition=Q(fence__gte=models.F("attempt"))),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def lease(self) -> Lease:
        return Lease(self.pk, self.fence)
