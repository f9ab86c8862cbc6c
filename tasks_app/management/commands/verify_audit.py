"""`manage.py verify_audit`: is the audit as it was written?"""

import dataclasses
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tasks_app.exceptions import InvalidRequest
from tasks_app.services import audit_chain
from tasks_app.services.audit_chain import Damage, Verdict


class Command(BaseCommand):
    help = (
        "Follow the audit's chain. Exits with 1 and says which entries were changed, removed or inserted, if any were."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", metavar="POSITION:DIGEST", help="a head noted earlier, which must still be there")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(self, *_args: Any, head: str | None, as_json: bool, **_options: Any) -> None:
        try:
            verdict = audit_chain.verify(noted_head=head)
        except InvalidRequest as error:
            raise CommandError(str(error)) from error
        if as_json:
            self.stdout.write(json.dumps(dataclasses.asdict(verdict) | {"intact": verdict.intact}, indent=1))
        else:
            self._tell(verdict)
        if not verdict.intact:
            sys.exit(1)

    def _tell(self, verdict: Verdict) -> None:
        for damage in verdict.damage:
            self.stderr.write(_sentence(damage))
        if verdict.more_damage:
            self.stderr.write(f"{verdict.more_damage} more are damaged.")
        last = verdict.head or "nothing"
        words = "as they were written" if verdict.intact else "checked"
        self.stdout.write(f"{verdict.checked} entries from position {verdict.first} on are {words}. Head: {last}")


def _sentence(damage: Damage) -> str:
    named = [f"position {damage.position}"] if damage.position is not None else []
    named += [f"entry {damage.entry}"] if damage.entry is not None else []
    return f"{', '.join(named).capitalize()} {damage.what}."
