"""When a Celery periodic task with an RRULE is due."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery import Celery
from celery.schedules import BaseSchedule, schedstate

from schedules.dst import DstPolicy
from schedules.recurrence import Recurrence
from schedules.series import in_utc

_LOOK_AGAIN = timedelta(days=1)  # when nothing follows


class rrule(BaseSchedule):  # noqa: N801  named as Celery names its own
    """A Celery schedule that follows an RRULE: `{"schedule": rrule("FREQ=DAILY;BYHOUR=9", dtstart=..., timezone="Europe/Chisinau")}`.

    rule, dtstart, timezone and dst_policy are those of `schedules.Recurrence`. Instants that passed while no beat ran
    make one run. Raises `InvalidRecurrence`.
    """

    def __init__(  # noqa: PLR0913  its keywords are the contract
        self,
        rule: str,
        *,
        dtstart: datetime | None = None,
        timezone: str = "UTC",
        dst_policy: DstPolicy | None = None,
        nowfun: Callable[[], datetime] | None = None,
        app: Celery | None = None,
    ) -> None:
        super().__init__(nowfun=nowfun, app=app)
        self.rule = rule
        self.dtstart = dtstart
        self.timezone = timezone
        self.dst_policy = dst_policy or DstPolicy()
        self.recurrence = Recurrence(rule, dtstart=dtstart, timezone=timezone, dst_policy=self.dst_policy)

    def is_due(self, last_run_at: datetime) -> schedstate:
        """Whether an instant has come since `last_run_at`, and the seconds until the next one is to be looked at."""
        now = self._now()
        due = self.instant_after(last_run_at)
        if due is None:
            return schedstate(is_due=False, next=_LOOK_AGAIN.total_seconds())
        if due > now:
            return schedstate(is_due=False, next=(due - now).total_seconds())
        following = self.instant_after(now)
        wait = following - now if following else _LOOK_AGAIN
        return schedstate(is_due=True, next=wait.total_seconds())

    def remaining_estimate(self, last_run_at: datetime) -> timedelta:
        """How long until the first instant after `last_run_at`: negative when it has passed, a day when there is none."""
        due = self.instant_after(last_run_at)
        return due - self._now() if due else _LOOK_AGAIN

    def instant_after(self, moment: datetime) -> datetime | None:
        """The first instant after `moment` (UTC), or None when none follows."""
        instants = self.recurrence.after(self.maybe_make_aware(moment))
        return in_utc(instants[0]) if instants else None

    def _now(self) -> datetime:
        return in_utc(self.maybe_make_aware(self.now()))

    def __eq__(self, other: object) -> bool:
        return self.recurrence == other.recurrence if isinstance(other, rrule) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.recurrence)

    def __repr__(self) -> str:
        return f"<rrule: {self.rule} {self.timezone}>"

    def __reduce__(self) -> tuple[Any, ...]:
        remade = partial(
            type(self),
            self.rule,
            dtstart=self.dtstart,
            timezone=self.timezone,
            dst_policy=self.dst_policy,
            nowfun=self.nowfun,
        )
        return remade, ()
