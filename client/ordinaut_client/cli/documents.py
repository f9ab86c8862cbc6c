"""`ordinaut tasks export`, `import` and `apply`: all the tasks of an agent as one document."""

import difflib
import json
import sys
from collections.abc import Iterator
from typing import Any, Final

import click

from ordinaut_client.cli.output import as_text
from ordinaut_client.cli.session import Session, json_option, pass_session
from ordinaut_client.generated.models import Plan

DIFFERS: Final = 5  # the exit code of `--dry-run`
_SIGNS: Final = {"created": "+", "changed": "~", "deleted": "-"}
_FORMS: Final = click.Choice(["yaml", "json"])
_YAML: Final = "application/yaml"
_JSON: Final = "application/json"
_document = click.argument("document", type=click.File("rb"), metavar="FILE|-")
_owner = click.option("--owner", type=click.UUID, help="The agent whose tasks they are; for administrators.")


@click.command("export")
@click.option("--format", "form", type=_FORMS, default="yaml", show_default=True)
@click.option("--ids", is_flag=True, help="With each task's id, by which it is found under another title.")
@click.option("--title", help="Of tasks with this part in their title.")
@_owner
@pass_session
def export(session: Session, form: str, ids: bool, title: str | None, owner: Any) -> None:
    """Print the active and paused tasks as a document."""
    asked = {"format": form, "ids": "true" if ids else None, "title": title, "created_by": owner}
    click.echo(session.platform.text("/api/v1/tasks/export", asked), nl=False)


@click.command("import")
@_document
@_owner
@json_option
@pass_session
def import_(session: Session, document: Any, owner: Any) -> None:
    """Make every task of a document, or none."""
    _show(session, _sent(session, "import", document.read(), created_by=owner))


@click.command()
@_document
@click.option("--prune", is_flag=True, help="Delete the tasks that the document does not name.")
@click.option("--dry-run", is_flag=True, help="Show the difference and change nothing; exit with 5 if there is one.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_owner
@json_option
@pass_session
def apply(  # noqa: PLR0913 - its options
    session: Session, *, document: Any, prune: bool, dry_run: bool, yes: bool, owner: Any
) -> None:
    """Show how the tasks differ from a document and, when that is agreed to, make them what it says."""
    content = document.read()
    asked = {"prune": "true" if prune else None, "created_by": owner}
    plan = _sent(session, "plan", content, **asked)
    if dry_run or not _differs(plan):
        _show(session, plan)
        sys.exit(DIFFERS if _differs(plan) else 0)
    if not yes:
        _agree(plan)
    done = _sent(session, "apply", content, **asked, fingerprint=plan.fingerprint)
    if session.output.as_json or yes:
        _show(session, done)
    else:
        click.echo("Applied.")


def _sent(session: Session, verb: str, content: bytes, **asked: Any) -> Plan:
    kind = _JSON if content.lstrip().startswith(b"{") else _YAML
    return Plan.from_dict(session.platform.send_text(f"/api/v1/tasks/{verb}", content, kind=kind, asked=asked))


def _agree(plan: Plan) -> None:
    """Shows the plan on stderr. Exits unless somebody says yes."""
    for line in _lines(plan):
        click.echo(line, err=True)
    if not _is_anybody_there():
        raise click.UsageError("Nobody is there to agree: look with --dry-run, and give --yes.")
    click.confirm("Apply this?", abort=True, err=True)


def _is_anybody_there() -> bool:
    return sys.stdin.isatty()


def _differs(plan: Plan) -> bool:
    return any(each["action"] in _SIGNS for each in _differences(plan))


def _show(session: Session, plan: Plan) -> None:
    if session.output.as_json:
        click.echo(json.dumps(plan.to_dict(), indent=2))
    else:
        click.echo("\n".join(_lines(plan)))


def _differences(plan: Plan) -> Iterator[dict[str, Any]]:
    """Of the calendars, then of the tasks, each with its `kind` and its `called`."""
    told = plan.to_dict()
    yield from ({**each, "kind": "calendar", "called": each["name"]} for each in told["calendars"])
    yield from ({**each, "kind": "task", "called": each["title"]} for each in told["tasks"])


def _lines(plan: Plan) -> Iterator[str]:
    """Without what is unchanged, which the last line counts."""
    for each in _differences(plan):
        if each["action"] in _SIGNS:
            yield f"{_SIGNS[each['action']]} {each['kind']} {as_text(each['called'])}"
            if each["action"] == "changed":
                for field in each["fields"]:
                    yield from _change(field)
    yield "Tasks: " + ", ".join(f"{number} {action}" for action, number in plan.counts.to_dict().items()) + "."


def _change(field: dict[str, Any]) -> Iterator[str]:
    before, after = (_written(field[name]) for name in ("before", "after"))
    if len(before) == len(after) == 1:
        yield f"    {field['field']}: {before[0]} -> {after[0]}"
        return
    yield f"    {field['field']}:"
    changes = [line for line in list(difflib.unified_diff(before, after, n=2, lineterm=""))[2:] if line[:2] != "@@"]
    yield from (f"      {line}" for line in changes)


def _written(value: Any) -> list[str]:
    """As lines of JSON, a text as its own."""
    text = value if isinstance(value, str) and value else json.dumps(value, indent=2, ensure_ascii=False)
    return [as_text(line) for line in text.splitlines()]
