"""Every command of docs/client-and-cli.md is typed, in its order, and prints what is shown."""

import re
import shlex
from typing import Any

import pytest
from ordinaut_client.cli import main
from ordinaut_client.cli.documents import DIFFERS

from ordinaut_site.env import BASE_DIR
from tasks_app.models import Agent
from tests.integration.client.typing_commands import CommandLine
from tests.integration.events.reading import relay_all
from tests.integration.execution.work import MakeWorker
from tests.integration.streams.listening import happen
from tests.making import make_task

TEXT = (BASE_DIR / "docs" / "client-and-cli.md").read_text()
ANY = "…"
TYPED = [
    (command, shown)
    for block in re.findall(r"^```console\n(.*?)^```", TEXT, flags=re.DOTALL | re.MULTILINE)
    for command, shown in re.findall(r"^\$ ordinaut (.*?)\n((?:(?!\$ ).*\n)*)", block, flags=re.MULTILINE)
]


def block(kind: str) -> str:
    [found] = re.findall(rf"```{kind}\n(.*?)```", TEXT, flags=re.DOTALL)
    return str(found)


def agrees(shown: str, printed: str) -> bool:
    """Whether each line shown is there, in its order; … stands for anything."""
    patterns = [r".+".join(map(re.escape, line.split(ANY))) for line in shown.splitlines()]
    return re.match("\n(?:.*\n)*?".join(patterns), printed) is not None


@pytest.fixture
def at_home(greeter: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Where the files are that the document speaks of."""
    monkeypatch.chdir(greeter.home)
    (greeter.home / ".ordinaut").mkdir()
    (greeter.home / "credentials.env").rename(greeter.home / ".ordinaut" / "credentials.env")
    (greeter.home / "task.json").write_text(block("json"))
    (greeter.home / "tasks.yaml").write_text(block("yaml"))
    return greeter


def test_every_command_prints_what_is_shown(
    at_home: CommandLine, given: dict[str, str], make_worker: MakeWorker
) -> None:
    make_worker()
    known: dict[str, str] = {}
    for command, shown in TYPED:
        words = shlex.split(re.sub(r"\$([A-Z]+)", lambda name: known[name[1]], command))
        relay_all()

        result = at_home.types(*words, code=1 if shown.startswith("Error") else DIFFERS * ("--dry-run" in words))

        expected = shown.replace("http://localhost:8080", given["ORDINAUT_URL"])
        assert agrees(expected, result.stderr or result.stdout), (command, result.output)
        if words[:2] == ["tasks", "create"] and not result.stderr:
            known["TASK"] = result.stdout.split()[1]
        if "--watch" in words:
            known["RUN"] = result.stdout.splitlines()[-1].split()[0]
    assert len(TYPED) == TEXT.count("\n$ ") == 14


def test_the_program_shown_runs(given: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {name.removeprefix("ORDINAUT_").lower(): value for name, value in given.items()}
    program = block("python").replace('"run.*"', '"task.*"')  # there is no worker here
    happen(1, to=make_task(created_by=Agent.objects.get()))

    exec(compile(program, "docs/client-and-cli.md", "exec"), names)

    listed, event, refused = capsys.readouterr().out.splitlines()
    assert listed.endswith(" queued")
    assert event.startswith("task.updated ")
    assert refused.startswith("404 ")


def test_every_command_is_named_and_no_other() -> None:
    [table] = re.findall(r"^## All commands\n(.*?)^`ordinaut COMMAND", TEXT, flags=re.DOTALL | re.MULTILINE)
    named: set[str] = set()
    for row in re.findall(r"^\| (`.*?`) \|", table, flags=re.MULTILINE):
        group = ""
        for name in re.findall(r"`(.*?)`", row):
            group = f"{name.split()[0]} " if " " in name else group
            named.add(name if " " in name else f"{group}{name}")

    groups = {f"{name} {each}" for name, group in main.commands.items() for each in getattr(group, "commands", ())}
    alone = {name for name, command in main.commands.items() if not hasattr(command, "commands")}
    assert named == groups | alone


@pytest.mark.parametrize(("shell", "at"), [("bash", "2"), ("zsh", "2"), ("fish", "pa")], ids=["bash", "zsh", "fish"])
def test_commands_are_completed(nobody: CommandLine, shell: str, at: str) -> None:
    asked = {"_ORDINAUT_COMPLETE": f"{shell}_complete", "COMP_WORDS": "ordinaut tasks pa", "COMP_CWORD": at}

    assert "pause" in nobody.types(**asked).stdout
    assert "_ORDINAUT_COMPLETE" in nobody.types("completion", shell).stdout
