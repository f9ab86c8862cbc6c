"""`/pipelines`: a pipeline is judged and rendered before anything is saved."""

from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from tasks_app.api_limits import USUAL
from tasks_app.models import OutboxEntry, Task
from tests.integration.api.making import PAYLOAD, client_of
from tests.making import make_agent

SCHEMA, VALIDATE, RENDER = (f"/api/v1/pipelines/{name}" for name in ("schema", "validate", "render"))
WEATHER: dict[str, Any] = {
    "params": {"city": "Chisinau"},
    "pipeline": [
        {"id": "wx", "uses": "debug.echo", "with": {"city": "${params.city}"}, "save_as": "weather"},
        {
            "id": "say",
            "uses": "debug.log",
            "if": "steps.weather.degrees > 25",
            "with": {"text": "${steps.weather.degrees} on ${now_date}"},
        },
    ],
}


def rendered(client: APIClient, **asked: Any) -> list[dict[str, Any]]:
    answer = client.post(RENDER, {"payload": WEATHER} | asked)
    assert answer.status_code == 200, answer.json()
    steps: list[dict[str, Any]] = answer.json()["steps"]
    return steps


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.json()
    return [fault["pointer"] for fault in answer.json()["errors"]]


def test_everyone_may_read_the_schema_of_pipelines(anonymous: APIClient) -> None:
    schema = anonymous.get(SCHEMA).json()

    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(WEATHER)
    assert "enum" not in schema["$defs"]["step"]["properties"]["uses"]


def test_which_tools_there_are_is_told_to_those_who_may_read_it(anonymous: APIClient, as_alice: APIClient) -> None:
    reader = client_of(make_agent(scopes=("tools:read",)))

    told = reader.get(f"{SCHEMA}?tools=true")

    assert "debug.echo" in told.json()["$defs"]["step"]["properties"]["uses"]["enum"]
    assert anonymous.get(f"{SCHEMA}?tools=true").status_code == 401
    refused = as_alice.get(f"{SCHEMA}?tools=true")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize("wrapped", [True, False])
def test_what_could_be_saved_is_valid_and_shows_the_order_of_its_steps(as_alice: APIClient, wrapped: bool) -> None:
    answer = as_alice.post(VALIDATE, {"payload": WEATHER} if wrapped else WEATHER)

    assert answer.status_code == 200
    assert answer.json() == {
        "valid": True,
        "faults": [],
        "more_faults": 0,
        "steps": [
            {"id": "wx", "uses": "debug.echo", "after": []},
            {"id": "say", "uses": "debug.log", "after": ["wx"]},
        ],
    }


@pytest.mark.parametrize(("wrapped", "place"), [(True, "/payload"), (False, "")])
def test_each_fault_has_a_pointer_into_the_body_and_a_cure(as_alice: APIClient, wrapped: bool, place: str) -> None:
    payload = {"pipeline": [{"id": "a", "uses": "debug.ecko"}, {"uses": "noop", "with": {"x": "${steps.b}"}}]}

    found = as_alice.post(VALIDATE, {"payload": payload} if wrapped else payload).json()

    assert (found["valid"], found["steps"]) == (False, [])
    assert [fault["pointer"] for fault in found["faults"]] == [
        f"{place}/pipeline/0/uses",
        f"{place}/pipeline/1/with/x",
    ]
    assert "did you mean 'debug.echo'?" in found["faults"][0]["message"]


def test_a_hundred_faults_are_listed_and_the_others_counted(as_alice: APIClient) -> None:
    found = as_alice.post(VALIDATE, {"pipeline": [{"uses": "no.such", "wiht": {}}] * 99}).json()

    assert (len(found["faults"]), found["more_faults"]) == (100, 98)


@pytest.mark.parametrize("payload", [None, [], "x", {}, {"pipeline": 1}])
def test_a_payload_of_another_shape_is_judged_too(as_alice: APIClient, payload: Any) -> None:
    answer = as_alice.post(VALIDATE, {"payload": payload})

    assert (answer.status_code, answer.json()["valid"]) == (200, False)


@pytest.mark.parametrize(("body", "pointer"), [([], ""), ({"payload": PAYLOAD, "x": 1}, "/x")])
def test_a_body_that_is_no_question_is_refused(as_alice: APIClient, body: Any, pointer: str) -> None:
    assert pointers(as_alice.post(VALIDATE, body)) == [pointer]


