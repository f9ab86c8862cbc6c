"""Operators see at a glance what was only simulated."""

from django.test import Client

from tasks_app.models import Run, Task
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tasks_app.states import TaskMode
from tests.integration.admin.conftest import act, list_of, page_of
from tests.making import make_run, make_task


def simulated_run() -> Run:
    return tasks.run_now(make_task(), actor=SYSTEM, mode=TaskMode.SIMULATE)


def test_a_simulated_run_is_marked_in_lists_and_on_its_page(operator: Client) -> None:
    simulated, live = simulated_run(), make_run()

    for address in (list_of(Run), page_of(simulated), page_of(simulated.task)):
        assert ">simulated<" in squeezed(operator.get(address)), address
    for address in (page_of(live), page_of(live.task)):
        assert ">simulated<" not in squeezed(operator.get(address)), address


def squeezed(page: object) -> str:
    return "".join(page.content.decode().split())  # type: ignore[attr-defined]


def test_the_dashboard_counts_simulated_runs_apart(operator: Client) -> None:
    simulated_run()
    make_run()

    tiles = {tile.query: tile.number for tile in operator.get("/admin/").context["recent_runs"] if tile.number}

    assert tiles == {
        "state__exact=queued&created=day&simulated__exact=0": 1,
        "simulated__exact=1&created=day": 1,
    }
    assert operator.get(list_of(Run, "?simulated__exact=1&created=day")).context["cl"].result_list.count() == 1


def test_an_operator_lets_a_task_be_simulated(operator: Client) -> None:
    task = make_task()

    act(operator, "simulate", task)

    assert Run.objects.get(task=task).simulated


def test_a_simulated_task_is_marked_in_its_list(operator: Client) -> None:
    make_task(mode=TaskMode.SIMULATE)
    assert ">simulated<" in squeezed(operator.get(list_of(Task)))

    Task.objects.update(mode=TaskMode.LIVE)
    assert ">simulated<" not in squeezed(operator.get(list_of(Task)))
