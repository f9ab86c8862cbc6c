#!/usr/bin/env python
"""Django's command line, and the platform's: `manage.py up` starts everything."""

import os
import sys


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts this with an old Python shall read why
        sys.exit("Ordinaut needs Python 3.11 or newer; this is {}.{}.".format(*sys.version_info[:2]))
    if sys.argv[1:] == ["up"]:
        from ordinaut_site.up import main as up  # noqa: PLC0415 - after the version check, and without Django's start

        sys.exit(up())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordinaut_site.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - after the version check

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
