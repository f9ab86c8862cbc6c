"""What docs/schedules.md shows is what the schedules do."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import Any
from unittest import mock

import pytest

from ordinaut_site import env
from schedules.calendars import parse_calendar
from schedules.occurrence import Occurrence
from schedules.snoozes import Snooze
from schedules.zones import zone
from tasks_app.models import Calendar, Task
from tasks_app.planning import snoozes, timing
from tasks_app.planning.decide import decide
from tasks_app.planning.standing import Standing

TEXT = (env.BASE_DIR / "docs" / "schedules.md").read_text()
EXAMPLES = re.findall(r"```json when\n(.*?)```\n```text\n(.*?)```", TEXT, flags=re.DOTALL)
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def rows(heading: str) -> list[list[str]]:
    [section] = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## )", TEXT, flags=re.DOTALL | re.MULTILINE)
    table = section.partition("|---")[2].splitlines()[1:]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table if line.startswith("| `")]


def hourly(**fields: Any) -> Task:
    values = {
        "schedule_kind": "cron",
        "schedule_expr": "0 * * * *",
        "timezone": "UTC",
        "dtstart": "2026-01-01T00:00:00",
    }
    return Task(**values | {"due_at": NINE} | fields)


def told(occurrence: Occurrence, place: str) -> str:
    def local(moment: datetime) -> str:
        return f"{moment.astimezone(zone(place)):%Y-%m-%d %H:%M %z}"

    begins = f"begins {local(occurrence.start)}" if occurrence.start != occurrence.at else ""
    return " ".join(filter(None, [local(occurrence.at), occurrence.withheld, begins]))


@pytest.mark.parametrize(("fields", "expected"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_a_schedule_shown_gives_the_instants_shown_below_it(fields: str, expected: str) -> None:
    values: dict[str, Any] = json.loads(fields)
    place, count = values["timezone"], values.pop("count")
    start = datetime.fromisoformat(values.pop("from")).replace(tzinfo=zone(place))
    calendar = values.pop("calendar", None)
    for name in ("starts_at", "ends_at"):
        if name in values:
            values[name] = datetime.fromisoformat(values[name])
    task = Task(**{"dtstart": "2026-01-01T00:00:00"} | values)

    with mock.patch.object(timing, "dates_of", return_value=parse_calendar(calendar) if calendar else None):
        if calendar:
            task.calendar = Calendar()
        occurrences = islice(timing.timing_of(task).after(start), count)
        assert [told(each, place) for each in occurrences] == expected.splitlines()


def outcome(task: Task, *, after: timedelta, standing: Standing) -> list[str]:
    plan = decide(task, timing.timing_of(task), now=NINE + after, standing=standing)
    runs = [f"{each.at.hour}{' in turn' if each.takes_turn else ''}" for each in plan.fires]
    return [", ".join(runs), ", ".join(f"{each.at.hour} {each.reason.value}" for each in plan.skips)]


@pytest.mark.parametrize("row", rows("What happens to instants that were missed?"), ids=lambda row: row[0])
def test_a_misfire_policy_does_what_its_row_says(row: list[str]) -> None:
    words = re.findall(r"`(\w+)`|(\d+)", row[0])
    fields: dict[str, Any] = {"misfire_policy": words[0][0]}
    if len(words) > 1:
        fields[words[1][0]] = int(words[2][1])

    assert outcome(hourly(**fields), after=timedelta(hours=3), standing=Standing()) == row[1:]


@pytest.mark.parametrize("row", rows("What happens while an earlier run has not ended?"), ids=lambda row: row[0])
def test_an_overlap_policy_does_what_its_row_says(row: list[str]) -> None:
    policy = row[0].split("`")[1]
    task = hourly(overlap_policy=policy, misfire_policy="all")

    assert outcome(task, after=timedelta(hours=2), standing=Standing(unfinished=1)) == row[1:]


def snoozed(task: Task, delays: list[timedelta]) -> None:
    """As the service puts off what comes next, one after the other."""
    for delay in delays:
        instant = timing.timing_of(task).next_fire(NINE - timedelta(minutes=1))
        assert instant
        before = snoozes.of(task)
        moved = [replace(each, to=instant + delay) for each in before if each.to == instant]
        others = [each for each in before if each.to != instant]
        snoozes.keep(task, [*others, *(moved or [Snooze(instant, instant + delay)])])


@pytest.mark.parametrize("row", rows("How is one instant put off?"), ids=lambda row: row[0])
def test_a_snooze_does_what_its_row_says(row: list[str]) -> None:
    task = hourly()
    snoozed(task, [timedelta(seconds=int(seconds)) for seconds in re.findall(r"`(\d+)`", row[0])])

    found = list(takewhile(lambda each: each.at <= NINE + timedelta(hours=2, minutes=30), instants(task)))

    assert ", ".join(f"{each.at.hour}:{each.at:%M}" for each in found if not each.withheld)[: len(row[1])] == row[1]
    assert ", ".join(f"{each.at.hour}:{each.at:%M} {each.withheld}" for each in found if each.withheld) == row[2]


def instants(task: Task) -> Iterator[Occurrence]:
    return timing.timing_of(task).after(NINE - timedelta(minutes=1))


def test_every_table_of_policies_is_read() -> None:
    assert (len(EXAMPLES), len(rows("What happens to instants that were missed?"))) == (10, 4)
    assert len(rows("What happens while an earlier run has not ended?")) == 5
    assert len(rows("How is one instant put off?")) == 5
