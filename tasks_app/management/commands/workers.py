"""`manage.py workers`: who works on the queue, when each was last heard of, and when beat last did its duties."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tasks_app.services import workforce
from tasks_app.services.workforce import WorkerLine


class Command(BaseCommand):
    help = "Print the workers with their heartbeats, and the last round of each of beat's duties."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(self, *_args: Any, as_json: bool, **_options: Any) -> None:
        workers, rounds = workforce.workers(), workforce.seconds_since_rounds()
        if as_json:
            told = {"workers": [dataclasses.asdict(each) for each in workers], "rounds_seconds_ago": rounds}
            self.stdout.write(json.dumps(told, indent=1))
        else:
            self.stdout.write("\n".join([*_lines(workers), "", *_rounds(rounds)]))


def _lines(workers: list[WorkerLine]) -> Iterator[str]:
    if not workers:
        yield "No worker has been heard of in the last day."
        return
    width = max(len(each.name) for each in workers)
    yield f"{'worker':{width}}  {'state':8}  {'pid':>8}  {'held':>5}  {'threads':>7}  {'seen s ago':>10}  {'up s':>9}"
    for each in workers:
        yield (
            f"{each.name:{width}}  {each.state:8}  {each.pid:>8}  {each.held:>5}  {each.threads:>7}  "
            f"{each.seen_seconds:>10.1f}  {each.started_seconds:>9.0f}"
        )


def _rounds(rounds: dict[str, float]) -> Iterator[str]:
    if not rounds:
        yield "No beat has done a round yet."
        return
    yield "duty, last round s ago:"
    for duty, seconds in rounds.items():
        yield f"{duty:20}  {seconds:>8.1f}"
