"""`manage.py prepare`: the part of `up` that a database needs, for those who start the programs themselves."""

from typing import Any

from django.core.management.base import BaseCommand

from ordinaut_site import env, first_start


class Command(BaseCommand):
    help = "Migrate; on a new database make the first admin, the demo agent and its tasks (see credentials.env)."

    def handle(self, *_args: Any, **_options: Any) -> None:
        first_start.prepare(env.read())
