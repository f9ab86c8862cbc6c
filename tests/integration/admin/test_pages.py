"""Every page opens, with rows, for those who may see it, in a bounded number of queries."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from tasks_app import queue
from tasks_app.models import Agent, AuditEntry, OutboxEntry, Run, SkippedOccurrence, Task, outbox_entry
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tests.integration.admin.conftest import list_of, page_of
from tests.making import claim, claim_one, make_run, make_task, step

OURS = [Task, Run, Agent, OutboxEntry, AuditEntry, SkippedOccurrence]
THEIRS = [User, Group, PeriodicTask, IntervalSchedule, CrontabSchedule, ClockedSchedule, SolarSchedule]


@pytest.fixture
def rows() -> None:
    """At least one row of each of ours, made by the services where they can."""
    task = make_task()
    tasks.pause(task, actor=SYSTEM)
    tasks.resume(task, actor=SYSTEM)
    tasks.run_now(task, actor=SYSTEM)
    SkippedOccurrence.objects.create(task=task, scheduled_for=timezone.now(), reason="paused")


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_lists_and_pages_open_with_rows(operator: Client, rows: None, model: type) -> None:
    row = model.objects.first()

    assert operator.get(list_of(model)).status_code == 200
    assert operator.get(page_of(row)).status_code == 200


@pytest.mark.parametrize("model", THEIRS, ids=lambda model: model.__name__)
def test_borrowed_pages_open_in_the_same_clothes(operator: Client, model: type) -> None:
    listed = operator.get(list_of(model))
    add = operator.get(f"{list_of(model)}add/")

    assert (listed.status_code, add.status_code) == (200, 200)
    assert b"unfold" in listed.content
    assert b"border-base-200" in add.content


def test_a_periodic_task_is_made_with_a_crontab(operator: Client) -> None:
    crontab = CrontabSchedule.objects.create(minute="0", hour="4")
    form = {
        "name": "Sweep", "task": "celery.backend_cleanup", "enabled": "on", "crontab": crontab.pk, "args": "[]",
        "kwargs": "{}", "headers": "{}", "recurrence-TOTAL_FORMS": 0, "recurrence-INITIAL_FORMS": 0,
    }  # fmt: skip

    operator.post(f"{list_of(PeriodicTask)}add/", form)

    assert PeriodicTask.objects.get(name="Sweep").crontab == crontab


def test_the_dashboard_shows_what_runs_what_is_due_and_what_failed(operator: Client) -> None:
    make_task(title="Soon", next_run_at=timezone.now(), schedule_kind="interval", schedule_expr="PT1H")
    make_run(make_task(title="Broken"))
    queue.apply(queue.fail(claim_one().lease, error={"code": "broken"}))
    make_run()

    page = operator.get("/admin/")

    assert [task.title for task in page.context["next_due"]] == ["Soon"]
    assert [run.title for run in page.context["last_failures"]] == ["Broken"]
    assert {tile.query: tile.number for tile in page.context["queue_depth"]} == {
        "state__exact=queued": 1,
        "state__exact=running": 0,
        "state__exact=waiting": 0,
    }
    counted = {tile.query: tile.number for tile in page.context["recent_runs"] if tile.number}
    assert counted == {
        "state__exact=queued&created=day&simulated__exact=0": 1,
        "state__exact=failed&created=day&simulated__exact=0": 1,
    }


def test_of_very_many_runs_the_dashboard_counts_only_the_newest(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks_app.admin.dashboard._MOST_RUNS", 2)
    for _ in range(5):
        make_run()

    page = operator.get("/admin/")

    assert page.context["recent_runs"][0].number == 3


def test_the_dashboard_hides_what_an_operator_may_not_see(staff_with: object) -> None:
    client = staff_with("view_agent")  # type: ignore[operator]

    page = client.get("/admin/")

    assert page.status_code == 200
    assert {"recent_runs", "next_due"}.isdisjoint(page.context.keys())
    assert b"/admin/tasks/task/" not in page.content


def test_the_side_bar_leads_to_the_rest_of_the_platform(operator: Client) -> None:
    page = operator.get("/admin/").content.decode()

    assert all(f'href="{address}"' in page for address in ("/flower/", "/docs", "/metrics", "/admin/tasks/run/"))


@pytest.mark.parametrize(("model", "limit"), [(Task, 9), (Run, 7)])
def test_more_rows_cost_no_more_queries(
    operator: Client, model: type, limit: int, django_assert_max_num_queries: object
) -> None:
    for _ in range(12):
        make_run()

    with django_assert_max_num_queries(limit):  # type: ignore[operator]
        operator.get(list_of(model))


def test_the_page_of_a_run_costs_few_queries(operator: Client, django_assert_max_num_queries: object) -> None:
    make_run()
    claimed = claim_one()
    queue.apply(queue.succeed(claimed.lease, steps=[step(str(n)) for n in range(1, 30)]))

    page = page_of(Run.objects.get())
    operator.get(page)  # Django remembers the types of content from here on

    with django_assert_max_num_queries(11):  # type: ignore[operator]
        operator.get(page)


def test_lists_of_runs_are_never_counted(operator: Client, django_assert_max_num_queries: object) -> None:
    make_run()

    with django_assert_max_num_queries(4) as asked:  # type: ignore[operator]
        operator.get(list_of(Run))

    assert not [query for query in asked if "COUNT(" in query["sql"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("?state__exact=running", 1),
        ("?trigger__exact=schedule", 0),
        ("?created=hour", 2),
        ("?created=century", 2),
        ("?q=Alpha", 1),
        ("?q=nothing+like+it", 0),
    ],
)
def test_runs_are_filtered(operator: Client, query: str, found: int) -> None:
    make_run(make_task(title="Alpha"))
    make_run(make_task(title="Beta"))
    claim(limit=1)

    page = operator.get(list_of(Run, query))

    assert len(page.context["cl"].result_list) == found


def test_runs_are_found_by_their_own_id_and_by_their_tasks(operator: Client) -> None:
    wanted = make_run()
    make_run()

    for term in (wanted.pk, wanted.task_id):
        page = operator.get(list_of(Run, f"?q={term}"))
        assert [run.pk for run in page.context["cl"].result_list] == [wanted.pk]


def test_events_and_audit_are_filtered_by_what_they_are_about(operator: Client, rows: None) -> None:
    events = operator.get(list_of(OutboxEntry, "?type=task.paused")).context["cl"].result_list
    runs = operator.get(list_of(OutboxEntry, "?aggregate_kind=run")).context["cl"].result_list
    audited = operator.get(list_of(AuditEntry, "?object_kind=agent")).context["cl"].result_list

    assert [entry.types for entry in events] == [["task.paused"]]
    assert {event.aggregate_kind for event in runs} == {"run"}
    assert list(audited) == []


@pytest.mark.parametrize("query", ["?type=task.paused", "?aggregate_kind=task"])
def test_a_filter_of_events_looks_no_further_back_than_the_recent_ones(
    operator: Client, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    paused = make_task()
    tasks.pause(paused, actor=SYSTEM)
    monkeypatch.setattr(outbox_entry, "_RECENT", 2)
    assert len(operator.get(list_of(OutboxEntry, query)).context["cl"].result_list) == 1

    make_run(), make_run()

    assert list(operator.get(list_of(OutboxEntry, query)).context["cl"].result_list) == []
    assert len(operator.get(list_of(OutboxEntry)).context["cl"].result_list) == 3


def test_a_deleted_task_and_its_runs_are_out_of_sight(operator: Client) -> None:
    run = make_run()
    tasks.delete(run.task, actor=SYSTEM)

    assert list(operator.get(list_of(Task)).context["cl"].result_list) == []
    assert list(operator.get(list_of(Run)).context["cl"].result_list) == []
    assert operator.get(page_of(run.task)).status_code == 302


def test_nobody_sees_anything_without_logging_in(client: Client) -> None:
    for address in ("/admin/", list_of(Task), list_of(Run)):
        assert client.get(address).headers["Location"].startswith("/admin/login/")
