"""What somebody has got into a page does not run: nothing within a page does, but what is known by its digest."""

import base64
import hashlib
import re
from pathlib import Path

import flower
import pytest
from django.test import Client
from django_celery_beat.models import PeriodicTask

from ordinaut_site import content_policy
from tasks_app.models import Agent, Calendar, Run, Secret, Task, Tool
from tests.integration.admin.conftest import list_of, page_of
from tests.making import make_run

FORMS = [f"{list_of(model)}add/" for model in (Task, Agent, Calendar, Secret, PeriodicTask)]
PAGES = ["/admin/", "/admin/login/", "/admin/queue/", "/", *map(list_of, (Task, Run, Tool, PeriodicTask)), *FORMS]
INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", re.DOTALL)
HANDLER = re.compile(r"<[^>]*\son\w+\s*=", re.IGNORECASE)


def directives(policy: str) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in policy.split("; "))


def digest(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def check(content: str, policy: str) -> None:
    allowed = directives(policy).get("script-src", "")
    assert [script for script in INLINE.findall(content) if digest(script) not in allowed] == []
    assert HANDLER.findall(content) == []
    assert "'unsafe-inline'" not in allowed


@pytest.mark.parametrize("page", PAGES)
def test_no_page_needs_a_script_that_its_policy_refuses(operator: Client, page: str) -> None:
    answer = operator.get(page, follow=True)

    assert answer.status_code == 200
    check(answer.content.decode(), answer.headers[content_policy.HEADER])


def test_the_pages_of_rows_neither(operator: Client) -> None:
    run = make_run()

    for row in (run, run.task, run.agent):
        answer = operator.get(page_of(row))
        check(answer.content.decode(), answer.headers[content_policy.HEADER])


def test_nothing_from_elsewhere_is_loaded_framed_or_sent_to(operator: Client) -> None:
    told = directives(operator.get("/admin/").headers[content_policy.HEADER])

    assert (told["default-src"], told["frame-ancestors"], told["base-uri"]) == ("'none'", "'none'", "'none'")
    assert (told["connect-src"], told["form-action"]) == ("'self'", "'self'")
    assert not re.search(r"https?:|\*|'unsafe-inline'", told["script-src"])


@pytest.mark.parametrize(
    "address", ["/api/v1/tasks", "/health/live", "/nowhere", "/metrics", "/auth/token", "/admin-x"]
)
def test_what_is_no_page_may_do_nothing(client: Client, address: str) -> None:
    told = client.get(address).headers[content_policy.HEADER]

    assert told == content_policy.text_of(content_policy.NOTHING)


def test_a_page_that_says_what_it_needs_keeps_its_word(client: Client) -> None:
    assert "worker-src blob:" in client.get("/redoc").headers[content_policy.HEADER]


def test_flowers_one_script_is_known_by_its_digest() -> None:
    templates = Path(flower.__file__).parent / "templates"
    inline = [script for each in sorted(templates.glob("*.html")) for script in INLINE.findall(each.read_text())]
    allowed = content_policy.FLOWER["script-src"]

    assert len(inline) == 1
    for value in ("0", "1"):
        assert digest(inline[0].replace("{{ autorefresh }}", value)) in allowed
    assert not any(HANDLER.search(each.read_text()) for each in templates.glob("*.html"))
