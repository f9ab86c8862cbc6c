"""What stands behind the gate is not done while it is quiet: it waits, is left out, or fails."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from pipelines import InvalidPipeline, Park, ToolFailure, parse
from tasks_app import catalogue
from tasks_app.maintenance import promote
from tasks_app.models import Run
from tasks_app.models.clock import database_now
from tasks_app.services import gates
from tests.integration.execution.conftest import until
from tests.integration.execution.test_publish_event import call_of
from tests.integration.execution.work import MakeWorker, pipeline, state_of
from tests.making import make_run, make_task, steps_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]

TOOL = "policy.quiet_hours_gate"
NIGHT = [{"from": "22:00", "to": "07:00"}]
MIDNIGHT = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 02:30 in Berlin, half an hour before its clocks go forward


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    def set_time(moment: datetime) -> None:
        monkeypatch.setattr(gates, "database_now", lambda: moment)

    return set_time


def ask(run: Run | None = None, **given: Any) -> Any:
    return catalogue.catalogue().get(TOOL).call(given, call_of(run or make_run()))


def now_quiet() -> list[dict[str, str]]:
    """A window (UTC) that began an hour ago and ends in an hour."""
    now = database_now()
    begin, end = now - timedelta(hours=1), now + timedelta(hours=1)
    return [{"from": f"{begin:%H:%M}", "to": f"{end:%H:%M}"}]


def test_outside_of_the_windows_it_passes(at: Any) -> None:
    at(MIDNIGHT.replace(hour=12))

    assert ask(windows=NIGHT) == ask(quiet_hours=NIGHT) == {"allowed": True}


def test_inside_it_waits_until_the_end_where_the_clocks_are_changed_too(at: Any) -> None:
    at(MIDNIGHT)

    with pytest.raises(Park) as park:
        ask(windows=NIGHT, timezone="Europe/Berlin")

    until = datetime(2026, 3, 29, 5, 0, tzinfo=UTC)  # 07:00 of the summer's time
    assert park.value.seconds == (until - MIDNIGHT).total_seconds() == 4.5 * 3600
    assert (park.value.waiting_for, park.value.output) == (
        "time", {"allowed": True, "deferred_to": "2026-03-29T05:00:00+00:00"},
    )  # fmt: skip


def test_inside_it_says_so_or_fails_if_it_is_told_to(at: Any) -> None:
    at(MIDNIGHT)

    assert ask(windows=NIGHT, action="skip") == {"allowed": False, "until": "2026-03-29T07:00:00+00:00"}
    with pytest.raises(ToolFailure, match="until 2026-03-29T07:00") as failed:
        ask(windows=NIGHT, action="fail")
    assert (failed.value.error.code, failed.value.error.error_class) == ("quiet_hours", "permanent")


def test_without_windows_the_tasks_own_count_in_its_zone(at: Any) -> None:
    at(MIDNIGHT)
    run = make_run(make_task(quiet_hours=NIGHT, timezone="Europe/Berlin"))

    assert ask(run, action="skip")["until"] == "2026-03-29T05:00:00+00:00"
    assert ask(run, action="skip", timezone="UTC")["until"] == "2026-03-29T07:00:00+00:00"
    assert ask(action="skip") == ask(run, action="skip", windows=[]) == {"allowed": True}


@pytest.mark.parametrize(
    ("given", "place"),
    [({"windows": [{"from": "25:00", "to": "07:00"}]}, "/windows"), ({"windows": NIGHT, "timezone": "Mars/Olympus"}, "/timezone"),
     ({"windows": [{"from": "07:00", "to": "07:00"}]}, "/windows")],
)  # fmt: skip
def test_windows_and_zones_that_are_none_fail_the_step(given: dict[str, Any], place: str) -> None:
    with pytest.raises(ToolFailure) as failed:
        ask(**given)

    assert failed.value.error.code == "invalid_input"
    assert place in failed.value.error.message


@pytest.mark.parametrize(
    "given", [{"windows": NIGHT, "quiet_hours": NIGHT}, {"windows": [{"from": "22", "to": "07:00"}]}, {"windows": [{"from": "22:00"}]},
              {"action": "wait"}],
)  # fmt: skip
def test_what_can_be_seen_to_be_wrong_is_refused_when_it_is_saved(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidPipeline):
        parse({"pipeline": [{"uses": TOOL, "with": given}]}, tools=catalogue.catalogue())


def test_a_run_that_is_deferred_holds_no_worker_and_has_passed_when_the_time_has_come(make_worker: MakeWorker) -> None:
    steps = (
        {"id": "gate", "uses": TOOL, "with": {"windows": now_quiet()}},
        {"uses": "debug.echo", "with": {"ok": "${steps.gate.allowed}"}},
    )
    run = make_run(make_task(payload=pipeline(*steps)))
    make_worker().drain()
    until(lambda: state_of(run) == "waiting")

    run.refresh_from_db()
    assert (run.waiting_for, run.lease_until) == ("sleep", None)
    assert timedelta(minutes=58) < run.run_at - database_now() <= timedelta(hours=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tasks_run SET run_at = clock_timestamp() WHERE state = 'waiting'")
    promote.run_once()
    until(lambda: state_of(run) == "succeeded")

    assert steps_of(run)[-1].output == {"ok": True}
