"""Each snippet of docs/beat.md does what the text around it says."""

import ast
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings
from django_celery_beat.models import PeriodicTask

from schedules.beat.models import TaskRecurrence
from tests.integration.beat.beats import ROOT, environment

DOCUMENT = (ROOT / "docs" / "beat.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", DOCUMENT, flags=re.DOTALL)
OTHER_NAMES = {"django_celery_beat": "django-celery-beat", "prometheus_client": "prometheus-client"}

SETTINGS = """
import os
import environ
SECRET_KEY = "of another project"
USE_TZ = True
ROOT_URLCONF = "urls"
DATABASES = {{"default": environ.Env.db_url_config(os.environ["DATABASE_URL"])}}
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
                  "django.contrib.sessions", "django.contrib.messages", "shop"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware",
              "django.contrib.auth.middleware.AuthenticationMiddleware",
              "django.contrib.messages.middleware.MessageMiddleware"]
TEMPLATES = [{{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {{
    "context_processors": ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
                           "django.contrib.messages.context_processors.messages"]}}}}]
{snippet}
"""
URLS = (
    'from django.contrib import admin\nfrom django.urls import path\nurlpatterns = [path("admin/", admin.site.urls)]\n'
)
LOOK = """
import django
django.setup()
from django.contrib import admin
from django_celery_beat.models import PeriodicTask
from celery import Celery
from kombu.utils.imports import symbol_by_name
from django.conf import settings
{snippet}
app = Celery("shop", broker="memory://")
app.conf.result_expires = None
scheduler = symbol_by_name(settings.CELERY_BEAT_SCHEDULER)(app=app)
print([inline.model.__name__ for inline in admin.site._registry[PeriodicTask].inlines], scheduler.schedule["Payday"].schedule)
scheduler.close()
"""


def snippet(words: str) -> str:
    [found] = [text for text in PYTHON if words in text]
    return found


def test_beat_starts_by_the_command_that_is_given() -> None:
    [command] = re.findall(r"```bash\n(.*?)\n```", DOCUMENT)

    answer = subprocess.run(
        [sys.executable, "-m", *command.split(), "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "Start the beat periodic task scheduler" in answer.stdout


def test_the_platform_itself_limits_its_broker_as_advised() -> None:
    advised: dict[str, dict[str, int]] = {}
    exec(snippet("CELERY_BROKER_TRANSPORT_OPTIONS"), advised)

    assert advised["CELERY_BROKER_TRANSPORT_OPTIONS"].items() <= settings.CELERY_BROKER_TRANSPORT_OPTIONS.items()


def test_what_schedules_needs_is_listed_and_no_more() -> None:
    [listed] = re.findall(r"```text\n(.*?)\n```", DOCUMENT)
    imported = set()
    for path in (ROOT / "schedules").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
    packages = {name.partition(".")[0] for name in imported} - sys.stdlib_module_names - {"schedules"}

    # kombu comes with celery
    assert {OTHER_NAMES.get(name, name) for name in packages} - {"kombu"} == set(listed.split())


def test_the_plain_app_pays_on_the_last_working_day_of_the_month() -> None:
    made: dict[str, object] = {}
    exec(snippet('Celery("shop"'), made)
    app = made["app"]
    assert isinstance(app, Celery)

    schedule = app.conf.beat_schedule["payday"]["schedule"]

    assert schedule.instant_after(datetime(2026, 5, 1, tzinfo=UTC)) == datetime(2026, 5, 29, 6, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_another_django_project_follows_an_rrule_and_shows_it_in_its_admin(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "admin.py").write_text(snippet("RecurrenceInline"))
    (tmp_path / "other.py").write_text(SETTINGS.format(snippet=snippet("INSTALLED_APPS +=")))
    (tmp_path / "urls.py").write_text(URLS)
    (tmp_path / "look.py").write_text(LOOK.format(snippet=snippet("full_clean")))
    known = environment() | {"DJANGO_SETTINGS_MODULE": "other", "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}

    for command in (["-m", "django", "check"], ["look.py"]):
        answer = subprocess.run(
            [sys.executable, *command], cwd=tmp_path, env=known, capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stderr

    assert answer.stdout.startswith("['TaskRecurrence'] <rrule: FREQ=MONTHLY")
    task = PeriodicTask.objects.get(name="Payday")
    assert TaskRecurrence.objects.get().periodic_task == task
