"""What `export`, `import` and `apply` share: whose tasks are meant, and what a file says."""

import sys
from pathlib import Path

from django.core.management.base import CommandError, CommandParser

from tasks_app.exceptions import MOST_FAULTS, OrdinautError, untold
from tasks_app.models import Agent
from tasks_app.services.porting.forms import Form
from tasks_app.services.porting.reading import read
from tasks_app.services.porting.shape import Document, document_in

_MOST_BYTES = 256 * 1024 * 1024  # what a console brings is bounded by its own memory, nearly


def add_agent(parser: CommandParser) -> None:
    parser.add_argument("--agent", help="whose tasks, by name (the only agent that there is)")


def add_file(parser: CommandParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the document; - for standard input")
    parser.add_argument(
        "--format", choices=[str(form) for form in Form], help="of the document (JSON if it begins with {, else YAML)"
    )


def agent_named(name: str | None) -> Agent:
    """The agent of that name, or the only one. Raises `CommandError`."""
    if name is None:
        agents = list(Agent.objects.order_by("name")[:2])
        if len(agents) != 1:
            names = ", ".join(Agent.objects.order_by("name").values_list("name", flat=True)[:20]) or "none"
            raise CommandError(f"Name the agent whose tasks are meant by --agent; there are: {names}.")
        return agents[0]
    agent = Agent.objects.filter(name=name).first()
    if agent is None:
        raise CommandError(f"There is no agent {name!r}.")
    return agent


def document_of(file: str, *, form: str | None) -> Document:
    """What the file says. Raises `CommandError`."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    usual = Form.JSON if content.lstrip().startswith(b"{") else Form.YAML
    try:
        return document_in(read(content, form=Form(form) if form else usual, most_bytes=_MOST_BYTES), bounded=False)
    except OrdinautError as error:
        raise refused(error) from error


def refused(error: OrdinautError) -> CommandError:
    """Each fault on a line of its own, the first hundred of them."""
    faults = getattr(error, "faults", ())
    lines = [f"{fault.pointer or 'the document'}: {fault.message}" for fault in faults[:MOST_FAULTS]]
    more = [f"and {number} more"] if (number := untold(faults)) else []
    return CommandError("\n".join([*lines, *more]) or str(error))
