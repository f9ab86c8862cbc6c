"""What keeps two processes apart is proved by taking it out: then the test of that promise fails."""

import re
from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction
from django.db.models.functions import Now

from tasks_app import queue, queue_sql
from tasks_app.models import Run
from tests.concurrency import test_claims
from tests.concurrency.another import as_another
from tests.making import LEASE, claim_one, expire, make_run

pytestmark = pytest.mark.django_db(transaction=True)

SKIP = r"\s+FOR UPDATE( OF run)? SKIP LOCKED"
WAIT = (r" SKIP LOCKED", "")


def test_a_reaper_passes_by_a_lease_that_is_being_prolonged_although_its_old_end_is_past() -> None:
    make_run()
    lease = claim_one().lease
    expire(lease)  # what others see until the renewal has committed

    with transaction.atomic():
        Run.objects.filter(pk=lease.run_id).update(lease_until=Now() + LEASE)  # as a renewal did just before that end
        assert as_another(lambda: queue.reap(limit=10)) == []

    assert queue.reap(limit=10) == []
    assert Run.objects.get().lease == lease


GUARDS: dict[str, tuple[str, str, str, Callable[[], None]]] = {
    "a claim skips what another is claiming": (
        "CLAIM",
        *WAIT,
        test_claims.test_a_run_being_claimed_is_skipped_by_the_other_worker,
    ),
    "a claim locks what it takes": (
        "CLAIM",
        SKIP,
        "",
        test_claims.test_a_run_being_claimed_is_skipped_by_the_other_worker,
    ),
    "the reaper skips what is being renewed": (
        "REAP",
        *WAIT,
        test_a_reaper_passes_by_a_lease_that_is_being_prolonged_although_its_old_end_is_past,
    ),
    "a reaper skips what another takes back": (
        "REAP",
        *WAIT,
        test_claims.test_two_reapers_take_a_lost_run_back_once,
    ),
    "a renewal skips what is being moved": (
        "RENEW",
        *WAIT,
        test_claims.test_a_renewal_waits_for_no_run_that_is_being_moved_and_does_not_take_it_for_lost,
    ),
}


@pytest.mark.parametrize("guard", GUARDS)
def test_a_promise_is_broken_without_its_guard(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    statement, words, instead, promise = GUARDS[guard]
    unguarded, places = re.subn(words, instead, getattr(queue_sql, statement))
    assert places, f"{statement} says it in other words now: write them into GUARDS, or the guard is not proved."
    monkeypatch.setattr(queue_sql, statement, unguarded)

    with pytest.raises((AssertionError, DatabaseError)):
        promise()
