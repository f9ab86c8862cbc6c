"""`ordinaut tasks export`, `import` and `apply`, as people and as programs use them."""

import json
from pathlib import Path
from typing import Any

import pytest
from ordinaut_client.cli import documents

from tasks_app.models import Agent, Task
from tasks_app.services import agents
from tasks_app.services.actor import SYSTEM
from tests.integration.client.typing_commands import CommandLine

PIPELINE = [{"id": "greet", "uses": "debug.echo", "with": {"message": "Hi"}}]


def document(*titles: str, **more: Any) -> str:
    """JSON, which is YAML too."""
    entries = [
        {"title": title, "schedule_kind": "manual", "timezone": "UTC", "payload": {"pipeline": PIPELINE}} | more
        for title in titles
    ]
    return json.dumps({"ordinaut": 1, "tasks": entries})


def titles() -> list[str]:
    return sorted(Task.objects.present().values_list("title", flat=True))


def test_what_is_exported_is_imported_elsewhere_byte_for_byte(greeter: CommandLine) -> None:
    greeter.types("tasks", "import", "-", given=document("Ä", "B"))
    exported = {form: greeter.types("tasks", "export", "--format", form).stdout for form in ("yaml", "json")}
    bob, _ = agents.create_agent(name="bob", scopes=["tasks:create"], actor=SYSTEM)

    assert exported["yaml"].startswith("ordinaut: 1\ntasks:\n- title: B\n")
    for form, text in exported.items():
        Task.objects.all().delete()
        told = greeter.types("tasks", "import", "-", given=text).stdout
        assert told.splitlines() == ["+ task B", "+ task Ä", "Tasks: 2 created, 0 changed, 0 unchanged, 0 deleted."]
        assert greeter.types("tasks", "export", "--format", form).stdout == text
    refused = greeter.types("tasks", "import", "-", "--owner", bob.pk, given=exported["yaml"], code=1).stderr
    assert "Only an admin" in refused


def test_a_difference_is_shown_and_nothing_done_until_somebody_agrees(greeter: CommandLine, tmp_path: Path) -> None:
    greeter.types("tasks", "import", "-", given=document("stays", "goes", description="old"))
    wanted = tmp_path / "wanted.json"
    wanted.write_text(document("stays", "comes", description="two\nlines"))

    shown = greeter.types("tasks", "apply", wanted, "--prune", "--dry-run", code=documents.DIFFERS).stdout
    assert "Nobody is there to agree" in greeter.types("tasks", "apply", wanted, code=2).stderr

    assert titles() == ["goes", "stays"]
    assert shown.splitlines() == [
        "~ task stays", "    description:", "      -old", "      +two", "      +lines", "+ task comes", "- task goes",
        "Tasks: 1 created, 1 changed, 0 unchanged, 1 deleted.",
    ]  # fmt: skip
    assert greeter.types("tasks", "apply", wanted, "--prune", "--yes").stdout == shown
    assert titles() == ["comes", "stays"]
    again = greeter.asks("tasks", "apply", wanted, "--prune", "--dry-run")
    assert again["counts"] == {"created": 0, "changed": 0, "unchanged": 2, "deleted": 0}


@pytest.mark.parametrize("agreed", [True, False], ids=["yes", "no"])
def test_at_a_terminal_it_asks(
    greeter: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, agreed: bool
) -> None:
    wanted = tmp_path / "wanted.json"
    wanted.write_text(document("comes"))
    monkeypatch.setattr(documents, "_is_anybody_there", lambda: True)

    said = greeter.types("tasks", "apply", wanted, given="y" if agreed else "n", code=0 if agreed else 1)

    assert titles() == (["comes"] if agreed else [])
    assert "+ task comes" in said.stderr
    assert ("Applied." in said.stdout) is agreed


def test_an_administrator_names_whose_tasks_they_are(boss: CommandLine) -> None:
    alice = agents.create_agent(name="alice", scopes=["tasks:read"], actor=SYSTEM)[0]

    boss.types("tasks", "apply", "-", "--yes", "--owner", alice.pk, given=document("hers"))

    assert Task.objects.get().created_by == Agent.objects.get(name="alice")
    assert "  title: hers" in boss.types("tasks", "export", "--owner", alice.pk, "--title", "her", "--ids").stdout


def test_faults_are_told_with_their_places(greeter: CommandLine) -> None:
    refused = greeter.types("tasks", "apply", "-", "--yes", given=document("x", schedule_kind="cron"), code=1).stderr

    assert "/tasks/0/schedule_expr" in refused
