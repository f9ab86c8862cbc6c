"""The queue's page: what it shows, to whom, and who may act on it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from tasks_app import queue, workers
from tasks_app.conf import conf
from tasks_app.models import AuditEntry, Run, Worker
from tests.integration.admin.conftest import said
from tests.making import claim, claim_one, expire, make_agent, make_run, make_task

PAGE = "/admin/queue/"


def dead_run(title: str = "A task") -> Run:
    run = make_run(make_task(title=title))
    queue.apply(queue.fail(claim_one().lease, error={"message": "<b>lost</b>"}))
    Run.objects.filter(pk=run.pk).update(state="dead", losses=3)
    return run


def shown(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_the_queue_the_leases_the_workers_and_the_dead(operator: Client) -> None:
    dead_run("The dead one")
    task = make_task(created_by=make_agent())
    make_run(task, priority=9)
    claim()
    make_run(task, priority=7)
    Run.objects.filter(state="queued").update(run_at=F("run_at") - timedelta(minutes=2))
    worker = workers.register(name="host-a:1:x", host="host-a", pid=4711, threads=200)
    Worker.objects.filter(pk=worker.pk).update(seen_at=F("seen_at") - timedelta(minutes=1))

    page = shown(operator)

    assert all(words in page for words in ("host-a:1:x", "4711", "(silent)", "The dead one", task.created_by.name))
    assert "<tr><td>7</td><td>0</td><td>0</td><td>1</td><td>0</td><td>0</td><td>1</td></tr>" in page
    assert "Leases: 1 held, 0 over, the first ends in" in page


def test_a_worker_is_silent_when_it_has_said_nothing_for_a_lease(operator: Client) -> None:
    worker = workers.register(name="host-a:1:x", host="host-a", pid=4711, threads=200)
    Worker.objects.filter(pk=worker.pk).update(seen_at=F("seen_at") - timedelta(minutes=1))

    with override_settings(ORDINAUT=replace(conf(), lease=timedelta(minutes=5), heartbeat=timedelta(minutes=2))):
        assert "(silent)" not in shown(operator)
    with override_settings(ORDINAUT=replace(conf(), lease=timedelta(seconds=50))):
        assert "(silent)" in shown(operator)


def test_an_empty_platform_is_told_as_one(operator: Client) -> None:
    page = shown(operator)

    assert all(words in page for words in ("Nothing is queued.", "No worker has been heard of", "No run is dead."))


def test_nothing_that_others_wrote_is_markup(operator: Client) -> None:
    agent = make_agent()
    type(agent).objects.filter(pk=agent.pk).update(name="<i>agent</i>")
    workers.register(name="<i>worker</i>", host="<i>host</i>", pid=1, threads=1)
    dead_run("<i>title</i>")
    make_run(make_task(created_by=agent))

    page = shown(operator)

    assert "<i>" not in page
    assert "<b>lost" not in page
    assert page.count("&lt;i&gt;") >= 4


def test_the_page_costs_the_same_however_many_there_are(operator: Client) -> None:
    shown(operator)
    with CaptureQueriesContext(connection) as few:
        shown(operator)
    for number in range(5):
        dead_run()
        workers.register(name=f"w{number}", host="a", pid=number, threads=1)
    for _ in range(5):
        make_run()
    with CaptureQueriesContext(connection) as many:
        shown(operator)

    assert len(many) == len(few) + 1  # the names of the agents with queued runs


def test_who_may_see_runs_sees_it_without_buttons(staff_with: Callable[..., Client]) -> None:
    viewer = staff_with("view_run")

    page = shown(viewer)

    assert "Reap now" not in page
    assert viewer.post(PAGE, {"action": "reap"}).status_code == 403


def test_who_may_see_no_runs_does_not_see_it_nor_its_link(staff_with: Callable[..., Client]) -> None:
    stranger = staff_with("view_agent")

    assert stranger.get(PAGE).status_code == 403
    assert PAGE not in stranger.get("/admin/").content.decode()


def test_strangers_are_sent_to_the_login() -> None:
    answer = Client().get(PAGE)

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/admin/login/?next={PAGE}")


def test_an_operator_reaps_at_once(staff_with: Callable[..., Client]) -> None:
    make_run()
    expire(claim_one().lease)

    answer = staff_with("change_run").post(PAGE, {"action": "reap"})

    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    assert said(answer) == ["1 runs put back, 0 dead, 0 workers lost."]
    assert Run.objects.get().state == "queued"


@pytest.mark.parametrize("sent", [{}, {"action": "explode"}])
def test_a_wish_that_nobody_knows_changes_nothing(operator: Client, sent: dict[str, str]) -> None:
    make_run()
    expire(claim_one().lease)

    assert operator.post(PAGE, sent).status_code == 302
    assert Run.objects.get().state == "running"


def test_a_form_of_another_site_is_refused(operator: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator.cookies

    assert strict.post(PAGE, {"action": "reap"}).status_code == 403


def test_an_operator_redrives_the_dead_runs_that_were_chosen(staff_with: Callable[..., Client]) -> None:
    chosen, other = dead_run(), dead_run()

    answer = staff_with("change_run").post(PAGE, {"action": "redrive", "run": [str(chosen.pk), "no id"]})

    assert said(answer) == ["1 runs redriven."]
    assert dict(Run.objects.values_list("pk", "state")) == {chosen.pk: "queued", other.pk: "dead"}
    entry = AuditEntry.objects.get(action="run.redriven")
    assert (entry.actor, entry.object_id) == ("user:limited", chosen.pk)


def test_a_run_that_is_not_dead_any_more_is_left_and_said_to_be(operator: Client) -> None:
    run = make_run()

    answer = operator.post(PAGE, {"action": "redrive", "run": [str(run.pk)]})

    assert said(answer)[0] == "0 runs redriven."
    assert said(answer)[1].startswith("1 were left")


def test_redriving_nothing_is_said_to_be_nothing(operator: Client) -> None:
    assert said(operator.post(PAGE, {"action": "redrive"})) == ["Choose the runs to redrive."]


def test_who_may_only_look_cannot_redrive(staff_with: Callable[..., Client]) -> None:
    run = dead_run()
    viewer = staff_with("view_run")

    assert "Redrive" not in shown(viewer)
    assert viewer.post(PAGE, {"action": "redrive", "run": [str(run.pk)]}).status_code == 403
    assert Run.objects.get().state == "dead"
