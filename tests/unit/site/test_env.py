"""What the environment says."""

import errno
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from ordinaut_site import env
from tasks_app import mcp_servers


def test_an_empty_environment_gives_the_defaults(tmp_path: Path) -> None:
    settings = env.read({"ORDINAUT_HOME": str(tmp_path)})

    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8080, "http://localhost:8080")
    assert (settings.database_url, settings.redis_url) == ("", "")


def test_the_port_is_part_of_the_public_url(tmp_path: Path) -> None:
    assert env.read({"ORDINAUT_HOME": str(tmp_path), "PORT": "9000"}).public_url == "http://localhost:9000"


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file")

    settings = env.read({"ORDINAUT_HOME": str(tmp_path), "ORDINAUT_SECRET_KEY_FILE": str(tmp_path / "key")})

    assert settings.secret_key == "from the file"


def test_the_environment_has_precedence_over_the_kept_secrets(tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text("ORDINAUT_SECRET_KEY=kept\n")

    assert env.read({"ORDINAUT_HOME": str(tmp_path)}).secret_key == "kept"
    assert env.read({"ORDINAUT_HOME": str(tmp_path), "ORDINAUT_SECRET_KEY": "given"}).secret_key == "given"


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("PORT", "eighty", "a whole number"),
        ("ORDINAUT_LEASE_SECONDS", "1.5", "a whole number"),
        ("ORDINAUT_POLL_SECONDS", "often", "a number"),
        ("ORDINAUT_LOG_JSON", "maybe", "true or false"),
    ],
)
def test_a_value_that_cannot_be_read_names_its_variable(tmp_path: Path, name: str, value: str, kind: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"^{name} is not {kind}: mend it, or unset it for the default.$"):
        env.read({"ORDINAUT_HOME": str(tmp_path), name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORDINAUT_DATABASE_POOL", "-1"),
        ("ORDINAUT_PUBLIC_URL", "ordinaut.example"),
        ("ORDINAUT_TOKEN_KEY", "abc"),
        ("ORDINAUT_SECRETS_KEY", "abc"),
        ("ORDINAUT_OIDC_ISSUER", "http://accounts.example.org"),
        ("ORDINAUT_OIDC_ISSUER", "https://[accounts"),
        ("ORDINAUT_SECRETS_KEY", "ü" * 44),
        ("ORDINAUT_TOKEN_SECONDS", "0"),
        ("ORDINAUT_DEFAULT_TIMEZONE", "Mars/Base"),
        ("ORDINAUT_HTTP_ALLOW", "intranet:80,printer"),
        ("ORDINAUT_WORKER_PROCESSES", "0"),
        ("ORDINAUT_WORKER_THREADS", "0"),
        ("ORDINAUT_HEARTBEAT_SECONDS", "0"),
        ("ORDINAUT_HEARTBEAT_SECONDS", "13"),
        ("ORDINAUT_LEASE_SECONDS", "14"),
        ("ORDINAUT_POLL_SECONDS", "0"),
        ("ORDINAUT_STOP_SECONDS", "-1"),
        ("ORDINAUT_RETENTION_DAYS", "0"),
        ("ORDINAUT_EVENT_RETENTION_DAYS", "-1"),
        ("ORDINAUT_LEDGER_RETENTION_DAYS", "-1"),
        ("ORDINAUT_PYTHON_TOOLS", "count=shop.tools"),
        ("ORDINAUT_LLM_URL", "model.example"),
        ("ORDINAUT_LLM_URL", "https://model.example/v1/chat/completions"),
        ("ORDINAUT_LLM_DOLLARS_PER_MILLION_IN", "-1"),
        ("ORDINAUT_LLM_DOLLARS_PER_MILLION_OUT", "1000001"),
        ("ORDINAUT_MCP_SERVERS", "notes"),
        ("ORDINAUT_MCP_SERVERS", '{"notes": {"command": "sh"}}'),
        ("ORDINAUT_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_its_cure(tmp_path: Path, name: str, value: str) -> None:
    refused = "ORDINAUT_LEASE_SECONDS" if value == "13" else name  # the lease is too short beside that heartbeat

    with pytest.raises(
        ImproperlyConfigured, match=f"^{refused} makes no sense: give .+, or unset it for the default.$"
    ):
        env.read({"ORDINAUT_HOME": str(tmp_path), name: value})


def test_a_model_is_named_beside_its_url(tmp_path: Path) -> None:
    given = {"ORDINAUT_HOME": str(tmp_path), "ORDINAUT_LLM_URL": "http://127.0.0.1:11434/v1"}

    with pytest.raises(ImproperlyConfigured, match=r"^ORDINAUT_LLM_MODEL makes no sense: give the name of a model"):
        env.read(given)
    assert env.read({**given, "ORDINAUT_LLM_MODEL": "small"}).llm_model == "small"


def test_the_key_of_a_model_may_come_from_a_file_that_ends_with_a_line_break(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-1\n")

    assert env.read({"ORDINAUT_HOME": str(tmp_path), "ORDINAUT_LLM_KEY_FILE": str(tmp_path / "key")}).llm_key == "sk-1"


def test_a_home_that_this_user_may_not_read_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(self: Path) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    (tmp_path / "secrets.env").touch()
    monkeypatch.setattr(Path, "read_text", refuse)  # root, as whom tests may run, is refused nothing

    with pytest.raises(ImproperlyConfigured, match=r"secrets.env cannot be read \(Permission denied\): give this user"):
        env.read({"ORDINAUT_HOME": str(tmp_path)})


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("off", False), ("", False)])
def test_a_boolean_is_read_in_the_usual_spellings(tmp_path: Path, text: str, value: bool) -> None:
    assert env.read({"ORDINAUT_HOME": str(tmp_path), "ORDINAUT_LOG_JSON": text}).log_json is value


def test_mcp_servers_may_be_given_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "servers.json"
    path.write_text('{"notes": {"command": ["notes-server"], "env": {"KEY": "a\\nb"}}}')

    read = env.read({"ORDINAUT_HOME": str(tmp_path), "ORDINAUT_MCP_SERVERS_FILE": str(path)})

    assert mcp_servers.parse(read.mcp_servers)["notes"].env == {"KEY": "a\nb"}


SIGN_IN = {
    "ORDINAUT_OIDC_ISSUER": "https://accounts.example.org",
    "ORDINAUT_OIDC_CLIENT_ID": "ordinaut",
    "ORDINAUT_OIDC_CLIENT_SECRET": "s",
    "ORDINAUT_OIDC_STAFF_GROUPS": "operators",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORDINAUT_OIDC_CLIENT_ID", ""),
        ("ORDINAUT_OIDC_CLIENT_SECRET", ""),
        ("ORDINAUT_OIDC_SCOPES", "profile"),
        ("ORDINAUT_OIDC_ALGORITHM", "HS256"),
        ("ORDINAUT_OIDC_ALGORITHM", "none"),
        ("ORDINAUT_OIDC_STAFF_GROUPS", ""),
    ],
)
def test_half_a_single_sign_on_is_refused(tmp_path: Path, name: str, value: str) -> None:
    assert env.read(SIGN_IN | {"ORDINAUT_HOME": str(tmp_path)}).oidc_staff_groups == ["operators"]

    with pytest.raises(ImproperlyConfigured, match=f"^{name} makes no sense: "):
        env.read(SIGN_IN | {"ORDINAUT_HOME": str(tmp_path), name: value})
