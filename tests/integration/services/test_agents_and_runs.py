"""Agents prove who they are by a secret that is shown once; a run can be canceled until it has finished."""

import uuid

import pytest

from tasks_app import queue
from tasks_app.exceptions import IllegalMove, InvalidRequest, NotAuthenticated
from tasks_app.models import Agent, AuditEntry
from tasks_app.services import agents, runs
from tasks_app.services.actor import Actor
from tests.making import claim_one, events_of, make_agent, make_run, told

pytestmark = pytest.mark.django_db

ACTOR = Actor("user:ann", request_id="req-4")
READ = ["tasks:read"]


def test_an_agent_is_kept_without_its_secret() -> None:
    agent, secret = agents.create_agent(name="bot", scopes=["tasks:read", "tasks:create", "tasks:read"], actor=ACTOR)

    kept = Agent.objects.get(pk=agent.pk)
    assert (kept.name, kept.scopes, kept.active) == ("bot", ["tasks:create", "tasks:read"], True)
    assert kept.secret_hash.startswith("argon2$argon2id$")
    everything = [str(vars(kept)), *(str(row) for row in [*told(), *AuditEntry.objects.all()])]
    assert not any(secret in text for text in everything)
    assert events_of(agent) == ["agent.created"]
    assert AuditEntry.objects.get().details == {"name": "bot", "scopes": ["tasks:create", "tasks:read"]}


def test_every_secret_is_another_and_cannot_be_guessed() -> None:
    secrets = {agents.create_agent(name=f"bot {n}", scopes=["tasks:read"])[1] for n in range(3)}

    assert len(secrets) == 3
    assert all(len(secret) >= 43 for secret in secrets)


@pytest.mark.parametrize(
    ("name", "scopes", "pointer"),
    [
        ("", READ, "/name"),
        ("x" * 101, READ, "/name"),
        ("taken", READ, "/name"),
        ("bot", ["tasks:rule"], "/scopes"),
        ("bot", [], "/scopes"),
    ],
)
def test_a_faulty_agent_is_refused(name: str, scopes: list[str], pointer: str) -> None:
    agents.create_agent(name="taken", scopes=["tasks:read"])

    with pytest.raises(InvalidRequest) as refused:
        agents.create_agent(name=name, scopes=scopes)

    assert {fault.pointer for fault in refused.value.faults} == {pointer}
    assert Agent.objects.count() == 1


def test_an_agent_proves_itself_by_its_own_secret_only() -> None:
    agent, secret = agents.create_agent(name="bot", scopes=["tasks:read"])
    _, another = agents.create_agent(name="other", scopes=["tasks:read"])

    assert agents.authenticate(agent.pk, secret) == agent
    for wrong in (another, "", secret + "x", agent.secret_hash):
        with pytest.raises(NotAuthenticated):
            agents.authenticate(agent.pk, wrong)


def test_an_unknown_agent_is_refused_like_a_wrong_secret() -> None:
    agent, secret = agents.create_agent(name="bot", scopes=["tasks:read"])

    refusals = []
    for who, what in ((uuid.uuid4(), secret), (agent.pk, "wrong")):
        with pytest.raises(NotAuthenticated) as refused:
            agents.authenticate(who, what)
        refusals.append(str(refused.value))

    assert refusals[0] == refusals[1]


def test_a_disabled_agent_is_refused_until_it_is_enabled_again() -> None:
    agent, secret = agents.create_agent(name="bot", scopes=["tasks:read"])

    assert agents.set_active(agent, False, actor=ACTOR).active is False
    with pytest.raises(NotAuthenticated):
        agents.authenticate(agent.pk, secret)
    agents.set_active(agent, True, actor=ACTOR)

    assert agents.authenticate(agent.pk, secret) == agent
    assert events_of(agent) == ["agent.created", "agent.updated", "agent.updated"]
    actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["agent.created", "agent.disabled", "agent.enabled"]


def test_enabling_what_is_enabled_changes_nothing() -> None:
    agent = make_agent()

    agents.set_active(agent, True, actor=ACTOR)

    assert events_of(agent) == []
    assert not AuditEntry.objects.exists()


def test_a_run_is_canceled_once_and_by_whom_is_kept() -> None:
    run = make_run()

    assert runs.cancel(run, actor=ACTOR).state == "canceled"
    assert runs.cancel(run, actor=ACTOR).state == "canceled"

    assert run.error["message"] == "Canceled by user:ann."
    assert events_of(run) == ["run.queued", "run.canceled"]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id, entry.actor, entry.request_id) == (
        "run.canceled",
        run.pk,
        "user:ann",
        "req-4",
    )


def test_a_finished_run_is_not_canceled() -> None:
    run = make_run()
    queue.apply(queue.succeed(claim_one().lease))

    with pytest.raises(IllegalMove, match="succeeded"):
        runs.cancel(run, actor=ACTOR)

    assert not AuditEntry.objects.exists()


def test_an_actor_is_labelled_by_what_it_is() -> None:
    agent = make_agent()

    assert Actor.of_agent(agent, request_id="r") == Actor(f"agent:{agent.pk}", agent.pk, "r")
    assert Actor.of_user("ann") == Actor("user:ann", None, "")
