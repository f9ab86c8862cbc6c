"""`manage.py simulate`: what the tasks will do, hour by hour, by the production engine on a virtual clock."""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from tasks_app.management.terminal import plain
from tasks_app.models import Agent, Task
from tasks_app.models.clock import database_now
from tasks_app.models.task import TaskQuerySet
from tasks_app.planning.forecast.subject import EARLIEST, LATEST, Window
from tasks_app.services import forecasts

_LONGEST_DAYS: Final = 366


class Command(BaseCommand):
    help = "Print what the tasks will do. Nothing is written; the same start and data give the same output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=_between(1, _LONGEST_DAYS), default=30, help="length of the window (30)")
        parser.add_argument("--from", type=_instant, dest="start", help="ISO 8601, UTC unless it says otherwise")
        parser.add_argument("--slots", type=_between(1, 1_000_000), help="runs at a time (the deployment's)")
        parser.add_argument("--agent", help="only the tasks of the agent of this name")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")
        parser.add_argument(
            "--budget",
            type=_between(1, 10**9),
            default=forecasts.BUDGET_OF_A_COMMAND,
            help="instants looked at, at most",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        start = options["start"] or database_now().replace(minute=0, second=0, microsecond=0)
        window = Window(start, start + timedelta(days=options["days"]))
        made = forecasts.simulate(
            _tasks_of(options["agent"]), window=window, slots=options["slots"], budget=options["budget"]
        )
        told = {**made.outline, **made.course, **made.clashes}
        if options["as_json"]:
            self.stdout.write(json.dumps(told, cls=DjangoJSONEncoder, indent=1))
        else:
            self.stdout.write("\n".join(_lines(told)))


def _between(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"give a whole number from {least} to {most}")
        return int(text)

    return number


def _instant(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
        moment = given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r:.40} is not an instant: write 2026-03-01T09:00") from None
    if not EARLIEST <= moment <= LATEST:
        raise argparse.ArgumentTypeError(f"give an instant between {EARLIEST.year} and {LATEST.year}")
    return moment


def _tasks_of(name: str | None) -> TaskQuerySet:
    if name is None:
        return Task.objects.present()
    agent = Agent.objects.filter(name=name).first()
    if agent is None:
        raise CommandError(f"There is no agent {name!r}.")
    return Task.objects.present().filter(created_by=agent)


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    tasks = told["tasks"]
    yield f"From {_at(told['from'])} to {_at(told['to'])} UTC, {told['slots']} runs at a time"
    if told["truncated"]:
        yield f"Looked until {_at(told['looked_until'])} only: there are more instants than --budget allows."
    yield (
        f"Tasks: {tasks['forecast']} forecast, {tasks['unforeseeable']} unforeseeable, {tasks['paused']} paused, "
        f"{tasks['unreadable']} unreadable, {tasks['left_out']} left out"
    )
    yield f"Instants: {told['fires']} fire, skipped: {_reasons(told['skipped'])}"
    waiting = told["waiting_at_end"]
    yield (
        f"Runs: {told['started']} start, {told['canceled']} canceled, {waiting['runs']} still wait at the end, "
        f"the longest {waiting['longest_seconds']} s"
    )
    yield from ("", *_hours(told["hours"]))
    yield from ("", *_collisions(told))
    yield from ("", *_peaks(told["peaks"]))


def _hours(hours: list[dict[str, Any]]) -> Iterator[str]:
    width = max(len(_reasons(row["skipped"])) for row in hours) if hours else 0
    width = max(width, len("skipped"))
    yield f"{'hour (UTC)':16}  {'fires':>7}  {'skipped':{width}}  {'started':>7}  max queue depth  longest wait s"
    for row in hours:
        yield (
            f"{_at(row['hour'])}  {row['fires']:7}  {_reasons(row['skipped']):{width}}  {row['started']:7}  "
            f"{row['max_queue_depth']:15}  {row['longest_wait_seconds']:14.1f}"
        )


def _collisions(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"Collisions on a concurrency key: {len(told['collisions']) + told['collisions_left_out'] or 'none'}"
    for each in told["collisions"]:
        until = f"{each['until']:%Y-%m-%d %H:%M:%S}" if each["until"] else "beyond the end"
        tasks = ", ".join(f"{plain(task['title'])} ({_at(task['at'])})" for task in each["tasks"])
        more = f" and {each['tasks_left_out']} more" if each["tasks_left_out"] else ""
        yield (
            f"{each['at']:%Y-%m-%d %H:%M:%S} until {until}  {plain(each['concurrency_key'])} (limit {each['limit']})  "
            f"waits {each['would_wait_seconds']} s  {tasks}{more}"
        )
    if told["collisions_left_out"]:
        yield f"... and {told['collisions_left_out']} later ones"


def _peaks(peaks: list[dict[str, Any]]) -> Iterator[str]:
    yield f"Peaks, runs a minute: {'' if peaks else 'none'}".rstrip()
    for each in peaks:
        tasks = ", ".join(plain(task["title"]) for task in each["tasks"])
        more = f" and {each['tasks_left_out']} more" if each["tasks_left_out"] else ""
        yield f"{_at(each['minute'])}  {each['fires']:7}  {tasks}{more}"


def _reasons(skipped: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {many}" for reason, many in skipped.items()) or "-"


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
