"""The audit's chain grows by one transaction after the other, and none waits for another that is still at work."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from tasks_app.models import AuditEntry, AuditLink
from tasks_app.services import audit, audit_chain
from tasks_app.services.actor import SYSTEM
from tests.concurrency.another import as_another
from tests.making import make_agent

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, EACH = 8, 10


def test_entries_of_many_writers_form_one_chain_without_a_gap() -> None:
    agent = make_agent()
    ready = threading.Barrier(WRITERS)

    def write(writer: int) -> None:
        ready.wait(20)
        try:
            for number in range(EACH):
                with transaction.atomic():
                    audit.note("agent.updated", agent, actor=SYSTEM, writer=writer, number=number)
                    audit.note("agent.updated", agent, actor=SYSTEM, writer=writer, number=-number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))

    entries = WRITERS * EACH * 2
    assert list(AuditLink.objects.values_list("position", flat=True)) == list(range(1, entries + 1))
    verdict = audit_chain.verify()
    assert (verdict.intact, verdict.checked, AuditEntry.objects.count()) == (True, entries, entries)


def test_a_transaction_that_is_still_at_work_keeps_nobody_waiting() -> None:
    agent = make_agent()

    with transaction.atomic():
        audit.note("agent.updated", agent, actor=SYSTEM, who="slow")
        as_another(lambda: audit.note("agent.updated", agent, actor=SYSTEM, who="quick"))

    in_order = [AuditEntry.objects.get(pk=link.entry).details["who"] for link in AuditLink.objects.all()]
    assert in_order == ["quick", "slow"]
    assert audit_chain.verify().intact


def test_what_is_being_written_is_no_damage() -> None:
    agent = make_agent()
    audit.note("agent.updated", agent, actor=SYSTEM)

    with transaction.atomic():
        audit.note("agent.updated", agent, actor=SYSTEM)
        seen = as_another(audit_chain.verify)

    assert (seen.intact, seen.checked) == (True, 1)
