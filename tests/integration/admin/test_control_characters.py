"""Characters that nothing can keep are refused wherever a form takes text, with words and not with a 500."""

from typing import Any

import pytest
from django.test import Client

from tasks_app.models import Agent, AuditEntry, Calendar, Run, Task
from tests.integration.admin.conftest import act, list_of, page_of, said
from tests.integration.admin.test_tasks import form
from tests.integration.api.test_approval_links import asking
from tests.making import make_agent, make_run, make_task

ADD = "/admin/tasks/task/add/"


@pytest.mark.parametrize("action", ["approve", "reject"])
@pytest.mark.parametrize("comment", ["a\0b", "a\x1b[31mb", "a\x9bb"], ids=["NUL", "ESC", "CSI"])
def test_an_operators_comment_is_refused_and_the_run_goes_on_waiting(
    operator: Client, action: str, comment: str
) -> None:
    run = asking()

    answer = act(operator, action, run, comment=comment)

    assert answer.status_code == 302
    assert said(answer) == [f"{run}: /comment: It holds a control character: leave it out."]
    assert Run.objects.get().state == "waiting"
    assert not AuditEntry.objects.filter(action__startswith="run.").exists()


def test_a_comment_of_several_lines_is_taken(operator: Client) -> None:
    run = asking()

    act(operator, "approve", run, comment="fine\r\n\twith me")

    assert AuditEntry.objects.get(action="run.approved").details["comment"] == "fine\r\n\twith me"


@pytest.mark.parametrize(
    "field", ["title", "description", "schedule_expr", "timezone", "dtstart", "concurrency_key", "dedupe_key", "mode"]
)
def test_a_tasks_texts(operator: Client, field: str) -> None:
    answer = operator.post(ADD, form(created_by=make_agent().pk, **{field: "a\0b"}))

    assert answer.status_code == 200
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payload", '{"pipeline": [{"id": "one", "uses": "debug.echo", "with": {"message": "a\\u0000b"}}]}'),
        ("payload", '{"pipeline": [{"id": "one", "uses": "noop"}], "params": {"a\\u0000": 1}}'),
        ("payload", '{"pipeline": [{"id": "one", "uses": "noop"}], "params": {"a": "\\ud800"}}'),
        ("payload", "[" * 100_000),
        ("quiet_hours", '[{"from": "22:00", "to": "07:00", "days": ["\\u0000"]}]'),
        ("probe", '{"uses": "debug.echo", "with": {"message": "a\\u0000b"}, "when": "true"}'),
    ],
    ids=["payload", "a name in the payload", "half a surrogate pair", "endless depth", "quiet hours", "probe"],
)
def test_escapes_in_a_tasks_json(operator: Client, field: str, value: str) -> None:
    answer = operator.post(ADD, form(created_by=make_agent().pk, **{field: value}))

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"definition": '{"dates": [{"date": "2026-05-01", "name": "a\\u0000b"}]}'},
        {"definition": '{"ics": "a\\u0000b"}'},
        {"definition": '{"weekends": true}', "name": "a\0b"},
        {"definition": '{"weekends": true}', "description": "a\0b"},
    ],
    ids=["name of a date", "file", "name", "description"],
)
def test_a_calendars_texts(operator: Client, sent: dict[str, str]) -> None:
    answer = operator.post("/admin/tasks/calendar/add/", {"name": "closed", "created_by": make_agent().pk, **sent})

    assert answer.status_code == 200
    assert not Calendar.objects.exists()


@pytest.mark.parametrize("sent", [{"name": "a\0b"}, {"name": "a", "scopes": "a\0"}], ids=str)
def test_an_agents_texts(operator: Client, sent: dict[str, Any]) -> None:
    answer = operator.post("/admin/tasks/agent/add/", {"scopes": ["tasks:read"], **sent})

    assert answer.status_code == 200
    assert not Agent.objects.exists()


@pytest.mark.parametrize("field", ["name", "value", "hosts", "owner"])
def test_a_secrets_texts(operator: Client, field: str) -> None:
    sent = {"name": "s", "value": "v", "hosts": '["example.org"]', "owner": ""} | {field: '["a\\u0000b"]\0'}

    assert operator.post("/admin/tasks/secret/add/", sent).status_code == 200


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "messages"])
def test_a_cookie_whose_quotes_hide_them(name: str) -> None:
    answer = Client().get("/admin/", headers={"Cookie": f'{name}="a\\000b"'})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/login/?next=/admin/")


@pytest.mark.parametrize("field", ["username", "password"])
def test_the_sign_in(field: str) -> None:
    answer = Client().post("/admin/login/", {"username": "ops", "password": "x", field: "a\0b"})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "sent", [{"action": "a\0b"}, {"_selected_action": "a\0b"}, {"index": "7", "action": "\0"}], ids=str
)
def test_what_is_sent_with_an_action(operator: Client, sent: dict[str, str]) -> None:
    run = make_run(make_task())

    answer = operator.post(list_of(Run), {"action": "cancel", "_selected_action": str(run.pk), **sent})

    assert answer.status_code in {302, 400}
    assert Run.objects.get().state == "queued"


@pytest.mark.parametrize("sent", [{"action": "redrive", "run": "a\0b"}, {"action": "a\0b"}], ids=str)
def test_the_queues_page(operator: Client, sent: dict[str, str]) -> None:
    assert operator.post("/admin/queue/", sent).status_code in {200, 302, 400}


@pytest.mark.parametrize("query", ["?q=%00", "?state__exact=%00", "?agent__id__exact=%00", "?o=%00", "?p=%00"])
def test_search_and_filters(operator: Client, query: str) -> None:
    assert operator.get(list_of(Run, query)).status_code == 400


@pytest.mark.parametrize("query", ["?q=%F0%9F", "?q=%1b", "?task__id__exact=%1b", "?p=x"])
def test_other_nonsense_in_a_search_finds_nothing(operator: Client, query: str) -> None:
    assert operator.get(list_of(Run, query)).status_code in {200, 302, 400}


def test_a_page_of_a_row(operator: Client) -> None:
    task = make_task()

    assert operator.post(page_of(task), form(title="a\0b")).status_code == 200
    assert operator.post("/admin/tasks/task/draft/", form(schedule_expr="a\0b", timezone="\0")).status_code == 200
