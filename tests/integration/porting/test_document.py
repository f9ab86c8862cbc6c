"""Every file and command of `docs/import-and-export.md` is used, in its order, and answers what is shown."""

import io
import json
import re
import shlex
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from ordinaut_site.env import BASE_DIR
from tasks_app.api import tokens
from tests.integration.porting.conftest import SCOPES
from tests.making import make_agent

DOCUMENT = (BASE_DIR / "docs" / "import-and-export.md").read_text()
FILES = dict(re.findall(r"^```yaml (\S+)\n(.*?)^```", DOCUMENT, flags=re.DOTALL | re.MULTILINE))
SHOWN = re.findall(r"^```console\n\$ (.*?)\n(.*?)^```", DOCUMENT, flags=re.DOTALL | re.MULTILINE)
ANY = "…"

pytestmark = pytest.mark.django_db


def agrees(shown: Any, answered: Any) -> bool:
    """Whether an answer is as shown; … stands for any value that is there."""
    if shown == ANY:
        return answered is not None
    if isinstance(shown, dict) and isinstance(answered, dict):
        return shown.keys() == answered.keys() and all(agrees(shown[key], answered[key]) for key in shown)
    if isinstance(shown, list) and isinstance(answered, list):
        return len(shown) == len(answered) and all(map(agrees, shown, answered))
    return bool(shown == answered)


def managed(words: list[str]) -> str:
    output = io.StringIO()
    with suppress(SystemExit):  # that a dry run found differences
        call_command(*words, stdout=output)
    return output.getvalue()


def curled(words: list[str]) -> str:
    url, *options = words
    given = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.split(": ", 1) for name, value in given if name == "-H")
    sent = dict(given).get("--data-binary", "").removeprefix("@")
    method, body = ("POST", Path(sent).read_bytes()) if sent else ("GET", b"")
    kind = headers.pop("Content-Type", "application/json")
    answer = APIClient().generic(method, url, body, content_type=kind, headers=headers)
    assert answer.status_code < 300, answer.content
    return str(answer.content.decode())


def test_the_document_is_read() -> None:
    assert set(FILES) == {"tasks.yaml", "changed.yaml"}
    assert len(SHOWN) == DOCUMENT.count("```console") == 7


def test_every_command_answers_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    agent = make_agent(scopes=SCOPES)
    agent.name = "reporter"
    agent.save()
    known = {"URL": "http://testserver", "TOKEN": tokens.issue(agent)}

    for command, shown in SHOWN:
        program, *words = shlex.split(re.sub(r"\$([A-Z]+)", lambda name: known[name[1]], command))
        answered = managed(words) if program == "manage.py" else curled(words)
        if answered.startswith("{"):
            assert agrees(json.loads(shown), json.loads(answered)), command
            known["FINGERPRINT"] = json.loads(answered)["fingerprint"]
        else:
            assert answered == shown, command

    assert (tmp_path / "again.yaml").read_text() == FILES["tasks.yaml"]


def test_every_key_of_a_document_is_explained() -> None:
    from tasks_app.services.porting.shape import NEEDED, OF_A_CALENDAR

    assert all(f"`{key}`" in DOCUMENT for key in (*NEEDED, *OF_A_CALENDAR, "ordinaut", "tasks", "calendars", "status"))
