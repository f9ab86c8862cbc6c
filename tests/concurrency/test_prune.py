"""Pruning beside others: what somebody has is let be, and several beats share the work."""

from datetime import timedelta

import pytest
from django.db import transaction

from tasks_app.maintenance import prune
from tasks_app.models import Attempt, Run, StepLog
from tests.concurrency.another import as_another
from tests.integration.maintenance.test_prune import done

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]

OLD = timedelta(days=40)


def test_a_run_that_somebody_is_about_to_redrive_is_not_forgotten() -> None:
    run, other = done(ended=OLD), done(ended=OLD)

    with transaction.atomic():
        Run.objects.select_for_update().get(pk=run.pk)
        assert as_another(prune.run_once)["runs"] == 1

    assert Run.objects.get().pk == run.pk != other.pk
    assert Attempt.objects.filter(run_id=run.pk).exists()
    assert StepLog.objects.filter(run_id=run.pk).exists()


def test_two_beats_forget_different_runs_without_waiting_for_each_other() -> None:
    for _ in range(2):
        done(ended=OLD)

    with transaction.atomic():
        assert prune._prune_runs(1) == 1
        assert as_another(lambda: prune._prune_runs(1)) == 1

    assert not Run.objects.exists()
