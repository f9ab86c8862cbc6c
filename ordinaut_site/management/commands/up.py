"""`manage.py up`, for Django's list of commands; `manage.py` itself takes the shorter way, past Django."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from ordinaut_site import up


class Command(BaseCommand):
    help = "Start the whole platform in the foreground: servers, web, worker, beat and Flower."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        sys.exit(up.main())
