"""`manage.py export`: an agent's tasks as a document."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tasks_app.management.porting import add_agent, agent_named
from tasks_app.models import Task
from tasks_app.services.porting.forms import Form
from tasks_app.services.porting.leaving import exported


class Command(BaseCommand):
    help = "Write an agent's active and paused tasks, and its calendars that they need, as a document."

    def add_arguments(self, parser: CommandParser) -> None:
        add_agent(parser)
        parser.add_argument("--format", choices=[str(form) for form in Form], default=str(Form.YAML), help="(yaml)")
        parser.add_argument("--output", metavar="FILE", help="where to (standard output)")
        parser.add_argument("--ids", action="store_true", help="say the id of each task")

    def handle(self, *_args: Any, **options: Any) -> None:
        owner = agent_named(options["agent"])
        form = Form(options["format"])
        text = exported(owner, Task.objects.present(), form=form, with_ids=options["ids"], bounded=False)
        if options["output"] is None:
            self.stdout.write(text, ending="")
            return
        try:
            Path(options["output"]).write_bytes(text.encode())
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error.strerror}.") from error
