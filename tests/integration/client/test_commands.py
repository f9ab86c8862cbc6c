"""Each command of `ordinaut`, at least once, as people and as programs read its answer."""

import json
import stat
import uuid
from typing import Any

import pytest

from tasks_app.models import Agent, Run, Task
from tests.integration.client.typing_commands import CommandLine
from tests.integration.execution.work import MakeWorker

PAYLOAD = json.dumps({"pipeline": [{"id": "greet", "uses": "debug.echo", "with": {"message": "Hi, ${params.name}"}}]})
NAMED = '{"name": "Ada"}'


def made(greeter: CommandLine, *options: str) -> dict[str, Any]:
    """A task that waits to be asked."""
    task: dict[str, Any] = greeter.asks(
        "tasks", "create", "--title", "Greet", "--kind", "manual", "--payload", PAYLOAD, *options
    )
    return task


def lines(text: str) -> list[list[str]]:
    """Of a table, the cells of each line."""
    return [line.split("  ") for line in text.splitlines()]


def test_a_task_is_made_changed_and_deleted(greeter: CommandLine) -> None:
    task = greeter.asks(
        "tasks", "create", json.dumps({"title": "Old", "schedule_kind": "cron", "schedule_expr": "0 9 * * *"}),
        "--title", "Greet", "--timezone", "Europe/Chisinau", "--payload", PAYLOAD,
    )  # fmt: skip
    other = made(greeter)["id"]

    assert (task["title"], task["schedule_expr"]) == ("Greet", "0 9 * * *")
    assert greeter.asks("tasks", "get", task["id"]) == task
    [first, second] = greeter.asks("tasks", "list")
    assert [first["id"], second["id"]] == [other, task["id"]]
    assert greeter.asks("tasks", "list", "--kind", "cron", "--status", "active", "--title", "gree") == [second]
    changed = greeter.asks("tasks", "update", task["id"], '{"priority": 9}', "--expr", "30 9 * * *")
    assert (changed["priority"], changed["schedule_expr"]) == (9, "30 9 * * *")
    assert [each["local"][11:16] for each in greeter.asks("tasks", "next", task["id"], "--count", "2")] == ["09:30"] * 2
    snoozed = greeter.asks("tasks", "snooze", task["id"], "60", "--reason", "Not yet")
    assert snoozed["next_run_at"][14:19] == "31:00"
    greeter.types("tasks", "delete", task["id"])
    assert greeter.types("tasks", "get", task["id"], code=1).stderr.startswith("Error: There is nothing here")
    assert Task.objects.get(pk=other).deleted_at is None


def test_a_task_is_paused_resumed_and_canceled(greeter: CommandLine) -> None:
    task = made(greeter)["id"]

    statuses = [greeter.asks("tasks", verb, task)["status"] for verb in ("pause", "resume", "cancel")]

    assert statuses == ["paused", "active", "canceled"]
    assert "canceled" in greeter.types("tasks", "resume", task, code=1).stderr


def test_people_read_tables_and_lines(greeter: CommandLine) -> None:
    task = made(greeter, "--title", "Evil \x1b[2J")["id"]
    run = greeter.asks("tasks", "run", task, "--params", NAMED)["id"]

    tables = [greeter.types(*words.split()).stdout for words in ("tasks list", "runs list", "tools list --search echo")]
    assert [lines(table)[0][0] for table in tables] == ["ID", "ID", "ADDRESS"]
    assert [lines(table)[1][0] for table in tables] == [task, run, "debug.echo"]
    assert "Evil \N{REPLACEMENT CHARACTER}[2J" in tables[0]
    assert "\x1b" not in tables[0]
    assert greeter.types("tasks", "get", task).stdout.splitlines()[0] == f"id           {task}"
    assert task in greeter.types("runs", "get", run).stdout


def test_the_run_of_a_task_is_watched_to_its_end(greeter: CommandLine, make_worker: MakeWorker) -> None:
    task = made(greeter)["id"]
    make_worker()

    watched = greeter.types("tasks", "run", task, "--params", NAMED, "--watch")
    failed = greeter.asks("tasks", "run", task, "--watch", code=1)  # nobody says who is to be greeted

    assert "greet  succeeded  debug.echo" in watched.stdout
    assert '{"message": "Hi, Ada"}' in watched.stdout
    assert failed["status"] == "failed"
    [one, two] = greeter.asks("tasks", "runs", task)
    assert [one["status"], two["status"]] == ["failed", "succeeded"]
    assert greeter.asks("runs", "list", "--status", "failed", "--task", task) == [one]
    shown = greeter.asks("runs", "get", two["id"])
    assert [step["output"] for step in shown["steps"]] == [{"message": "Hi, Ada"}]
    greeter.types("runs", "watch", two["id"])
    assert (
        greeter.types("runs", "watch", one["id"], code=1).stdout.splitlines()[-1].startswith(f"{one['id']}  failed: ")
    )
    assert greeter.asks("runs", "retry", one["id"])["status"] == "queued"
    greeter.types("runs", "watch", one["id"], "--every", "0.1", code=1)
    assert greeter.asks("runs", "retry", one["id"], "--from-start")["status"] == "queued"


def test_a_run_is_simulated_and_canceled(greeter: CommandLine) -> None:
    run = greeter.asks("tasks", "run", made(greeter)["id"], "--simulate")

    assert run["simulated"] is True
    assert greeter.asks("runs", "cancel", run["id"])["status"] == "canceled"
    assert Run.objects.get().state == "canceled"


