"""`ordinaut`, the command line. Its exit codes: 0 done, 1 refused or failed, 2 wrongly asked, 3 not logged in, 4 nobody answers; 5 a difference was found."""

import json
from typing import Any, Final

import click
from click.shell_completion import get_completion_class

from ordinaut_client.cli import agents, events, login, runs, schedules, tasks, tools
from ordinaut_client.cli.session import Session
from ordinaut_client.refusals import NotLoggedIn, Refused, Unreachable

REFUSED: Final = 1
NOT_LOGGED_IN: Final = 3
UNREACHABLE: Final = 4
INTERRUPTED: Final = 130  # as shells say it


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Says what went wrong on stderr, and exits as it went wrong."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            _tell(refused)
            ctx.exit(NOT_LOGGED_IN if refused.status == 401 else REFUSED)
        except NotLoggedIn as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(NOT_LOGGED_IN)
        except Unreachable as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(UNREACHABLE)
        except json.JSONDecodeError:
            click.echo("Error: This is no answer of Ordinaut's: is the URL the right one?", err=True)
            ctx.exit(UNREACHABLE)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


def _tell(refused: Refused) -> None:
    click.echo(f"Error: {refused.detail}", err=True)
    for fault in refused.faults:
        click.echo(f"  {fault.pointer or '/'}: {fault.message}", err=True)
    if refused.request_id:
        click.echo(f"  (request {refused.request_id})", err=True)


@click.group("ordinaut", cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ordinaut-client", prog_name="ordinaut")
@click.pass_context
def main(context: click.Context) -> None:
    """Tasks of an Ordinaut platform, their schedules, and what becomes of them.

    Exits with 0 when it is done, 1 when it was refused or failed, 2 when it was asked wrongly, 3 without a login, 4 when
    nobody answers.
    """
    context.obj = Session()


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what completes commands in a shell: eval "$(ordinaut completion bash)"."""
    completes = get_completion_class(shell)
    assert completes is not None
    click.echo(completes(main, {}, "ordinaut", "_ORDINAUT_COMPLETE").source())


for command in (login.login, login.logout, login.whoami):
    main.add_command(command)
for group in (tasks.tasks, runs.runs, schedules.schedules, events.events, tools.tools, agents.agents):
    main.add_command(group)
