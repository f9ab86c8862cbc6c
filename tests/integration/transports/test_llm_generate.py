"""llm.generate asks the operator's model, or says that there is none."""

from typing import Any

import pytest

from pipelines import ErrorClass, builtin_catalogue
from pipelines.tools import LlmSettings
from tests.integration.http_tool.servers import LoopbackServer
from tests.integration.transports.calling import body_of, headers_of
from tests.integration.transports.models import saying
from tests.unit.pipelines.fakes import MemoryJournal, run


def generated(settings: LlmSettings | None, journal: MemoryJournal | None = None) -> Any:
    tools = builtin_catalogue(llm=settings)
    record = run({"uses": "llm.generate", "with": {"prompt": "Hi"}}, tools=tools, journal=journal).record("step_1")
    return record.error or record.output


def test_without_a_model_the_step_fails_and_says_what_to_do() -> None:
    error = generated(None)

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "llm_not_configured")
    assert "sets ORDINAUT_LLM_URL and ORDINAUT_LLM_MODEL" in error.message


def test_the_operators_model_is_asked_with_the_operators_key_wherever_it_is() -> None:
    journal = MemoryJournal()

    with LoopbackServer(saying("Hello.")) as server:
        url = f"{server.url}/v1"
        settings = LlmSettings(url=url, model="big", key="sk-operator", dollars_per_million_in=1)
        output = generated(settings, journal)
        [request] = server.requests

    assert output["text"] == "Hello."
    assert body_of(request)["model"] == "big"
    assert headers_of(request)["authorization"] == "Bearer sk-operator"
    assert [used.microdollars for used in journal.charged] == [100]
    assert journal.asked[0][:2] == ("llm.generate", f"llm.generate {server.address}")
    assert "sk-operator" not in repr(settings)


def test_a_model_that_asks_for_no_key_gets_none() -> None:
    with LoopbackServer(saying("Hello.")) as server:
        generated(LlmSettings(url=server.url, model="big"))

    assert "authorization" not in headers_of(server.requests[0])


@pytest.mark.parametrize("url", ["", "model.example", "http://a:b@model.example"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|password"):
        builtin_catalogue(llm=LlmSettings(url=url, model="m"))
