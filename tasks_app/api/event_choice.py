"""Which events does a request ask for? The list and the stream of events read `type` and `aggregate` alike."""

from typing import Final

from rest_framework.request import Request

from tasks_app.api.authentication import agent_of
from tasks_app.events.choice import MOST_PATTERNS, Aggregate, Choice, InvalidChoice, check_pattern
from tasks_app.exceptions import Fault, InvalidRequest

TYPE_SAID: Final = (
    "What happened: exactly, or a branch such as run.*; several with commas between them, or given several times."
)
AGGREGATE_SAID: Final = "What it happened to: task:<id>, run:<id>, agent:<id> or worker:<id>."
_EMPTY: Final = "Give a value, or leave the parameter out."


def asked_choice(request: Request) -> Choice:
    """What of the events that the agent may see is asked for. Raises `InvalidRequest`."""
    agent = agent_of(request)
    given = request.query_params.getlist("type")
    types = [each for listed in given for each in listed.split(",")]
    faults = _of_types(types)
    aggregate, text = None, request.query_params.get("aggregate")
    try:
        aggregate = Aggregate.read(text) if text else None
    except InvalidChoice as error:
        faults.append(Fault("/aggregate", f"{error}."))
    if text == "":
        faults.append(Fault("/aggregate", _EMPTY))
    if faults:
        raise InvalidRequest(*faults)
    return Choice(agent=None if agent.is_admin else agent.pk, types=frozenset(types), aggregate=aggregate)


def _of_types(types: list[str]) -> list[Fault]:
    if len(types) > MOST_PATTERNS:
        return [Fault("/type", f"Give at most {MOST_PATTERNS} types: a branch such as run.* stands for many.")]
    if "" in types:
        return [Fault("/type", _EMPTY)]
    faults = []
    for each in dict.fromkeys(types):
        try:
            check_pattern(each)
        except InvalidChoice as error:
            faults.append(Fault("/type", f"{error}."))
    return faults
