"""`schedules.beat.rrule` in the `beat_schedule` of a Celery app that knows no Django, with Celery's own scheduler."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.beat import PersistentScheduler

from ordinaut_site.embedded.locations import broker_url
from schedules.beat import rrule
from tasks_app.events import stream
from tests.integration.beat.beats import ROOT, until

pytestmark = pytest.mark.usefixtures("redis_emptied")
NEW_YEAR = datetime(2026, 1, 1)  # noqa: DTZ001  local to the rule's zone
DAILY = rrule("FREQ=DAILY;BYHOUR=9", dtstart=NEW_YEAR, timezone="Europe/Chisinau")
PROGRAM = """
import os, sys
from datetime import datetime
from celery import Celery
from schedules.beat import rrule

app = Celery("plain", broker=os.environ["BROKER"])
app.conf.task_default_queue = "plain"
app.conf.beat_schedule = {
    "every second": {"task": "report", "schedule": rrule("FREQ=SECONDLY", dtstart=datetime(2026, 1, 1)), "args": (7,)},
    "never now": {"task": "report", "schedule": rrule("DTSTART:20260101T000000\\nRRULE:FREQ=YEARLY")},
}
assert "django.db" not in sys.modules
"""


def messages() -> list[dict[str, Any]]:
    return [json.loads(raw) for raw in stream.client().lrange("plain", 0, -1)]


@contextmanager
def beat_of(folder: Path) -> Iterator[None]:
    (folder / "plain.py").write_text(PROGRAM)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    with (folder / "beat.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "plain", "beat"],
            cwd=folder,
            env=kept | {"BROKER": broker_url(os.environ["REDIS_URL"]), "PYTHONPATH": f"{folder}:{ROOT}"},
            stdout=output,
            stderr=output,
        )
    try:
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_a_real_beat_sends_it_each_second_and_after_a_restart_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "beat.log"

    with beat_of(tmp_path):
        until(lambda: len(messages()) >= 3, log=log)
    seen = len(messages())
    with beat_of(tmp_path):
        until(lambda: len(messages()) >= seen + 2, log=log)

    assert {message["headers"]["task"] for message in messages()} == {"report"}
    assert {message["headers"]["argsrepr"] for message in messages()} == {"[7]"}
    assert "Traceback" not in log.read_text()


def the_scheduler(app: Celery, folder: Path) -> PersistentScheduler:
    return PersistentScheduler(app=app, schedule_filename=str(folder / "beat-schedule"))


def test_what_was_missed_while_no_beat_ran_makes_one_run_and_the_file_remembers_it(tmp_path: Path) -> None:
    app = Celery("plain", broker="memory://", set_as_current=False)
    app.conf.beat_schedule = {"daily": {"task": "report", "schedule": DAILY}}
    first = the_scheduler(app, tmp_path)
    first.schedule["daily"].last_run_at = datetime.now(UTC) - timedelta(days=3)
    first.close()

    second = the_scheduler(app, tmp_path)
    while second.tick() == 0:
        pass
    sent, ran_at = second.schedule["daily"].total_run_count, second.schedule["daily"].last_run_at
    second.close()
    third = the_scheduler(app, tmp_path)
    remembered = third.schedule["daily"]
    third.close()

    assert sent == 1
    assert time.time() - ran_at.timestamp() < 30
    assert (remembered.total_run_count, remembered.last_run_at, remembered.schedule) == (1, ran_at, DAILY)


def test_a_changed_rule_replaces_the_one_in_the_file(tmp_path: Path) -> None:
    app = Celery("plain", broker="memory://", set_as_current=False)
    app.conf.beat_schedule = {"daily": {"task": "report", "schedule": DAILY}}
    the_scheduler(app, tmp_path).close()

    weekly = rrule("FREQ=WEEKLY;BYDAY=MO", dtstart=NEW_YEAR)
    app.conf.beat_schedule = {"daily": {"task": "report", "schedule": weekly}}
    scheduler = the_scheduler(app, tmp_path)
    found = scheduler.schedule["daily"].schedule
    scheduler.close()

    assert found == weekly != DAILY
