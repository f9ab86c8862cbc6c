"""The states of tasks, runs and attempts, and the moves between them.

```
             claim              succeed · fail · time out · cancel · give up
  QUEUED ───────────▶ RUNNING ───────────────────────────▶ (finished)
    ▲ ▲                │   │
    │ └── hand back ───┘   │ retry later · sleep
    │     lease lost       ▼
    ├── time has come ── WAITING          QUEUED and WAITING can also be canceled,
    ├── answered ──────────┘            and time out when nobody has claimed them yet
    └── retried by somebody ── FAILED, TIMED_OUT, DEAD
```
"""

from typing import Final

from django.db.models import TextChoices

HIGHEST_PRIORITY: Final = 9


class TaskStatus(TextChoices):
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELED = "canceled"


class TaskMode(TextChoices):
    """Whether a task's runs call tools, or only pretend to."""

    LIVE = "live"
    SIMULATE = "simulate"


class ScheduleKind(TextChoices):
    RRULE = "rrule"
    CRON = "cron"
    INTERVAL = "interval"
    ONCE = "once"
    EVENT = "event"
    CONDITION = "condition"
    MANUAL = "manual"


class MisfirePolicy(TextChoices):
    """What becomes of the instants that nothing looked at while they passed."""

    SKIP = "skip"
    LATEST = "latest"
    ALL = "all"


class OverlapPolicy(TextChoices):
    """What becomes of an instant while the run of an earlier one has not ended."""

    ALLOW = "allow"
    SKIP = "skip"
    QUEUE_ONE = "queue_one"
    QUEUE_ALL = "queue_all"
    CANCEL_RUNNING = "cancel_running"


class CalendarPolicy(TextChoices):
    """What becomes of an instant on a day that the task's calendar names."""

    EXCLUDE = "exclude"
    NEXT_BUSINESS_DAY = "next_business_day"
    PREVIOUS_BUSINESS_DAY = "previous_business_day"


class BackoffStrategy(TextChoices):
    EXPONENTIAL_JITTER = "exponential_jitter"
    LINEAR = "linear"
    FIXED = "fixed"


class RunState(TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELED = "canceled"
    DEAD = "dead"


class WaitingFor(TextChoices):
    """Why a run holds no worker although it has not finished."""

    RETRY = "retry"
    SLEEP = "sleep"
    START = "start"
    TURN = "turn"
    AGENT_LIMIT = "agent_limit"
    BREAKER = "breaker"
    RATE_LIMIT = "rate_limit"
    APPROVAL = "approval"
    EVENT = "event"
    CHILD_RUN = "child_run"
    BUDGET = "budget"
    DECISION = "decision"


class BreakerState(TextChoices):
    """Whether a destination is called. One that is open and tries a single call is half open."""

    CLOSED = "closed"
    OPEN = "open"
    RECOVERING = "recovering"


class Trigger(TextChoices):
    SCHEDULE = "schedule"
    RUN_NOW = "run_now"
    EVENT = "event"
    CONDITION = "condition"
    BACKFILL = "backfill"
    STEP = "step"


class DeedKind(TextChoices):
    """What a step of a run has given the platform."""

    EVENT = "event"
    TASK = "task"
    RUN = "run"


class AttemptOutcome(TextChoices):
    """How one try of a run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    RETRIED = "retried"
    WAITING = "waiting"
    CANCELED = "canceled"
    HANDED_BACK = "handed_back"
    LOST = "lost"


class StepState(TextChoices):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    WAITING = "waiting"
    PENDING = "pending"
    BEGUN = "begun"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    RETRYING = "retrying"


class WorkerState(TextChoices):
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    LOST = "lost"


class ToolApproval(TextChoices):
    """Whether somebody stands for a tool's newest version."""

    APPROVED = "approved"
    CHANGED = "changed"


class HookPreset(TextChoices):
    """How the program signs that sends its webhooks to us."""

    GITHUB = "github"
    GITLAB = "gitlab"
    STRIPE = "stripe"
    ORDINAUT = "ordinaut"
    GENERIC = "generic"


class DeliveryState(TextChoices):
    """What the delivery of an event to a webhook has come to."""

    DELIVERED = "delivered"
    RETRYING = "retrying"
    FAILED = "failed"


class SkipReason(TextChoices):
    """Why an instant of a schedule did not become a run."""

    COALESCED = "coalesced"
    OVERLAP = "overlap"
    BLACKOUT = "blackout"
    HOLIDAY = "holiday"
    DST_GAP = "dst_gap"
    PAUSED = "paused"
    MISFIRED = "misfired"
    DEDUPLICATED = "deduplicated"
    BUDGET = "budget"
    COOLDOWN = "cooldown"
    SNOOZED = "snoozed"


FINISHED: Final = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.TIMED_OUT, RunState.CANCELED, RunState.DEAD})
UNFINISHED: Final = frozenset(RunState) - FINISHED
REDRIVABLE: Final = frozenset({RunState.FAILED, RunState.TIMED_OUT, RunState.DEAD})
WOKEN: Final = frozenset(
    {
        WaitingFor.BREAKER,
        WaitingFor.BUDGET,
        WaitingFor.RATE_LIMIT,
        WaitingFor.RETRY,
        WaitingFor.SLEEP,
        WaitingFor.START,
    }
)  # by time alone
ANSWERED: Final = frozenset({WaitingFor.APPROVAL, WaitingFor.CHILD_RUN, WaitingFor.EVENT})  # or by time in the end

MOVES: Final[dict[RunState, frozenset[RunState]]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.TIMED_OUT, RunState.CANCELED}),
    RunState.RUNNING: FINISHED | {RunState.QUEUED, RunState.WAITING},
    RunState.WAITING: frozenset({RunState.QUEUED, RunState.TIMED_OUT, RunState.CANCELED}),
    RunState.SUCCEEDED: frozenset(),
    RunState.CANCELED: frozenset(),
} | {state: frozenset({RunState.QUEUED, RunState.WAITING}) for state in REDRIVABLE}

LOST_WORKERS_UNTIL_DEAD: Final = 3
LOSSES_AT_LAST_CHANCE: Final = LOST_WORKERS_UNTIL_DEAD - 1  # such a run is carried out alone in its process
