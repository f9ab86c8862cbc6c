"""`manage.py redrive`: give runs that are dead, failed or timed out another chance, from the step that failed."""

import argparse
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tasks_app.management.terminal import plain
from tasks_app.models import Agent, Run
from tasks_app.services import redriving
from tasks_app.services.actor import SYSTEM
from tasks_app.services.redriving import Choice
from tasks_app.states import RunState

_REASON = "manage.py redrive"


class Command(BaseCommand):
    help = "Queue runs that ended badly once more. Without --run or --task, all dead ones, the oldest first."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--run", type=UUID, nargs="+", metavar="ID", help="these runs, whatever their state")
        which.add_argument("--task", type=UUID, metavar="ID", help="the runs of this task")
        parser.add_argument("--agent", help="only runs of the agent of this name")
        parser.add_argument(
            "--since", type=_instant, help="only what ended since; ISO 8601, UTC unless it says otherwise"
        )
        parser.add_argument("--state", choices=["dead", "failed", "timed_out"], default="dead", help="(dead)")
        parser.add_argument(
            "--limit", type=_number, default=1000, help=f"at most so many (1000), up to {redriving.MOST}"
        )
        parser.add_argument(
            "--from-start", action="store_true", help="do every step again, not only from the failed one"
        )
        parser.add_argument("--reason", default=_REASON, help="for the record")
        parser.add_argument("--dry-run", action="store_true", help="only say which")

    def handle(self, *_args: Any, **options: Any) -> None:
        found = _named(options["run"]) if options["run"] else redriving.chosen(_choice(options))
        for run in found:
            self.stdout.write(f"{run.pk} {run.state} {plain(run.task.title)}")
        if options["dry_run"]:
            self.stdout.write(f"{len(found)} runs would be redriven.")
            return
        ids = [run.pk for run in found]
        redriven = redriving.redrive(ids, actor=SYSTEM, reason=options["reason"], from_start=options["from_start"])
        self.stdout.write(f"{len(redriven)} runs redriven.")
        if left := len(ids) - len(redriven):
            self.stdout.write(f"{left} were left: they have not ended badly, or their task is canceled or deleted.")


def _named(ids: list[UUID]) -> list[Run]:
    found = list(Run.objects.filter(pk__in=ids).select_related("task").order_by("pk"))
    if missing := set(ids) - {run.pk for run in found}:
        raise CommandError(f"There is no run {', '.join(sorted(map(str, missing)))}.")
    return found


def _choice(options: dict[str, Any]) -> Choice:
    return Choice(
        states=[RunState(options["state"])],
        task=options["task"],
        agent=_agent(options["agent"]),
        since=options["since"],
        limit=options["limit"],
    )


def _agent(name: str | None) -> UUID | None:
    if name is None:
        return None
    agent = Agent.objects.filter(name=name).first()
    if agent is None:
        raise CommandError(f"There is no agent {name!r}.")
    return agent.pk


def _instant(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
        return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r:.40} is not an instant: write 2026-03-01T09:00") from None


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= redriving.MOST:
        raise argparse.ArgumentTypeError(f"give a whole number from 1 to {redriving.MOST}")
    return int(text)
