"""The transport `jsonrpc`: a tool is one method of a JSON-RPC 2.0 server, called over HTTP POST."""

import json
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

from pipelines.calls import ToolCall
from pipelines.egress.answers import Answer, answer_failure
from pipelines.egress.answers import retry_after as retry_after_of
from pipelines.egress.exchange import Request
from pipelines.errors import ErrorClass, Fault, StepError, StepFailed, ToolFailure
from pipelines.transports.connector import Connection, Connector
from pipelines.transports.disclosure import Disclosure
from pipelines.transports.endpoints import endpoint_faults, misplaced, parse_endpoint, unknown_settings
from pipelines.transports.entry import Entry, Outside
from pipelines.transports.sending import failed, header_faults, headers_for, json_bytes, sent

_SETTINGS: Final = ("endpoint", "method", "headers")
_LONGEST_METHOD: Final = 200
_LONGEST_DATA: Final = 200
_INTERNAL_ERROR: Final = -32603
_SERVER_ERRORS: Final = range(-32099, -31999)


def _faults(entry: Entry, _outside: Outside) -> Iterator[Fault]:
    yield from unknown_settings(entry.settings, _SETTINGS)
    yield from endpoint_faults(entry.settings)
    yield from header_faults(entry.settings)
    cure = f"is not the name of a method: a text of 1 to {_LONGEST_METHOD} characters"
    yield from misplaced(entry.settings, {"method": (_is_method, cure)})


def _is_method(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_METHOD


def _connect(entry: Entry, outside: Outside) -> Connection:
    endpoint = parse_endpoint(entry.settings["endpoint"])
    method = entry.settings.get("method") or entry.address.rpartition(".")[2]
    at_most_once = not (entry.pure or entry.safe_to_retry)

    def called(given: Any, call: ToolCall) -> Any:
        disclosure = Disclosure(outside, host=endpoint.host)
        with disclosure.kept_from_errors():
            identity = uuid4().hex
            headers = {
                **headers_for(call, entry.settings.get("headers", {}), disclosure),
                "content-type": "application/json",
            }
            content = json_bytes({"jsonrpc": "2.0", "id": identity, "method": method, **_params(given)})
            request = Request("POST", endpoint.url({}, disclosure), headers, content, disclosure.pattern)
            answer = sent(request, call, outside, at_most_once=at_most_once)
            result = _result(answer, disclosure, identity=identity, at_most_once=at_most_once)
        return disclosure.hidden(result)

    destination = f"{entry.address} {endpoint.place}"
    return Connection(called, lambda _given: destination)


def _params(given: Any) -> dict[str, Any]:
    """By name or by position (JSON-RPC 2.0, 4.2); an input that is null or empty stands for no parameters."""
    if given is None or given == {}:
        return {}
    if isinstance(given, dict | list):
        return {"params": given}
    raise StepFailed.permanently("invalid_input", "/ is neither an object nor a list, as a method's parameters are")


def _result(answer: Answer, disclosure: Disclosure, *, identity: str, at_most_once: bool) -> Any:
    response = _response(answer)
    if isinstance(response, dict) and _is_error(response, identity=identity):
        # An error object says more than the status that it comes with.
        raise ToolFailure(_as_step_error(disclosure.hidden(response["error"]), answer, at_most_once=at_most_once))
    error = answer_failure(disclosure.hidden_answer(answer), expected=None)
    if error is not None:
        raise failed(error, status=answer.status, at_most_once=at_most_once)
    if wrong := _breach(response, identity=identity):
        raise StepFailed.permanently("jsonrpc_protocol", f"{answer.host} {wrong}")
    return response["result"]


def _response(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def _is_error(response: dict[str, Any], *, identity: str) -> bool:
    """Whether this is a sound error of our request, or of one that the server could not read (JSON-RPC 2.0, 5)."""
    error = response.get("error")
    return (
        response.get("jsonrpc") == "2.0"
        and "result" not in response
        and response.get("id", identity) in (identity, None)
        and isinstance(error, dict)
        and type(error.get("code")) is int
        and isinstance(error.get("message"), str)
    )


def _as_step_error(error: dict[str, Any], answer: Answer, *, at_most_once: bool) -> StepError:
    """What the server says of itself may pass; what it says of the request will not (JSON-RPC 2.0, 5.1).

    A call that must not be repeated is not: that the method ended with an error does not say that it did nothing.
    """
    code = error["code"]
    data = f" ({json.dumps(error['data'])[:_LONGEST_DATA]})" if error.get("data") is not None else ""
    message = f"{answer.host} answered error {code}: {error['message'][:300]}{data}"
    if not at_most_once and (code == _INTERNAL_ERROR or code in _SERVER_ERRORS):
        return StepError(ErrorClass.RETRYABLE, "jsonrpc_error", message, retry_after_of(answer.headers))
    return StepError(ErrorClass.PERMANENT, "jsonrpc_error", message)


def _breach(response: Any, *, identity: str) -> str:
    """What breaks the protocol in an answer that is no error; empty for a sound result."""
    if not isinstance(response, dict):
        return "answered what is not a JSON-RPC response object"
    if response.get("jsonrpc") != "2.0":
        return "answered without the version 2.0"
    if response.get("id") != identity:
        return "answered with another request's id"
    if "error" in response:
        return "answered both a result and an error" if "result" in response else "answered an error of no known form"
    return "" if "result" in response else "answered neither a result nor an error"


CONNECTOR: Final = Connector(_faults, _connect)
