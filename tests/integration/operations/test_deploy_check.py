"""`manage.py check --deploy` finds nothing in a proper environment; the web process does not start in a weak one."""

import os
import subprocess
import sys

from ordinaut_site.env import BASE_DIR
from tests.unit.site.test_weaknesses import STRONG


def run(*words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | STRONG | {"ORDINAUT_HOME": os.environ["ORDINAUT_HOME"]} | changes
    return subprocess.run(
        [sys.executable, *words], env=environment, cwd=BASE_DIR, capture_output=True, text=True, check=False
    )


def test_a_proper_environment_is_clean() -> None:
    checked = run("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "no issues" in checked.stdout


def test_a_weak_one_fails_by_name() -> None:
    checked = run("manage.py", "check", "--deploy", ORDINAUT_SECRET_KEY="short", ORDINAUT_ALLOWED_HOSTS="*")

    assert checked.returncode == 1
    assert "ordinaut.E001" in checked.stderr
    assert "ordinaut.E003" in checked.stderr


def test_the_web_process_refuses_to_start_with_it() -> None:
    started = run("-c", "import ordinaut_site.asgi", ORDINAUT_SECRET_KEY="short")

    assert started.returncode == 1
    assert "ORDINAUT_SECRET_KEY is missing, or can be guessed." in started.stderr
    assert run("-c", "import ordinaut_site.asgi").returncode == 0
