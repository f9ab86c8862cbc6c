"""Operators see the events that a group could not handle, and have them delivered again through the service."""

from collections.abc import Callable

import pytest
from django.test import Client

from tasks_app.models import AuditEntry, DeadLetter
from tests.integration.admin.conftest import act, list_of, page_of, said

EVENT_ID = "0b7a4d1e-0000-4000-8000-000000000001"


@pytest.fixture
def letter() -> DeadLetter:
    return DeadLetter.objects.create(
        group="webhooks",
        pos=7,
        event_id=EVENT_ID,
        event_type="run.failed",
        event={"type": "run.failed", "data": {"text": "<script>alert(1)</script>", "token": "hidden words"}},
        error_class="builtins.ValueError",
        error_text="<b>bad</b>",
        deliveries=5,
    )


def test_the_list_and_the_page_show_what_happened(operator: Client, letter: DeadLetter) -> None:
    listed = operator.get(list_of(DeadLetter)).content.decode()
    page = operator.get(page_of(letter)).content.decode()

    assert all(word in listed for word in ("run.failed", "webhooks", "builtins.ValueError"))
    assert "&lt;b&gt;bad&lt;/b&gt;" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert(1)" not in page
    assert "hidden words" not in page


@pytest.mark.parametrize(
    ("query", "found"), [("", 1), (f"?q={EVENT_ID}", 1), ("?q=webhooks", 1), ("?q=web", 0), ("?q=run.failed", 1)]
)
def test_they_are_found_by_event_group_and_type(operator: Client, letter: DeadLetter, query: str, found: int) -> None:
    assert len(operator.get(list_of(DeadLetter, query)).context["cl"].result_list) == found


def test_redelivering_is_asked_of_the_service_and_audited(operator: Client, letter: DeadLetter) -> None:
    answer = act(operator, "redeliver", letter)

    letter.refresh_from_db()
    assert letter.asked_at is not None
    assert said(answer) == ["1 dead letter will be delivered again."]
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.object_id) == ("user:ops", "deadletter.redelivered", letter.pk)
    assert len(operator.get(list_of(AuditEntry, "?object_kind=deadletter")).context["cl"].result_list) == 1


def test_who_may_only_look_cannot_redeliver(staff_with: Callable[..., Client], letter: DeadLetter) -> None:
    act(staff_with("view_deadletter"), "redeliver", letter)

    letter.refresh_from_db()
    assert letter.asked_at is None


def test_nobody_changes_or_deletes_one(operator: Client, letter: DeadLetter) -> None:
    assert operator.post(page_of(letter), {"group": "x"}).status_code == 403
    assert operator.post(page_of(letter, "delete"), {"post": "yes"}).status_code == 403
    assert DeadLetter.objects.count() == 1
