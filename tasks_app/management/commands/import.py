"""`manage.py import`: the tasks of a document, made for an agent."""

# ruff: noqa: N999 - it is what the command is called

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tasks_app.exceptions import OrdinautError
from tasks_app.management.porting import add_agent, add_file, agent_named, document_of, refused
from tasks_app.services.actor import SYSTEM
from tasks_app.services.porting import carrying_out


class Command(BaseCommand):
    help = "Make every task of a document, or none. A title that the agent has already is refused: see `apply`."

    def add_arguments(self, parser: CommandParser) -> None:
        add_file(parser)
        add_agent(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        document = document_of(options["file"], form=options["format"])
        owner = agent_named(options["agent"])
        try:
            done = carrying_out.import_document(document, owner=owner, actor=SYSTEM)
        except OrdinautError as error:
            raise refused(error) from error
        self.stdout.write(f"Tasks: {done.counts['created']} created.")
