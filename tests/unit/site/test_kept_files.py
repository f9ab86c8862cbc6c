"""The files of secrets in the home."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ordinaut_site import env, kept_files


def test_secrets_are_made_once_and_then_stay(tmp_path: Path) -> None:
    kept_files.make_secrets(tmp_path)
    first = (tmp_path / "secrets.env").read_text()

    kept_files.make_secrets(tmp_path)

    assert (tmp_path / "secrets.env").read_text() == first


def test_a_secret_that_is_missing_is_added_to_those_that_are_there(tmp_path: Path) -> None:
    kept_files.write(tmp_path / "secrets.env", {"ORDINAUT_SECRET_KEY": "mine"})

    kept_files.make_secrets(tmp_path)

    kept = kept_files.read(tmp_path / "secrets.env")
    assert kept["ORDINAUT_SECRET_KEY"] == "mine"
    assert load_pem_private_key(kept["ORDINAUT_TOKEN_KEY"].encode(), password=None)
    assert Fernet(kept["ORDINAUT_SECRETS_KEY"])


def test_settings_read_what_was_written(tmp_path: Path) -> None:
    kept_files.make_secrets(tmp_path)

    settings = env.read({"ORDINAUT_HOME": str(tmp_path)})

    kept = kept_files.read(tmp_path / "secrets.env")
    assert settings.secret_key == kept["ORDINAUT_SECRET_KEY"]
    assert settings.token_key == kept["ORDINAUT_TOKEN_KEY"]
    assert settings.secrets_keys == [kept["ORDINAUT_SECRETS_KEY"]]
    assert load_pem_private_key(settings.token_key.encode(), password=None)


def test_nobody_else_may_read_them_even_if_the_file_was_open_before(tmp_path: Path) -> None:
    path = tmp_path / "credentials.env"
    path.write_text("OLD=1\n")
    path.chmod(0o644)
    (tmp_path / "credentials.env.new").write_text("left by a kill")

    kept_files.write(path, {"ORDINAUT_URL": "http://localhost:8080"})

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == "ORDINAUT_URL=http://localhost:8080\n"
    assert [found.name for found in tmp_path.iterdir()] == ["credentials.env"]


def test_a_file_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert kept_files.read(tmp_path / "credentials.env") == {}


@pytest.mark.parametrize("value", ["a=b", "two\nlines", "${x}"])
def test_a_value_comes_back_as_it_went_in(tmp_path: Path, value: str) -> None:
    kept_files.write(tmp_path / "file", {"NAME": value})

    assert kept_files.read(tmp_path / "file") == {"NAME": value}
