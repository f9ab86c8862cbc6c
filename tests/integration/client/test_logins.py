"""`ordinaut login`, `whoami` and `logout`, and what keeps a login."""

import json
import socket
import stat
import time

import pytest

from tasks_app.models import TokenFamily
from tests.integration.client.typing_commands import CommandLine

PAST = 1.0


def test_a_login_is_kept_for_its_user_alone_and_its_secret_nowhere(nobody: CommandLine, given: dict[str, str]) -> None:
    result = nobody.types("login", **given)

    assert stat.S_IMODE(nobody.kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(nobody.kept.parent.stat().st_mode) == 0o700
    assert given["ORDINAUT_AGENT_ID"] in result.stdout
    for told in (result.output, nobody.kept.read_text()):
        assert given["ORDINAUT_AGENT_SECRET"] not in told
    for token in ("access", "refresh"):
        assert json.loads(nobody.kept.read_text())["tokens"][token] not in result.output


def test_a_login_takes_its_credentials_from_a_file(nobody: CommandLine, given: dict[str, str]) -> None:
    nobody.types("login", "--credentials", nobody.home / "credentials.env")

    assert nobody.asks("whoami")["agent_id"] == given["ORDINAUT_AGENT_ID"]


def test_what_is_not_known_is_asked_for_and_the_secret_is_not_shown(nobody: CommandLine, given: dict[str, str]) -> None:
    typed = "\n".join(given.values())

    result = nobody.types("login", given=f"{typed}\n")

    assert given["ORDINAUT_AGENT_SECRET"] not in result.output
    assert nobody.asks("whoami")["url"] == given["ORDINAUT_URL"]


def test_a_login_may_be_for_less_than_the_agent_may_do(nobody: CommandLine, given: dict[str, str]) -> None:
    nobody.types("login", "--scope", "runs:read", **given)

    assert nobody.asks("whoami")["scopes"] == ["runs:read"]
    refused = nobody.types("tasks", "list", code=1)
    assert "tasks:read" in refused.stderr


def test_a_wrong_secret_is_no_login(nobody: CommandLine, given: dict[str, str]) -> None:
    result = nobody.types("login", code=3, **given | {"ORDINAUT_AGENT_SECRET": "x" * 40})

    assert not nobody.kept.exists()
    assert result.stderr.startswith("Error: ")


def test_a_scope_that_the_agent_has_not_is_refused(nobody: CommandLine, given: dict[str, str]) -> None:
    assert "admin" in nobody.types("login", "--scope", "admin", code=1, **given).stderr


def test_without_a_login_nothing_is_asked(nobody: CommandLine) -> None:
    result = nobody.types("tasks", "list", code=3)

    assert result.stderr == "Error: There is no login: begin with `ordinaut login`.\n"


def test_a_login_that_cannot_be_read_is_none(greeter: CommandLine) -> None:
    greeter.kept.write_text('{"tokens": 7}')

    assert "cannot be read" in greeter.types("whoami", code=3).stderr


def test_a_login_elsewhere_is_none_here(greeter: CommandLine) -> None:
    refused = greeter.types("tasks", "list", code=3, ORDINAUT_URL="http://elsewhere:8080")

    assert "http://elsewhere:8080" in refused.stderr
    greeter.types("tasks", "list", ORDINAUT_URL=json.loads(greeter.kept.read_text())["url"])


def test_an_access_token_that_has_ended_is_renewed(greeter: CommandLine) -> None:
    before = greeter.kept.read_text()
    greeter.spoil(access="ended", access_until=PAST)

    greeter.types("tasks", "list")

    after = json.loads(greeter.kept.read_text())["tokens"]
    assert after["refresh"] != json.loads(before)["tokens"]["refresh"]
    assert after["access_until"] > time.time()


def test_an_access_token_that_is_refused_is_renewed(greeter: CommandLine) -> None:
    greeter.spoil(access="spoiled")

    greeter.types("tasks", "list")

    assert json.loads(greeter.kept.read_text())["tokens"]["access"] != "spoiled"


@pytest.mark.parametrize("spoiled", [{"refresh": "spoiled"}, {"refresh_until": PAST}], ids=["refused", "ended"])
def test_when_nothing_can_be_renewed_the_login_is_over(greeter: CommandLine, spoiled: dict[str, object]) -> None:
    greeter.spoil(access="spoiled", **spoiled)

    assert greeter.types("tasks", "list", code=3).stderr == "Error: The login has ended: log in again.\n"


def test_a_logout_ends_the_login_for_all_who_hold_it(greeter: CommandLine) -> None:
    held = greeter.kept.read_text()

    greeter.types("logout")

    assert not greeter.kept.exists()
    assert TokenFamily.objects.get().revoked_at is not None
    greeter.kept.write_text(held)
    greeter.types("whoami", code=3)


def test_a_platform_that_is_away_is_said_to_be(greeter: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    greeter.kept.write_text(json.dumps(json.loads(greeter.kept.read_text()) | {"url": f"http://127.0.0.1:{port}"}))

    assert f"http://127.0.0.1:{port}" in greeter.types("tasks", "list", code=4).stderr
    greeter.types("logout", code=4)
    assert not greeter.kept.exists()
