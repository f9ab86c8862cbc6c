"""Django Tasks' database backend: `db_worker` on a connection that is kept, with no pause between jobs."""

import django
from django.conf import settings
from django.core.management import call_command
from psycopg.conninfo import conninfo_to_dict

from tests.benchmarks.peers.contestant import URL, take_part

_AT_ONCE = 1_000


def _configure() -> None:
    given = conninfo_to_dict(URL)
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": given["dbname"],
                "USER": given.get("user", ""),
                "PASSWORD": given.get("password", ""),
                "HOST": given.get("host", ""),
                "PORT": given.get("port", ""),
                "CONN_MAX_AGE": None,
            }
        },
        INSTALLED_APPS=["django_tasks", "django_tasks_db"],
        TASKS={"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}},
        USE_TZ=True,
    )
    django.setup()


def _prepare(jobs: int) -> None:
    from django_tasks_db.models import DBTaskResult

    from tests.benchmarks.peers.django_tasks_jobs import noop

    call_command("migrate", verbosity=0)
    noop.enqueue()
    row = DBTaskResult.objects.get()
    kept = [field.attname for field in DBTaskResult._meta.concrete_fields if not field.primary_key]
    copies = [DBTaskResult(**{name: getattr(row, name) for name in kept}) for _ in range(jobs - 1)]
    DBTaskResult.objects.bulk_create(copies, batch_size=_AT_ONCE)


def _work() -> None:
    call_command("db_worker", verbosity=0, batch=True, interval=0, startup_delay=False, reload=False)


if __name__ == "__main__":
    _configure()
    take_part(_prepare, _work)
