"""`manage.py export`, `import` and `apply`."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tasks_app.models import Agent, AuditEntry, Task
from tests.making import make_agent

pytestmark = pytest.mark.django_db
STEPS = {"pipeline": [{"id": "one", "uses": "debug.echo", "with": {"message": "hi\nyou"}}]}
REPORT = {"title": "Report", "schedule_kind": "cron", "schedule_expr": "0 9 * * *", "timezone": "UTC", "payload": STEPS}


@pytest.fixture
def owner() -> Agent:
    return make_agent()


def run(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def file_with(folder: Path, *tasks: Any, **others: Any) -> str:
    path = folder / "tasks.json"
    path.write_text(json.dumps({"ordinaut": 1, "tasks": tasks} | others))
    return str(path)


def exit_code_of(*words: str) -> Any:
    with pytest.raises(SystemExit) as ended:
        run(*words)
    return ended.value.code


def test_what_is_imported_is_exported_in_both_forms(owner: Agent, tmp_path: Path) -> None:
    assert run("import", file_with(tmp_path, REPORT)) == "Tasks: 1 created.\n"

    as_yaml, as_json = run("export"), run("export", "--format", "json", "--agent", owner.name)
    run("export", "--output", str(tmp_path / "out.yaml"), "--ids")

    assert as_yaml.startswith("ordinaut: 1\ntasks:\n- title: Report\n")
    assert json.loads(as_json)["tasks"][0]["payload"] == STEPS
    assert f"- id: {Task.objects.get().pk}\n  title: Report\n" in (tmp_path / "out.yaml").read_text()
    assert AuditEntry.objects.get(action="task.created").actor == "system"


def test_an_import_of_what_is_there_is_refused_with_the_place(owner: Agent, tmp_path: Path) -> None:
    run("import", file_with(tmp_path, REPORT))

    with pytest.raises(CommandError, match="/tasks/0/title: The owner has a task of this title already"):
        run("import", file_with(tmp_path, REPORT))


def test_the_difference_is_shown_and_then_applied(owner: Agent, tmp_path: Path) -> None:
    run("import", file_with(tmp_path, REPORT, REPORT | {"title": "Old\x1b"}))
    steps = {"pipeline": [{**STEPS["pipeline"][0], "with": {"message": "hi\nthere"}}]}
    changed = REPORT | {"priority": 7, "payload": steps, "calendar": "off"}
    calendar = {"name": "off", "definition": {"weekends": True}}
    file = file_with(tmp_path, changed, REPORT | {"title": "New"}, calendars=[calendar])

    shown = run("apply", file, "--prune", "--yes")

    assert shown == (
        "+ calendar off\n"
        "    definition:\n      weekends: true\n"
        "~ task Report\n"
        "    calendar: null -> 'off'\n"
        "    payload:\n"
        "             message: |-\n               hi\n"
        "      -        you\n      +        there\n"
        "    priority: 5 -> 7\n"
        "+ task New\n"
        "    title: New\n    schedule_kind: cron\n    schedule_expr: 0 9 * * *\n    timezone: UTC\n"
        "    payload:\n      pipeline:\n      - id: one\n        uses: debug.echo\n        with:\n"
        "          message: |-\n            hi\n            you\n"
        "- task Old?\n"
        "Tasks: 1 created, 1 changed, 0 unchanged, 1 deleted.\n"
        "Applied.\n"
    )
    assert sorted(Task.objects.present().values_list("title", "priority")) == [("New", 5), ("Report", 7)]
    assert run("apply", file, "--prune") == "Tasks: 0 created, 0 changed, 2 unchanged, 0 deleted.\n"


def test_a_dry_run_tells_programs_whether_there_are_differences(owner: Agent, tmp_path: Path) -> None:
    file = file_with(tmp_path, REPORT)

    assert exit_code_of("apply", file, "--dry-run") == 2
    assert not Task.objects.exists()
    run("apply", file, "--yes")
    assert exit_code_of("apply", file, "--dry-run") == 0


@pytest.mark.parametrize(("answer", "count"), [("yes", 1), ("y", 0)])
def test_somebody_at_a_terminal_is_asked(
    owner: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, count: int
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: answer)
    file = file_with(tmp_path, REPORT)

    if count:
        run("apply", file)
    else:
        with pytest.raises(CommandError, match="Nothing was changed"):
            run("apply", file)

    assert Task.objects.count() == count


def test_nobody_at_a_terminal_agrees_to_nothing(owner: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.TextIOWrapper(io.BytesIO(Path(file_with(tmp_path, REPORT)).read_bytes()))
    monkeypatch.setattr(sys, "stdin", given)

    with pytest.raises(CommandError, match="give --yes"):
        run("apply", "-")

    assert not Task.objects.exists()


def test_whoever_changed_something_meanwhile_is_not_overruled(
    owner: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("import", file_with(tmp_path, REPORT))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: "yes" * Task.objects.update(priority=1))

    with pytest.raises(CommandError, match="have changed since"):
        run("apply", file_with(tmp_path, REPORT | {"priority": 7}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a", 'the document: Give an object: {"ordinaut": 1'),
        ("{", "The document is not JSON"),
        (
            "ordinaut: 1\ntasks: [{title: a, schedule_kind: cron, schedule_expr: x, payload: {}}]",
            "/tasks/0/schedule_expr: ",
        ),
        ("ordinaut: 1\ntasks: [" + "{}, " * 101 + "]", "and 203 more"),
    ],
)
@pytest.mark.parametrize("command", ["import", "apply"])
def test_a_file_that_cannot_be_carried_out_is_refused(
    owner: Agent, tmp_path: Path, command: str, text: str, words: str
) -> None:
    (tmp_path / "bad").write_text(text)

    with pytest.raises(CommandError) as refused:
        run(command, str(tmp_path / "bad"))

    assert words in str(refused.value)


def test_a_file_and_an_agent_must_be_there(owner: Agent, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        run("import", str(tmp_path / "none"))
    with pytest.raises(CommandError, match="cannot be written: Is a directory"):
        run("export", "--output", str(tmp_path))
    with pytest.raises(CommandError, match="There is no agent 'nobody'"):
        run("export", "--agent", "nobody")
    other = make_agent()
    with pytest.raises(CommandError, match=f"by --agent; there are: .*{other.name}"):
        run("export")


def test_a_document_is_read_as_what_it_is_said_to_be(owner: Agent, tmp_path: Path) -> None:
    file = file_with(tmp_path, REPORT)

    assert run("import", file, "--format", "yaml") == "Tasks: 1 created.\n"
