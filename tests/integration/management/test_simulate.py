"""`manage.py simulate`: what it prints, that it prints the same again, and that it only reads."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from ordinaut_site import env
from tasks_app.models import Agent, Task
from tasks_app.models.clock import database_now
from tests.integration.api.making import make_task
from tests.making import make_agent

FROM = ("--from", "2030-03-04T09:00")


def printed(*arguments: str) -> str:
    output = StringIO()
    call_command("simulate", *arguments, stdout=output)
    return output.getvalue()


def made(*arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(printed(*FROM, "--json", *arguments))
    return answer


def busy() -> Agent:
    """Two tasks that collide every hour, one that overlaps itself, one that nobody foresees."""
    owner = make_agent()
    for title in ("Bills", "Let\nters"):
        make_task(owner, title=title, concurrency_key="printer")
    make_task(owner, title="Often", schedule_expr="PT30M", overlap_policy="skip", priority=1)
    make_task(owner, title="By hand", schedule_kind="manual", schedule_expr="")
    return owner


@pytest.mark.django_db
def test_it_prints_a_summary_the_hours_the_collisions_and_the_peaks() -> None:
    busy()

    lines = printed("--days", "1", "--slots", "2", *FROM).splitlines()

    assert lines[:4] == [
        "From 2030-03-04 09:00 to 2030-03-05 09:00 UTC, 2 runs at a time",
        "Tasks: 3 forecast, 1 unforeseeable, 0 paused, 0 unreadable, 0 left out",
        "Instants: 96 fire, skipped: -",
        "Runs: 96 start, 0 canceled, 0 still wait at the end, the longest 0.0 s",
    ]
    assert lines[5:7] == [
        "hour (UTC)          fires  skipped  started  max queue depth  longest wait s",
        "2030-03-04 09:00        4  -              4                1             1.0",
    ]
    assert len(lines[6:30]) == 24
    assert lines[29].startswith("2030-03-05 08:00 ")
    assert lines[31] == "Collisions on a concurrency key: 24"
    assert lines[32] == (
        "2030-03-04 09:00:00 until 2030-03-04 09:00:01  printer (limit 1)  waits 1.0 s  "
        "Bills (2030-03-04 09:00), Let?ters (2030-03-04 09:00)"
    )
    assert lines[57:59] == [
        "Peaks, runs a minute:",
        "2030-03-04 09:00        3  Bills, Let?ters, Often",
    ]
    assert len(lines) == 68


@pytest.mark.django_db
def test_json_holds_the_same_for_programs() -> None:
    busy()

    found = made("--days", "2", "--slots", "2")

    assert (found["from"], found["to"], found["slots"]) == ("2030-03-04T09:00:00Z", "2030-03-06T09:00:00Z", 2)
    assert (found["fires"], found["started"], found["truncated"]) == (192, 192, False)
    assert found["hours"][0] == {
        "hour": "2030-03-04T09:00:00Z",
        "fires": 4,
        "skipped": {},
        "started": 4,
        "max_queue_depth": 1,
        "longest_wait_seconds": 1.0,
    }
    assert (len(found["hours"]), len(found["collisions"]), len(found["peaks"])) == (48, 48, 10)


@pytest.mark.django_db
def test_what_is_skipped_is_told_by_reason_and_what_is_left_out_is_counted() -> None:
    owner = busy()
    Agent.objects.filter(pk=owner.pk).update(runs_per_day=10)
    holding = make_task(make_agent(), title="Holding", schedule_expr="PT1H", concurrency_key="k", priority=9)
    for number in range(25):
        make_task(holding.created_by, title=f"{number}", concurrency_key="k")

    lines = printed("--days", "5", *FROM).splitlines()

    assert "budget " in lines[2]
    assert any(line.startswith("2030-03-04 12:00") and "budget 4" in line for line in lines)
    assert any(line.endswith("and 6 more") for line in lines)
    assert any(line.startswith("... and ") and line.endswith(" later ones") for line in lines)
    assert lines[-10].startswith("2030-03-04 09:00       29  Bills")
    assert lines[-10].endswith(" and 19 more")


@pytest.mark.django_db
def test_a_collision_that_outlasts_the_window_and_an_empty_deployment_are_told() -> None:
    assert printed("--days", "1", *FROM).splitlines()[-3:] == [
        "Collisions on a concurrency key: none",
        "",
        "Peaks, runs a minute: none",
    ]

    owner = make_agent()
    for title in ("One", "Two"):
        make_task(owner, title=title, schedule_expr="PT1S", concurrency_key="k")

    assert "until beyond the end" in printed("--days", "1", "--budget", "100", *FROM)


@pytest.mark.django_db
def test_the_budget_cuts_the_window_and_that_is_said() -> None:
    busy()

    lines = printed("--days", "30", "--budget", "10", *FROM).splitlines()

    assert lines[1] == "Looked until 2030-03-04 11:30 only: there are more instants than --budget allows."
    assert sum(line.startswith("2030-03-04 ") and "  -  " in line for line in lines) == 3


@pytest.mark.django_db
def test_an_agents_tasks_alone_are_simulated() -> None:
    busy()
    other = make_agent()
    make_task(other)

    assert made("--days", "1", "--agent", other.name)["tasks"]["forecast"] == 1
    with pytest.raises(CommandError, match="There is no agent 'Nobody'"):
        printed("--agent", "Nobody")


@pytest.mark.django_db
def test_without_a_start_it_is_the_current_hour_and_thirty_days() -> None:
    hour = database_now().replace(minute=0, second=0, microsecond=0)

    found = json.loads(printed("--json"))

    start = datetime.fromisoformat(found["from"])
    assert start - hour in {timedelta(), timedelta(hours=1)}
    assert datetime.fromisoformat(found["to"]) - start == timedelta(days=30)
    assert start.tzinfo == UTC


@pytest.mark.parametrize(
    ("arguments", "cure"),
    [
        (("--days", "0"), "from 1 to 366"),
        (("--days", "367"), "from 1 to 366"),
        (("--days", "-3"), "from 1 to 366"),
        (("--slots", "many"), "from 1 to 1000000"),
        (("--budget", "0"), "from 1 to"),
        (("--from", "tomorrow"), "is not an instant: write 2026-03-01T09:00"),
        (("--from", "0001-01-01T00:00+14:00"), "is not an instant"),
        (("--from", "9999-12-31T00:00"), "between 1970 and 9000"),
    ],
)
def test_an_argument_that_makes_no_sense_is_refused_with_the_cure(arguments: tuple[str, ...], cure: str) -> None:
    with pytest.raises(CommandError, match=cure):
        printed(*arguments)


@pytest.mark.django_db
def test_an_instant_with_an_offset_is_read_as_such() -> None:
    assert json.loads(printed("--json", "--from", "2030-03-04T11:00+02:00"))["from"] == "2030-03-04T09:00:00Z"


def as_process(seed: str, *arguments: str) -> bytes:
    url = urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}"))
    completed = subprocess.run(
        [sys.executable, "manage.py", "simulate", *arguments],
        cwd=env.BASE_DIR,
        env=os.environ | {"PYTHONHASHSEED": seed, "DATABASE_URL": url},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert completed.returncode == 0, completed.stderr.decode()
    return completed.stdout


@pytest.mark.django_db(transaction=True)
def test_two_processes_print_the_same_bytes_and_change_no_row() -> None:
    for _ in range(3):
        busy()
    rows = {model: list(model.objects.order_by("pk").values()) for model in apps.get_app_config("tasks").get_models()}

    first, second = (as_process(seed, "--days", "30", *FROM) for seed in ("1", "2"))

    assert first == second
    assert b"Tasks: 9 forecast" in first
    assert {model: list(model.objects.order_by("pk").values()) for model in rows} == rows
    assert Task.objects.count() == 12
