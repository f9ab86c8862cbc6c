"""Runs that nobody has taken for seconds have the workers woken again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from tasks_app.events import wakeup
from tasks_app.maintenance import sweep
from tasks_app.models import Run
from tests.integration.observability.test_metrics import scraped
from tests.making import claim, make_run, make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(wakeup, "send", lambda: sent.append("hint"))
    return sent


def grow_late(seconds: float) -> None:
    Run.objects.update(run_at=F("run_at") - timedelta(seconds=seconds))


def test_a_run_that_is_overdue_has_a_worker_woken_and_is_counted(woken: list[str]) -> None:
    make_run(priority=2)
    grow_late(6)
    before = scraped()["orchestrator_sweeper_hits_total"]

    assert sweep.run_once() == {"overdue": 1}

    assert woken == ["hint"]
    assert scraped()["orchestrator_sweeper_hits_total"] == before + 1


def test_a_run_that_became_due_just_now_and_one_that_is_running_wake_nobody(woken: list[str]) -> None:
    task = make_task()
    make_run(task)
    claim()
    grow_late(60)
    make_run(task)
    grow_late(2)

    assert sweep.run_once() == {"overdue": 0}
    assert woken == []


def test_a_sweep_reads_the_first_in_line_only() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sweep._LONGEST_WAIT}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "run_claim_order" in plan
    assert "Sort" not in plan
