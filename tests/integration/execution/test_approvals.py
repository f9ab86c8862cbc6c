"""A run that asks for approval, in a worker."""

import pytest

from tasks_app.models import Run
from tasks_app.services import decisions
from tasks_app.services.actor import Actor
from tests.integration.execution.conftest import until
from tests.integration.execution.work import MakeWorker, pipeline, state_of
from tests.making import make_run, make_task, steps_of

pytestmark = pytest.mark.django_db(transaction=True)

PAYLOAD = pipeline(
    {"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "Pay ${`20`}?", "timeout_seconds": 60}},
    {"id": "pay", "uses": "debug.echo", "with": {"by": "${steps.ask.by}"}},
)


@pytest.mark.parametrize(("approved", "state", "last"), [(True, "succeeded", "pay"), (False, "failed", "ask")])
def test_it_parks_and_goes_on_by_what_was_said(make_worker: MakeWorker, approved: bool, state: str, last: str) -> None:
    run = make_run(make_task(payload=PAYLOAD, max_retries=3))
    make_worker().drain()
    until(lambda: state_of(run) == "waiting")
    assert Run.objects.get(pk=run.pk).lease_until is None

    (decisions.approve if approved else decisions.reject)(run, actor=Actor.of_user("anna"))

    until(lambda: state_of(run) == state)
    run.refresh_from_db()
    assert run.attempt == 2
    assert steps_of(run)[-1].step == last
    assert steps_of(run)[-1].output["by"] == "user:anna"
    assert (run.error or {}).get("code") == (None if approved else "rejected")
