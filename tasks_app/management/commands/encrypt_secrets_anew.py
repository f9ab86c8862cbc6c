"""`manage.py encrypt_secrets_anew`: after a key was put before the others, so that these can be taken away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tasks_app.exceptions import IllegalMove
from tasks_app.services import secrets
from tasks_app.services.actor import SYSTEM


class Command(BaseCommand):
    help = "Encrypt by the first key of ORDINAUT_SECRETS_KEY what its other keys have encrypted."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            count = secrets.encrypt_anew(actor=SYSTEM)
        except IllegalMove as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{count} {'secret was' if count == 1 else 'secrets were'} encrypted anew.")
