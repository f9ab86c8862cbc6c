"""`manage.py redrive`: which runs it chooses, what it says, and that a dry run changes nothing."""

from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from tasks_app import queue
from tasks_app.models import AuditEntry, Run
from tasks_app.models.clock import database_now
from tests.making import claim_one, make_agent, make_run, make_task

pytestmark = pytest.mark.django_db


def ended(state: str = "dead", *, task: Any = None, ago: timedelta = timedelta(hours=1)) -> Run:
    run = make_run(task)
    queue.apply(queue.fail(claim_one().lease, error={"code": "x"}))
    Run.objects.filter(pk=run.pk).update(state=state, finished_at=database_now() - ago)
    return run


def printed(*arguments: object) -> list[str]:
    output = StringIO()
    call_command("redrive", *map(str, arguments), stdout=output)
    return output.getvalue().splitlines()


def queued() -> set[Any]:
    return set(Run.objects.filter(state="queued").values_list("pk", flat=True))


def test_without_a_choice_all_dead_runs_are_redriven_and_no_others() -> None:
    first, second, failed = ended(ago=timedelta(days=2)), ended(), ended("failed")

    lines = printed("--reason", "the bank is back")

    assert lines == [f"{first.pk} dead A task", f"{second.pk} dead A task", "2 runs redriven."]
    assert queued() == {first.pk, second.pk}
    assert Run.objects.get(pk=failed.pk).state == "failed"
    assert {entry.details["reason"] for entry in AuditEntry.objects.filter(action="run.redriven")} == {
        "the bank is back"
    }


def test_a_dry_run_says_which_and_changes_nothing() -> None:
    run = ended()

    assert printed("--dry-run") == [f"{run.pk} dead A task", "1 runs would be redriven."]
    assert queued() == set()


def test_runs_are_chosen_by_state_task_agent_and_time() -> None:
    agent = make_agent()
    task, other = make_task(created_by=agent), make_task()
    wanted = ended("failed", task=task)
    ended("failed", task=task, ago=timedelta(days=2))
    ended("timed_out", task=task)
    ended("failed", task=other)
    since = (database_now() - timedelta(days=1)).isoformat()

    printed("--state", "failed", "--task", task.pk, "--agent", agent.name, "--since", since)

    assert queued() == {wanted.pk}


def test_runs_are_redriven_by_their_ids_whatever_bad_end_they_came_to() -> None:
    dead, failed, other = ended(), ended("failed"), ended()

    printed("--run", dead.pk, failed.pk)

    assert queued() == {dead.pk, failed.pk}
    assert Run.objects.get(pk=other.pk).state == "dead"


def test_one_that_ended_well_is_left_and_said_to_be() -> None:
    fine = ended("succeeded")

    assert printed("--run", fine.pk)[1:] == [
        "0 runs redriven.",
        "1 were left: they have not ended badly, or their task is canceled or deleted.",
    ]


def test_no_more_than_the_limit_the_oldest_first() -> None:
    ended()
    oldest = ended(ago=timedelta(days=2))

    printed("--limit", 1)

    assert queued() == {oldest.pk}


def test_many_are_redriven_in_several_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    from tasks_app.services import redriving

    monkeypatch.setattr(redriving, "AT_ONCE", 2)
    for _ in range(3):
        ended()

    assert printed()[-1] == "3 runs redriven."
    assert len(queued()) == 3


@pytest.mark.parametrize(
    ("arguments", "cure"),
    [
        (["--agent", "nobody"], "There is no agent 'nobody'"),
        (["--run", uuid4()], "There is no run"),
        (["--since", "yesterday"], "is not an instant: write 2026-03-01T09:00"),
        (["--limit", "0"], "give a whole number from 1 to 10000"),
        (["--run", uuid4(), "--task", uuid4()], "not allowed with argument"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_cure(arguments: list[Any], cure: str) -> None:
    with pytest.raises(CommandError, match=cure):
        printed(*arguments)