def test_a_payload_over_256_kB_is_not_valid(as_alice: APIClient) -> None:  # noqa: N802 - a unit
    payload = {"params": {"x": "x" * 256_000}, **PAYLOAD}

    [fault] = as_alice.post(VALIDATE, {"payload": payload}).json()["faults"]

    assert fault["pointer"] == "/payload/params/x"
    assert "larger than 256 kB" in fault["message"]


def test_judging_and_rendering_leave_nothing_behind(as_alice: APIClient) -> None:
    as_alice.post(VALIDATE, WEATHER)
    rendered(as_alice)

    assert not Task.objects.exists()
    assert not OutboxEntry.objects.exists()


def test_inputs_and_conditions_are_rendered_as_far_as_outputs_are_given(as_alice: APIClient) -> None:
    context = {"params": {"city": "Iasi"}, "steps": {"weather": {"degrees": 30}}, "now": "2026-01-31T23:30:00Z"}

    assert rendered(as_alice, context=context | {"timezone": "Europe/Chisinau"}) == [
        {"id": "wx", "uses": "debug.echo", "if": True, "with": {"city": "Iasi"}, "error": None},
        {"id": "say", "uses": "debug.log", "if": True, "with": {"text": "30 on 2026-02-01"}, "error": None},
    ]


def test_without_a_context_a_step_that_needs_it_says_what_is_missing(as_alice: APIClient) -> None:
    payload = {"pipeline": [{"id": "a", "uses": "noop"}, {"uses": "debug.echo", "with": {"x": "${steps.a.b}"}}]}

    _, found = rendered(as_alice, payload=payload)

    assert (found["if"], found["with"], found["error"]["code"]) == (True, None, "undefined_reference")
    assert "`steps.a.b` is undefined" in found["error"]["message"]


@pytest.mark.parametrize("event", [{"id": "e", "payload": {"order": 7}}, {"order": 7}])
def test_an_event_is_read_as_in_a_run(as_alice: APIClient, event: dict[str, Any]) -> None:
    payload = {"pipeline": [{"uses": "debug.echo", "with": {"a": "${event.order}", "b": "${event.payload.order}"}}]}

    [found] = rendered(as_alice, payload=payload, context={"event": event})

    assert found["with"] == {"a": 7, "b": 7}


def test_a_local_now_is_one_of_the_zone(as_alice: APIClient) -> None:
    payload = {"pipeline": [{"uses": "debug.echo", "with": {"at": "${now_iso}"}}]}

    [found] = rendered(
        as_alice, payload=payload, context={"now": "2026-07-01T09:00:00", "timezone": "America/New_York"}
    )

    assert found["with"] == {"at": "2026-07-01T09:00:00-04:00"}


def test_what_looks_like_a_secret_is_not_shown(as_alice: APIClient) -> None:
    payload = {"params": {"k": "s3cret"}, "pipeline": [{"uses": "debug.echo", "with": {"api_key": "${params.k}"}}]}

    assert "s3cret" not in str(rendered(as_alice, payload=payload))


@pytest.mark.parametrize(
    ("context", "pointer"),
    [
        ({"timezone": "Mars/Base"}, "/context/timezone"),
        ({"now": "soon"}, "/context/now"),
        ({"now": "0001-01-01T00:00:00Z", "timezone": "America/New_York"}, "/context/now"),
        ({"steps": []}, "/context/steps"),
        ({"event": 1}, "/context/event"),
        ({"secrets": {}}, "/context/secrets"),
        ({"steps": {"wxx": 1}}, "/context/steps/wxx"),
        (7, "/context"),
    ],
)
def test_a_context_that_is_none_is_refused(as_alice: APIClient, context: Any, pointer: str) -> None:
    assert pointers(as_alice.post(RENDER, {"payload": WEATHER, "context": context})) == [pointer]


def test_a_payload_that_could_not_be_saved_is_not_rendered(as_alice: APIClient) -> None:
    refused = as_alice.post(RENDER, {"payload": {"pipeline": [{"uses": "no.such"}]}})

    assert pointers(refused) == ["/payload/pipeline/0/uses"]


def test_too_many_questions_of_one_agent_are_put_off(as_alice: APIClient, as_bob: APIClient, settings: Any) -> None:
    settings.ORDINAUT = replace(settings.ORDINAUT, api_limits={**USUAL, "costly": 1})

    assert as_alice.post(VALIDATE, WEATHER).status_code == 200
    put_off = as_alice.post(RENDER, {"payload": WEATHER})
    assert (put_off.status_code, put_off.json()["code"]) == (429, "throttled")
    assert as_bob.post(VALIDATE, WEATHER).status_code == 200
