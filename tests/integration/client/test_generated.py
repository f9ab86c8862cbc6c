"""The generated client: the document that it is made of is of today, and it makes the round trip of the README."""

import uuid

from drf_spectacular.renderers import OpenApiJsonRenderer
from ordinaut_client import told
from ordinaut_client.generated.api.auth import auth_refresh, auth_token
from ordinaut_client.generated.api.events import events_list
from ordinaut_client.generated.api.runs import runs_get
from ordinaut_client.generated.api.schedules import schedules_preview
from ordinaut_client.generated.api.tasks import tasks_create, tasks_run_now
from ordinaut_client.generated.client import AuthenticatedClient, Client
from ordinaut_client.generated.models import (
    CredentialsRequest,
    DraftRequest,
    Problem,
    RefreshRequest,
    RunNowRequest,
    TaskRequest,
    Token,
)

from ordinaut_site.env import BASE_DIR
from ordinaut_site.pages import _document
from tests.integration.execution.work import MakeWorker

DOCUMENT = BASE_DIR / "client" / "openapi.json"
GREETING = {
    "params": {"name": "Ada"},
    "pipeline": [{"id": "greet", "uses": "debug.echo", "with": {"message": "Good morning, ${params.name}"}}],
}


def test_the_committed_document_is_the_one_of_today() -> None:
    today = OpenApiJsonRenderer().render(_document())

    same = DOCUMENT.read_bytes() == today
    assert same, "client/openapi.json is not what `manage.py spectacular` gives: run `make client`"


def test_it_makes_the_round_trip_of_the_readme(given: dict[str, str], make_worker: MakeWorker) -> None:
    """Alone, without the layer above it: as anybody's generated client would."""
    url = given["ORDINAUT_URL"]
    credentials = CredentialsRequest(uuid.UUID(given["ORDINAUT_AGENT_ID"]), given["ORDINAUT_AGENT_SECRET"])
    with Client(base_url=url) as anybody:
        login = auth_token.sync(client=anybody, body=credentials)
        assert isinstance(login, Token)
        login = auth_refresh.sync(client=anybody, body=RefreshRequest(login.refresh_token))
        assert isinstance(login, Token)
    make_worker()

    with AuthenticatedClient(base_url=url, token=login.access_token) as client:
        schedule = {"schedule_kind": "interval", "schedule_expr": "PT10S"}
        preview = told(schedules_preview.sync(client=client, body=DraftRequest.from_dict(schedule)))
        wanted = TaskRequest.from_dict({"title": "Greet me", "payload": GREETING, **schedule})
        task = told(tasks_create.sync(client=client, body=wanted))
        run = told(tasks_run_now.sync(task.id, client=client, body=RunNowRequest()))
        watched = told(runs_get.sync(run.id, client=client))
        while watched.status in {"queued", "running"}:
            watched = told(runs_get.sync(run.id, client=client))
        events = told(events_list.sync(client=client))
        refused = tasks_create.sync(client=client, body=TaskRequest.from_dict(wanted.to_dict() | {"title": ""}))

    assert len(preview.items) > 1
    assert [(step.id, step.output) for step in watched.steps] == [("greet", {"message": "Good morning, Ada"})]
    assert {"task.created", "run.queued", "run.succeeded"} <= {event.type_ for event in events.items}
    assert isinstance(refused, Problem)
    assert [fault.pointer for fault in refused.errors] == ["/title"]
