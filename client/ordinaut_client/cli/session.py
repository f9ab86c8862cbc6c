"""What every command needs: the platform, asked under the kept login, and how to print."""

import os
from functools import cached_property
from typing import Any

import click

from ordinaut_client.cli.kept_login import KeptLogin
from ordinaut_client.cli.output import Output
from ordinaut_client.connection import Ordinaut
from ordinaut_client.generated.client import AuthenticatedClient
from ordinaut_client.refusals import NotLoggedIn


class Session:
    """Of one command."""

    def __init__(self) -> None:
        self.output = Output()

    @cached_property
    def login(self) -> KeptLogin:
        """Raises `NotLoggedIn`, also where `ORDINAUT_URL` names another platform than the login is one of."""
        login, wanted = KeptLogin.read(), os.environ.get("ORDINAUT_URL", "").rstrip("/")
        if wanted and wanted != login.url:
            raise NotLoggedIn(f"The login is one at {login.url}, not at {wanted}: begin with `ordinaut login`.")
        return login

    @cached_property
    def platform(self) -> Ordinaut:
        platform = Ordinaut(self.login.url, keeper=self.login)
        click.get_current_context().call_on_close(platform.close)
        return platform

    @property
    def client(self) -> AuthenticatedClient:
        return self.platform.client


def _as_json(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        context.ensure_object(Session).output.as_json = True


def json_option(command: Any) -> Any:
    """Gives a command `--json`."""
    return click.option(
        "--json", is_flag=True, expose_value=False, is_eager=True, callback=_as_json, help="One JSON document."
    )(command)


pass_session = click.make_pass_decorator(Session, ensure=True)
