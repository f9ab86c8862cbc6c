"""Whoever refreshes a login at the same time, in any process: one generation, and no two that go on."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from tasks_app.exceptions import NotAuthenticated
from tasks_app.models import AuditEntry, TokenFamily
from tasks_app.services import logins
from tasks_app.services.actor import SYSTEM
from tests.concurrency.another import as_another
from tests.making import make_agent

pytestmark = pytest.mark.django_db(transaction=True)


def refresh(family: TokenFamily, generation: int = 1) -> int | None:
    """The generation that is answered; None for a refusal."""
    try:
        return logins.refresh(family.pk, agent=family.agent_id, generation=generation).generation
    except NotAuthenticated:
        return None


def at_once(act: Callable[[], int | None], *, threads: int) -> list[int | None]:
    ready = threading.Barrier(threads)

    def run(_: int) -> int | None:
        try:
            ready.wait(20)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def test_of_eight_that_refresh_at_once_one_raises_the_generation() -> None:
    family = logins.begin(make_agent())

    assert at_once(lambda: refresh(family), threads=8) == [2] * 8
    family.refresh_from_db()
    assert (family.generation, family.revoked_at) == (2, None)


def test_of_eight_that_bring_a_used_token_none_is_given_anything_and_the_end_is_noted_once() -> None:
    family = logins.begin(make_agent())
    refresh(family)
    TokenFamily.objects.update(refreshed_at=Now() - timedelta(seconds=6))

    assert at_once(lambda: refresh(family), threads=8) == [None] * 8
    assert AuditEntry.objects.filter(action="agent.token_reused").count() == 1


def test_a_login_that_is_revoked_while_it_is_being_refreshed_stays_revoked() -> None:
    family = logins.begin(make_agent())

    with transaction.atomic():
        assert logins.end(family.pk, actor=SYSTEM)
        waiting = threading.Thread(target=lambda: answers.append(as_another_refresh(family)))
        answers: list[int | None] = []
        waiting.start()
    waiting.join(20)

    assert answers == [None]


def as_another_refresh(family: TokenFamily) -> int | None:
    try:
        return refresh(family)
    finally:
        connection.close()


def test_a_revocation_is_seen_by_another_process_as_soon_as_it_is_committed() -> None:
    family = logins.begin(make_agent())
    alive = TokenFamily.objects.proven_by(family.pk, agent=family.agent_id)

    assert as_another(alive.exists)
    logins.end(family.pk, actor=SYSTEM)

    assert not as_another(alive.all().exists)
