"""What is foreseen is what the real tick, promotion and claim then do, second by second, on the same virtual clock."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tasks_app.models import Calendar, Run, SkippedOccurrence
from tasks_app.planning.cursor import place_cursor
from tasks_app.planning.forecast.engine import Forecast, forecast
from tasks_app.planning.forecast.subject import Subject, Window
from tasks_app.planning.timing import timing_of
from tests.integration.forecast.virtual_clock import Platform, virtual_clock
from tests.making import make_agent, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

START = datetime(2030, 3, 31, 0, 0, tzinfo=UTC)  # the clocks of Berlin go forward at 01:00 UTC
WINDOW = Window(START, START + timedelta(hours=2, minutes=30))


def planned(lasts: float, kind: str, expr: str, **fields: Any) -> Subject:
    fields = {"timezone": "Europe/Berlin", "dtstart": "2030-01-01T00:00:00"} | fields
    task = make_task(schedule_kind=kind, schedule_expr=expr, **fields)
    place_cursor(task, after=START - timedelta(microseconds=1))
    task.save()
    return Subject(task, timing_of(task), timedelta(seconds=lasts))


def foreseen(subjects: list[Subject], *, slots: int, **options: Any) -> Forecast:
    return forecast(subjects, window=WINDOW, slots=slots, budget=100_000, **options)


def lived(subjects: list[Subject], *, slots: int, step: timedelta = timedelta(seconds=30)) -> Platform:
    platform = Platform(slots=slots, lasts={each.task.pk: each.lasts for each in subjects})
    moment = START
    with virtual_clock():
        while moment < WINDOW.end:
            platform.live(moment)
            moment += step
    return platform


def starts_of(made: Forecast) -> dict[Any, list[datetime]]:
    return {
        made.subjects[number].task.pk: [made.base + timedelta(seconds=second) for second in seconds]
        for number, seconds in made.starts.items()
    }


def real_starts() -> dict[Any, list[datetime]]:
    real: dict[Any, list[datetime]] = {}
    for task, start in Run.objects.filter(run_at__lt=WINDOW.end).order_by("run_at").values_list("task_id", "run_at"):
        real.setdefault(task, []).append(start.replace(microsecond=0))
    return real


def kept(reason: str) -> int:
    return SkippedOccurrence.objects.filter(reason=reason).count()


def check(made: Forecast, platform: Platform) -> None:
    """As many instants have the same fate, and as many runs begin in each hour."""
    real = Run.objects.all()
    assert made.fires == real.count()
    assert made.skipped == dict(Counter(SkippedOccurrence.objects.values_list("reason", flat=True)))
    hours = Counter((moment - made.base) // timedelta(hours=1) for moment, *_ in platform.begun)
    assert [hour.started for hour in made.hours] == [hours[number] for number in range(len(made.hours))]
    assert made.canceled == real.filter(state="canceled").count()


def test_a_mix_of_policies_is_foreseen_instant_by_instant() -> None:
    holidays = Calendar.objects.create(name="holidays", created_by=make_agent(), definition={"dates": ["2030-03-31"]})
    quiet = [{"from": "03:10", "to": "03:40"}]
    subjects = [
        planned(30, "cron", "*/5 * * * *"),
        planned(330, "cron", "*/2 * * * *", overlap_policy="skip", priority=8),
        planned(600, "interval", "PT4M", overlap_policy="cancel_running"),
        planned(60, "rrule", "FREQ=MINUTELY;INTERVAL=7;COUNT=18300"),
        planned(90, "cron", "*/3 * * * *", quiet_hours=quiet, overlap_policy="skip"),
        planned(30, "interval", "PT6M", quiet_hours=quiet, priority=2),
        planned(30, "interval", "PT10M", max_occurrences=4),
        planned(30, "cron", "30 * * * *", calendar=holidays),
        planned(30, "cron", "30 2 * * *", dst_policy="skip"),
        planned(30, "once", "2030-03-31T03:15"),
    ]

    made = foreseen(subjects, slots=3)
    platform = lived(subjects, slots=3)

    check(made, platform)
    assert set(made.skipped) == {"overlap", "blackout", "holiday", "dst_gap"}
    assert starts_of(made) == real_starts()
    waits = [moment - Run.objects.get(task=task, scheduled_for=at).run_at for moment, task, at in platform.begun]
    assert max(waits).total_seconds() == max(hour.longest_wait for hour in made.hours)


def test_an_owners_day_is_foreseen() -> None:
    owner = make_agent()
    owner.runs_per_day = 20
    owner.save()
    subjects = [planned(30, "interval", "PT5M", created_by=owner) for _ in range(2)]

    made = foreseen(subjects, slots=50, runs_per_day={owner.pk: 20})
    platform = lived(subjects, slots=50, step=timedelta(minutes=5))

    check(made, platform)
    assert made.fires == 20
    assert kept("budget") == made.skipped["budget"] == 40


def test_jitter_begins_the_runs_when_it_was_foreseen() -> None:
    subjects = [planned(30, "interval", "PT20M", jitter_seconds=600) for _ in range(3)]

    made = foreseen(subjects, slots=50)
    lived(subjects, slots=50, step=timedelta(minutes=5))

    assert starts_of(made) == real_starts()
    assert len({starts[0] for starts in real_starts().values()}) == 3
