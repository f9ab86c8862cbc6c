"""Whoever alters the audit past its triggers is found out, to the entry."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tasks_app.models import AuditEntry, AuditLink
from tasks_app.services import audit_chain
from tests.integration.audit.tampering import tamper, write

pytestmark = pytest.mark.django_db

CHANGES = {
    "actor": "'user:eve'",
    "action": "'agent.enabled'",
    "object_kind": "'task'",
    "object_id": "gen_random_uuid()",
    "request_id": "'x'",
    "details": """details || '{"number": 99}'""",
    "at": "at + interval '1 microsecond'",
}


def verified(*arguments: str) -> tuple[int, str, str]:
    """The exit code, and what was printed to each stream."""
    out, err = StringIO(), StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_what_nobody_touched_is_intact() -> None:
    write(5)

    code, out, err = verified()

    newest = AuditLink.objects.latest("position")
    assert (code, err) == (0, "")
    assert out == f"5 entries from position 1 on are as they were written. Head: {newest}\n"


def test_an_audit_without_entries_is_intact() -> None:
    assert verified() == (0, "0 entries from position 0 on are as they were written. Head: nothing\n", "")


@pytest.mark.parametrize(("column", "value"), CHANGES.items())
def test_a_changed_entry_is_found(column: str, value: str) -> None:
    entries = write(5)
    tamper(f"UPDATE tasks_auditentry SET {column} = {value} WHERE id = %s", entries[2].pk)

    code, _, err = verified()

    assert (code, err) == (1, f"Position 3, entry {entries[2].pk} was changed.\n")


def test_a_text_moved_from_one_column_to_the_next_is_found() -> None:
    entries = write(2)
    tamper("UPDATE tasks_auditentry SET actor = actor || 'a', action = substr(action, 2) WHERE id = %s", entries[0].pk)

    assert [each.entry for each in audit_chain.verify().damage] == [entries[0].pk]


@pytest.mark.parametrize(
    ("statement", "position", "found"),
    [
        ("DELETE FROM tasks_auditentry WHERE id = %(second)s", 2, ["was removed"]),
        (
            "DELETE FROM tasks_auditlink WHERE entry = %(second)s",
            2,
            ["is missing, and its entry with it: 2", "was inserted past the chain"],
        ),
        (
            "UPDATE tasks_auditlink SET digest = sha256('') WHERE entry = %(second)s",
            2,
            ["was changed", "was changed"],
        ),
    ],
)
def test_a_removed_entry_and_a_broken_link_are_found(statement: str, position: int, found: list[str]) -> None:
    entries = write(5)
    tamper(statement.replace("%(second)s", str(entries[1].pk)))

    verdict = audit_chain.verify()

    assert [each.what for each in verdict.damage] == found
    assert verdict.damage[0].position == position


def test_several_that_were_removed_with_their_links_are_found() -> None:
    entries = write(6)
    for entry in entries[1:4]:
        tamper("DELETE FROM tasks_auditentry WHERE id = %s", entry.pk)
        tamper("DELETE FROM tasks_auditlink WHERE entry = %s", entry.pk)

    assert [each.what for each in audit_chain.verify().damage] == ["is missing, and its entry with it: 2 to 4"]


def test_an_inserted_entry_is_found() -> None:
    write(3)
    tamper(
        "INSERT INTO tasks_auditentry (id, actor, action, object_kind, object_id, request_id, details)"
        " VALUES (4711, 'user:eve', 'agent.created', 'agent', gen_random_uuid(), '', '{}')"
    )

    assert verified()[2] == "Entry 4711 was inserted past the chain.\n"


def cut_the_end(entries: list[AuditEntry]) -> None:
    tamper("DELETE FROM tasks_auditentry WHERE id = %s", entries[-1].pk)
    tamper("DELETE FROM tasks_auditlink WHERE entry = %s", entries[-1].pk)


def write_it_anew(entries: list[AuditEntry]) -> None:
    tamper("UPDATE tasks_auditentry SET actor = 'user:eve' WHERE id = %s", entries[-1].pk)
    tamper(
        "UPDATE tasks_auditlink AS link SET digest = tasks_audit_digest(before.digest, noted)"
        " FROM tasks_auditlink AS before, tasks_auditentry AS noted"
        " WHERE before.position = link.position - 1 AND noted.id = link.entry AND noted.id = %s",
        entries[-1].pk,
    )


@pytest.mark.parametrize("attack", [cut_the_end, write_it_anew])
def test_a_noted_head_shows_what_the_chain_alone_cannot(attack: Callable[[Any], None]) -> None:
    entries = write(4)
    head = audit_chain.verify().head
    assert verified("--head", head)[0] == 0

    attack(entries)

    assert audit_chain.verify().intact
    code, _, err = verified("--head", head)
    assert (code, err) == (1, "Position 4 is not what was noted as the head: the chain was cut off or written anew.\n")


@pytest.mark.parametrize("head", ["x", "4", f"4:{'g' * 64}", f"{'9' * 30}:{'a' * 64}"])
def test_what_is_no_head_is_refused(head: str) -> None:
    with pytest.raises(CommandError, match="Give a head as it was told"):
        call_command("verify_audit", "--head", head)


def test_programs_are_told_in_json() -> None:
    entries = write(3)
    tamper("DELETE FROM tasks_auditentry WHERE id = %s", entries[0].pk)

    code, out, _ = verified("--json")

    told = json.loads(out)
    assert (code, told["intact"], told["checked"]) == (1, False, 3)
    assert told["damage"] == [{"position": 1, "entry": entries[0].pk, "what": "was removed"}]


def test_of_much_damage_a_hundred_are_listed_and_the_rest_counted() -> None:
    write(103)
    tamper("UPDATE tasks_auditentry SET actor = 'user:eve'")

    code, _, err = verified()

    assert (code, len(err.splitlines())) == (1, 101)
    assert err.splitlines()[-1] == "3 more are damaged."


def test_a_long_chain_is_followed_batch_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_chain, "_BATCH", 2)
    entries = write(5)
    assert audit_chain.verify().checked == 5

    tamper("UPDATE tasks_auditentry SET actor = 'user:eve' WHERE id = %s", entries[4].pk)

    assert [each.position for each in audit_chain.verify().damage] == [5]