def test_a_run_that_waits_is_approved_or_rejected(greeter: CommandLine, make_worker: MakeWorker) -> None:
    asking = {"pipeline": [{"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "Really?"}}]}
    task = made(greeter, "--payload", json.dumps(asking))["id"]
    make_worker()
    runs = [greeter.asks("tasks", "run", task)["id"] for _ in range(2)]
    waiting: set[str] = set()
    while waiting != set(runs):
        waiting = {run["id"] for run in greeter.asks("runs", "list", "--status", "waiting")}

    assert "waiting for approval" in greeter.types("runs", "get", runs[0]).stdout
    greeter.types("runs", "approve", runs[0], "--comment", "Go on")
    greeter.types("runs", "reject", runs[1])

    greeter.types("runs", "watch", runs[0], "--every", "0.1")
    greeter.types("runs", "watch", runs[1], "--every", "0.1", code=1)


def test_a_schedule_is_shown_before_it_is_saved(greeter: CommandLine) -> None:
    words = ("schedules", "preview", "cron", "0 9 * * 1-5", "--timezone", "Europe/Chisinau", "--count", "3")

    preview = greeter.asks(*words)
    table = lines(greeter.types(*words).stdout)

    assert len(preview["items"]) == 3
    assert table[0][0] == "AT"
    assert [row[1][11:16] for row in table[1:]] == ["09:00"] * 3
    assert not greeter.types("schedules", "preview", "event", "orders.paid").stdout.startswith("AT")


def test_an_event_is_published_and_starts_runs(greeter: CommandLine) -> None:
    task = made(greeter, "--kind", "event", "--expr", "orders.*")["id"]

    published = greeter.asks("events", "publish", "orders.paid", '{"order": 7}')
    [event] = greeter.asks("events", "list", "--type", "external.orders.*", "--type", "run.failed")

    assert [run["task_id"] for run in greeter.asks("runs", "list")] == [task]
    assert (event["id"], event["data"]) == (published["id"], {"order": 7})
    assert lines(greeter.types("events", "list", "--limit", "1").stdout)[0][0] == "POS"


def test_what_is_wrong_is_said_with_its_place(greeter: CommandLine) -> None:
    wrong = greeter.types("tasks", "create", "--title", "", "--kind", "cron", "--expr", "never", code=1)

    assert wrong.stdout == ""
    said = wrong.stderr.splitlines()
    assert said[0] == "Error: The request breaks a rule: see `errors`."
    assert {line.split(":")[0].strip() for line in said[1:-1]} == {"/title", "/payload"}
    assert said[-1].startswith("  (request ")


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (("tasks", "get", "7"), "not a valid UUID"),
        (("tasks", "create"), "Say what"),
        (("tasks", "create", "{"), "no JSON"),
        (("tasks", "create", "[]"), "Give a JSON object"),
        (("tasks", "create", "@/nowhere.json"), "cannot be read"),
        (("tasks", "list", "--status", "busy"), "not one of"),
    ],
    ids=lambda value: "-".join(value)[:20] if isinstance(value, tuple) else "",
)
def test_who_asks_wrongly_is_told_how(nobody: CommandLine, words: tuple[str, ...], cure: str) -> None:
    assert cure in nobody.types(*words, code=2).stderr


def test_a_task_comes_from_a_file_or_from_what_is_typed(greeter: CommandLine) -> None:
    body = json.dumps({"title": "Greet", "schedule_kind": "manual", "payload": json.loads(PAYLOAD)})
    (greeter.home / "task.json").write_text(body)

    greeter.types("tasks", "create", f"@{greeter.home / 'task.json'}")
    greeter.types("tasks", "create", "-", given=body)

    assert [task["title"] for task in greeter.asks("tasks", "list", "--limit", "1")] == ["Greet"]
    assert Task.objects.count() == 2


def test_lists_go_on_over_pages(greeter: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [made(greeter)["id"] for _ in range(3)]
    asked: list[Any] = []
    monkeypatch.setattr("ordinaut_client.cli.tasks.min", lambda *_: asked.append(1) or 1, raising=False)

    found = [task["id"] for task in greeter.asks("tasks", "list")]

    assert (found, len(asked)) == (tasks[::-1], 3)


def test_an_administrator_makes_agents_whose_secrets_no_screen_shows(boss: CommandLine) -> None:
    file = boss.home / "reporter.env"

    made = boss.types("agents", "create", "reporter", "--scope", "runs:read", "--save-to", file, "--json")

    agent = json.loads(made.stdout)
    assert (agent["name"], agent["scopes"], agent["credentials"]) == ("reporter", ["runs:read"], str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "secret" not in made.output
    rotated = boss.asks("agents", "rotate", agent["id"], "--save-to", boss.home / "newer.env")
    assert rotated["old_secret_until"] is not None
    assert boss.asks("agents", "disable", agent["id"])["active"] is False
    assert boss.asks("agents", "enable", agent["id"])["active"] is True
    assert [each["name"] for each in boss.asks("agents", "list")] == ["reporter", "boss"]
    for name in ("reporter.env", "newer.env"):
        boss.types("login", "--credentials", boss.home / name)
        assert boss.asks("whoami")["agent_id"] == agent["id"]


def test_no_secret_is_made_that_could_not_be_kept(boss: CommandLine) -> None:
    there = boss.home / "credentials.env"

    assert "cannot be made" in boss.types("agents", "create", "reporter", "--save-to", there, code=2).stderr
    boss.types("agents", "rotate", uuid.uuid4(), "--save-to", boss.home / "none.env", code=1)

    assert there.exists()
    assert not (boss.home / "none.env").exists()
    assert Agent.objects.count() == 1
