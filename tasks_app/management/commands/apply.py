"""`manage.py apply`: an agent's tasks, made what a document says, once the difference was shown."""

import sys
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tasks_app.exceptions import OrdinautError
from tasks_app.management.plan_text import lines_of
from tasks_app.management.porting import add_agent, add_file, agent_named, document_of, refused
from tasks_app.models import Agent
from tasks_app.services.actor import SYSTEM
from tasks_app.services.porting import carrying_out
from tasks_app.services.porting.plan import Plan
from tasks_app.services.porting.shape import Document

DIFFERS: Final = 2  # what a program is told by `--dry-run`


class Command(BaseCommand):
    help = (
        "Show how an agent's tasks differ from a document and, when that is agreed to, make them what it says."
        " Exits with 0 when nothing is left to do, 1 for an error or a no, and with --dry-run 2 for differences."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_file(parser)
        add_agent(parser)
        parser.add_argument("--prune", action="store_true", help="delete the agent's tasks that it does not name")
        parser.add_argument("--dry-run", action="store_true", help="show the difference and change nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *_args: Any, **options: Any) -> None:
        document = document_of(options["file"], form=options["format"])
        owner = agent_named(options["agent"])
        plan = self._shown(document, owner, prune=options["prune"])
        if options["dry_run"]:
            sys.exit(DIFFERS if plan.differs else 0)
        if not plan.differs:
            return
        if not options["yes"]:
            _ask(stdin_is_file=options["file"] == "-")
        try:
            carrying_out.apply(
                document, owner=owner, actor=SYSTEM, prune=options["prune"], fingerprint=plan.fingerprint
            )
        except OrdinautError as error:
            raise refused(error) from error
        self.stdout.write("Applied.")

    def _shown(self, document: Document, owner: Agent, *, prune: bool) -> Plan:
        try:
            plan = carrying_out.plan(document, owner=owner, actor=SYSTEM, prune=prune)
        except OrdinautError as error:
            raise refused(error) from error
        self.stdout.write("\n".join(lines_of(plan)))
        return plan


def _ask(*, stdin_is_file: bool) -> None:
    """Raises `CommandError` unless somebody says yes."""
    if stdin_is_file or not sys.stdin.isatty():
        raise CommandError("Nobody is there to agree: look with --dry-run, and give --yes.")
    if input("Apply this? Only yes is taken for a yes: ") != "yes":
        raise CommandError("Nothing was changed.")
