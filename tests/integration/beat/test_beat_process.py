"""A real beat process: whose broker is dead, or which is told to end before it has begun."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django_celery_beat.models import IntervalSchedule, PeriodicTask

PROGRAM = """
import os, sys, time
from django.conf import settings
import ordinaut_site.settings as base

settings.configure(**{name: getattr(base, name) for name in dir(base) if name.isupper()} | {
    "DATABASES": {"default": base.DATABASES["default"] | {"NAME": os.environ["TEST_DATABASE"]}},
    "BEAT_DUTIES": {"note": (os.environ["TEST_DUTY"], 0.1)},
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
})
import django
django.setup()
from celery import Celery
from django.db import connection

def note():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    print("noted", flush=True)

app = Celery("beat-process")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.start(["--quiet", "beat", "--loglevel", "WARNING", "--scheduler", "schedules.beat.DatabaseScheduler"])
"""


@pytest.mark.django_db(transaction=True)
def test_duties_go_on_while_the_broker_is_dead_and_sigterm_ends_beat_within_three_seconds(
    tmp_path: Path, settings: Any
) -> None:
    often = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.create(name="blocked", task="report", interval=often)
    log = tmp_path / "beat.log"
    process = begin(log, settings, duty="__main__.note")
    try:
        wait_until(log, lambda text: "Connection error" in text, process)
        seen = log.read_text().count("noted")
        wait_until(log, lambda text: text.count("noted") >= seen + 10, process)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)
    finally:
        end(process)

    assert time.monotonic() - begun < 3
    assert "Traceback" not in log.read_text()


@pytest.mark.django_db(transaction=True)
def test_sigterm_while_the_duties_are_loaded_ends_beat_quietly(tmp_path: Path, settings: Any) -> None:
    duty = "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n\ndef run_once():\n    print('a round')\n"
    (tmp_path / "a_duty.py").write_text(duty)
    log = tmp_path / "beat.log"
    process = begin(log, settings, duty="a_duty.run_once")
    try:
        assert process.wait(timeout=30) == 0
    finally:
        end(process)

    assert log.read_text().splitlines()[1:] == [], "only that it starts"


def begin(log: Path, settings: Any, *, duty: str) -> subprocess.Popen[bytes]:
    variables = {
        "TEST_DATABASE": settings.DATABASES["default"]["NAME"],
        "TEST_DUTY": duty,
        "PYTHONPATH": os.pathsep.join([str(Path.cwd()), str(log.parent)]),
    }
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM], env=os.environ | variables, stdout=output, stderr=subprocess.STDOUT
        )


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()


def wait_until(log: Path, holds: object, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while not holds(log.read_text()):  # type: ignore[operator]
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
