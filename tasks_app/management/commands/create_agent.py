"""`manage.py create_agent`: make an agent where there is no other to ask for it, and print its secret once."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tasks_app.exceptions import InvalidRequest
from tasks_app.services import agents


class Command(BaseCommand):
    help = "Make an agent. Its secret is printed this once and kept only as a hash."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="which no other agent has")
        parser.add_argument(
            "--scope", action="append", required=True, metavar="SCOPE", help=f"any of {', '.join(agents.SCOPES)}"
        )
        for limit in agents.LIMITS:
            parser.add_argument(f"--{limit.replace('_', '-')}", type=int, metavar="NUMBER", help="(no limit)")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        limits = {limit: options[limit] for limit in agents.LIMITS}
        try:
            agent, secret = agents.create_agent(name=options["name"], scopes=options["scope"], **limits)
        except InvalidRequest as error:
            raise CommandError(str(error)) from error
        made = {"ORDINAUT_AGENT_ID": str(agent.pk), "ORDINAUT_AGENT_SECRET": secret}
        if options["as_json"]:
            self.stdout.write(json.dumps({"agent_id": str(agent.pk), "agent_secret": secret}))
        else:
            self.stdout.write("\n".join(f"{name}={value}" for name, value in made.items()))
