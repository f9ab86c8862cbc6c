"""`manage.py create_agent`: the first agent of a deployment, whose secret is shown once."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tasks_app.models import Agent
from tasks_app.services import agents

pytestmark = pytest.mark.django_db


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("create_agent", *arguments, stdout=out)
    return out.getvalue()


def test_an_agent_is_made_and_its_secret_printed() -> None:
    text = printed("reporter", "--scope", "runs:read", "--scope", "tasks:read", "--runs-per-day", "50")

    told = dict(line.split("=", 1) for line in text.splitlines())
    agent = Agent.objects.get(name="reporter")
    assert told.keys() == {"ORDINAUT_AGENT_ID", "ORDINAUT_AGENT_SECRET"}
    assert agents.authenticate(agent.pk, told["ORDINAUT_AGENT_SECRET"]) == agent
    assert told["ORDINAUT_AGENT_ID"] == str(agent.pk)
    assert (agent.scopes, agent.runs_per_day, agent.max_running) == (["runs:read", "tasks:read"], 50, None)


def test_programs_are_told_in_json() -> None:
    told = json.loads(printed("boss", "--scope", "admin", "--json"))

    assert agents.authenticate(told["agent_id"], told["agent_secret"]).name == "boss"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["taken", "--scope", "admin"], "/name"),
        (["other", "--scope", "everything"], "Unknown scope 'everything'"),
        (["other", "--scope", "admin", "--max-running", "0"], "/max_running"),
        (["other"], "--scope"),
    ],
)
def test_an_agent_that_breaks_a_rule_is_refused(arguments: list[str], words: str) -> None:
    agents.create_agent(name="taken", scopes=["tasks:read"])

    with pytest.raises(CommandError, match=words):
        printed(*arguments)

    assert not Agent.objects.filter(name="other").exists()
