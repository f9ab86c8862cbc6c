"""The audit takes new entries and nothing else, whoever asks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from tasks_app.conf import conf
from tasks_app.maintenance import prune
from tasks_app.models import AuditEntry, AuditLink
from tasks_app.services import audit_chain
from tests.integration.audit.tampering import tamper, write

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FORBIDDEN = [
    "UPDATE tasks_auditentry SET actor = 'system'",
    "UPDATE tasks_auditentry SET actor = 'system' WHERE false",
    "DELETE FROM tasks_auditentry",
    "TRUNCATE tasks_auditentry",
    "UPDATE tasks_auditlink SET digest = ''",
    "DELETE FROM tasks_auditlink",
    "TRUNCATE tasks_auditlink, tasks_auditentry",
]


def execute(statement: str, *parameters: Any) -> Any:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None


def age(entries: list[AuditEntry], days: int) -> None:
    for entry in entries:
        tamper("UPDATE tasks_auditentry SET at = at - %s WHERE id = %s", timedelta(days=days), entry.pk)
    tamper("DELETE FROM tasks_auditlink")
    rows = AuditEntry.objects.order_by("id").values_list("pk", flat=True)
    for place, pk in enumerate(rows, 1):
        tamper(
            "INSERT INTO tasks_auditlink SELECT %s, entry.id, tasks_audit_digest(coalesce((SELECT digest FROM"
            " tasks_auditlink WHERE position = %s), ''), entry) FROM tasks_auditentry AS entry WHERE entry.id = %s",
            place,
            place - 1,
            pk,
        )


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_an_entry_is_not_changed_or_removed(statement: str) -> None:
    write(2)

    with pytest.raises(IntegrityError, match="the audit is only added to"):
        execute(statement)

    assert (AuditEntry.objects.count(), AuditLink.objects.count()) == (2, 2)
    assert audit_chain.verify().intact


def test_what_is_rolled_back_leaves_no_gap() -> None:
    write(1)
    with transaction.atomic():
        write(1)
        transaction.set_rollback(True)

    write(1)

    assert list(AuditLink.objects.values_list("position", flat=True)) == [1, 2]
    assert audit_chain.verify().intact


class TestPruning:
    def test_old_entries_are_forgotten_where_a_time_is_set_and_the_chain_stays_whole(self, settings: Any) -> None:
        entries = write(5)
        age(entries[:3], days=40)
        assert audit_chain.verify().intact
        prune.run_once()
        assert AuditEntry.objects.count() == 5

        settings.ORDINAUT = replace(conf(), audit_retention=35 * DAY)
        assert [prune.run_once(batch=2)["audit"] for _ in range(3)] == [2, 1, 0]
        connection.check_constraints()

        kept = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
        assert kept == ["agent.updated", "agent.updated", "audit.pruned", "audit.pruned"]
        verdict = audit_chain.verify()
        assert (verdict.intact, verdict.first, verdict.checked) == (True, 4, 4)

    def test_the_newest_entry_stays_however_old_it_is(self) -> None:
        age(write(3), days=40)

        assert execute("SELECT tasks_prune_audit(now() - interval '31 days', 100)") == [(2,)]

        assert AuditEntry.objects.exclude(action="audit.pruned").count() == 1
        connection.check_constraints()
        assert audit_chain.verify().intact

    def test_nothing_is_forgotten_twice_or_for_nothing(self) -> None:
        write(3)

        assert execute("SELECT tasks_prune_audit(now() - interval '31 days', 100)") == [(0,)]
        assert not AuditEntry.objects.filter(action="audit.pruned").exists()

    def test_what_is_younger_than_30_days_is_not_forgotten_whoever_asks(self) -> None:
        age(write(3), days=29)

        with pytest.raises(IntegrityError, match="kept for 30 days at least"):
            execute("SELECT tasks_prune_audit(now(), 100)")

    def test_the_way_to_prune_is_closed_behind_it(self) -> None:
        age(write(3), days=40)
        with transaction.atomic():
            execute("SELECT tasks_prune_audit(now() - interval '31 days', 1)")
            with pytest.raises(IntegrityError, match="only added to"):
                execute("DELETE FROM tasks_auditentry")

    def test_a_beginning_that_was_cut_off_is_no_pruning(self) -> None:
        write(3)
        tamper("DELETE FROM tasks_auditentry WHERE id = (SELECT min(id) FROM tasks_auditentry)")
        tamper("DELETE FROM tasks_auditlink WHERE position = 1")

        [damage] = audit_chain.verify().damage
        assert damage.what == "are missing, and no entry says that they were pruned: 1 to 1"


class TestGrants:
    """A role that only works with the tables, as docs/agents-and-scopes.md sets it up."""

    @pytest.fixture
    def as_app(self) -> Iterator[None]:
        role = f"ordinaut_app_{id(self)}"
        execute(f"CREATE ROLE {role}")
        execute(f"GRANT SELECT, INSERT ON tasks_auditentry TO {role}")
        execute(f"GRANT SELECT ON tasks_auditlink TO {role}")
        execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
        execute(f"GRANT EXECUTE ON FUNCTION tasks_prune_audit TO {role}")
        age(write(3), days=40)
        execute(f"SET ROLE {role}")
        yield
        execute("RESET ROLE")

    @pytest.mark.usefixtures("as_app")
    @pytest.mark.parametrize("statement", [*FORBIDDEN, "INSERT INTO tasks_auditlink VALUES (9, 9, '')"])
    def test_it_may_not_even_try(self, statement: str) -> None:
        with pytest.raises(DatabaseError, match="permission denied"):
            execute(statement)
        with pytest.raises(DatabaseError, match="permission denied"):
            execute(f"SET ordinaut.pruning_audit = 'yes'; {statement}")

    @pytest.mark.usefixtures("as_app")
    def test_it_writes_entries_that_are_chained_and_prunes(self) -> None:
        execute(
            "INSERT INTO tasks_auditentry (actor, action, object_kind, object_id, request_id, details)"
            " VALUES ('system', 'agent.updated', 'agent', gen_random_uuid(), '', '{}')"
        )
        connection.check_constraints()
        assert AuditLink.objects.count() == 4
        assert audit_chain.verify().intact

        assert execute("SELECT tasks_prune_audit(now() - interval '31 days', 100)") == [(3,)]
        connection.check_constraints()
        assert audit_chain.verify().intact

    @pytest.fixture
    def as_stranger(self) -> Iterator[None]:
        role = f"ordinaut_stranger_{id(self)}"
        execute(f"CREATE ROLE {role}")
        execute(f"GRANT SELECT, DELETE ON tasks_auditentry, tasks_auditlink TO {role}")
        age(write(3), days=40)
        execute(f"SET ROLE {role}")
        yield
        execute("RESET ROLE")

    @pytest.mark.usefixtures("as_stranger")
    @pytest.mark.parametrize("table", ["tasks_auditentry", "tasks_auditlink"])
    def test_a_role_that_may_delete_rows_deletes_none_whatever_it_sets(self, table: str) -> None:
        with pytest.raises(IntegrityError, match="the audit is only added to"):
            execute(f"SET ordinaut.pruning_audit = 'yes'; DELETE FROM {table}")

    @pytest.mark.usefixtures("as_stranger")
    def test_a_role_that_was_not_granted_it_prunes_nothing(self) -> None:
        with pytest.raises(DatabaseError, match="permission denied for function tasks_prune_audit"):
            execute("SELECT tasks_prune_audit(now() - interval '31 days', 100)")
