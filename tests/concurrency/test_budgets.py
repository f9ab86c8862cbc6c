"""Many workers at once: together they make no more calls than a budget has."""

import threading

import pytest
from django.db import connection, transaction

from pipelines import StepFailed
from pipelines.usage import Usage
from tasks_app.destinations import budgets
from tasks_app.destinations.budgets import Account
from tasks_app.models import Spending
from tests.concurrency.test_waits import meanwhile
from tests.making import make_task

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_many_at_once_no_more_than_the_budget_has_are_let() -> None:
    task = Account(make_task(calls_per_day=10).pk, "day")
    made, refused, lock = [], [], threading.Lock()
    begin = threading.Barrier(4)

    def worker() -> None:
        begin.wait(5)
        for _ in range(10):
            try:
                budgets.charge([task], calls=1)
            except StepFailed as failed:
                with lock:
                    refused.append(failed.error.code)
            else:
                with lock:
                    made.append(1)
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert (len(made), refused) == (10, ["budget_exhausted"] * 30)
    assert Spending.objects.get().calls == 10


@pytest.mark.parametrize("begun_before", [True, False])
def test_who_waits_for_another_sees_what_that_one_took(begun_before: bool) -> None:
    task = Account(make_task(tokens_per_day=100).pk, "day")
    if begun_before:
        budgets.charge([task], calls=1)

    with transaction.atomic():
        budgets.charge([task], usage=Usage(tokens_out=60))
        other = meanwhile(lambda: budgets.charge([task], usage=Usage(tokens_out=60)))
        threading.Event().wait(0.1)  # long enough to stand at the lock; else it comes later, which ends the same

    assert isinstance(other(), StepFailed)
    assert Spending.objects.get().tokens == 60
