"""How is a model asked, charged for, and told what is wrong with its answer?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.calls import ToolCall
from pipelines.egress.answers import Answer, answer_failure
from pipelines.egress.exchange import Request, Unanswered
from pipelines.errors import Interrupted, StepFailed, ToolFailure
from pipelines.schemas import Check, SchemaMismatch
from pipelines.transports.disclosure import Disclosure
from pipelines.transports.endpoints import Endpoint
from pipelines.transports.entry import Entry, Outside
from pipelines.transports.llm.completions import Completion, completion_of, json_in, usage_said
from pipelines.transports.llm.costs import Spending, estimated
from pipelines.transports.llm.model import Model
from pipelines.transports.llm.prompts import body_of, correction
from pipelines.transports.sending import headers_for, json_bytes, sent
from pipelines.usage import Usage


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one call of a tool has to say to its model. Its methods raise `StepFailed` and `Interrupted`."""

    endpoint: Endpoint
    model: Model
    entry: Entry
    call: ToolCall
    outside: Outside
    disclosure: Disclosure

    def text(self, given: Any) -> dict[str, Any]:
        """The model's text, its name, and what that cost."""
        completion, spending = self._asked(body_of(given, self.model), repair=0)
        return {"text": completion.text, "model": completion.model or self.model.name, "usage": spending.as_json()}

    def json(self, given: Any, schema: Mapping[str, Any], check: Check) -> Any:
        """What the model says, once it fits the schema: told what is wrong with it, it may mend it."""
        body = body_of(given, self.model, schema=schema, name=self.entry.address)
        fault = ""
        for repair in range(self.model.repairs + 1):
            completion, _ = self._asked(body, repair=repair)
            try:
                value = json_in(completion.text)
                check(value)
            except SchemaMismatch as mismatch:
                fault = str(mismatch)
            else:
                return value
            body = {**body, "messages": [*body["messages"], *correction(completion.text, fault)]}
        raise StepFailed.permanently("llm_invalid_output", f"{self.model.name} answered what does not fit: {fault}")

    def _asked(self, body: dict[str, Any], *, repair: int) -> tuple[Completion, Spending]:
        request = self._request(body, repair=repair)
        self.call.reserve(self._at_most(request, body))
        answer = self._answered(request)
        spending = self._charged(request, answer)
        shown = self.disclosure.hidden_answer(answer)
        if (error := answer_failure(shown, expected=None)) is not None:
            raise ToolFailure(error)
        return completion_of(answer, shown=shown), spending

    def _request(self, body: dict[str, Any], *, repair: int) -> Request:
        own = {"content-type": "application/json", **self.entry.settings.get("headers", {})}
        if self.model.key:
            own["authorization"] = f"Bearer {self.model.key}"
        headers = headers_for(self.call, own, self.disclosure)
        if repair:  # another question, which a server must not take for the first one
            headers["idempotency-key"] += f":repair-{repair}"
        url = self.endpoint.url({}, self.disclosure)
        return Request("POST", url, headers, json_bytes(body), self.disclosure.pattern)

    def _answered(self, request: Request) -> Answer:
        try:
            return sent(request, self.call, self.outside, at_most_once=False)
        except (StepFailed, Interrupted) as broken:
            # Unless it was never sent, the provider may have read it, and charge for that.
            read = 0 if _was_never_sent(broken) else estimated(request.content)
            self.call.charge(self.model.prices.spent(read, 0, is_estimate=True).usage)
            raise

    def _at_most(self, request: Request, body: dict[str, Any]) -> Usage:
        """What the question and the longest answer that it allows come to."""
        return self.model.prices.spent(estimated(request.content), body[self.model.limit_field], is_estimate=True).usage

    def _charged(self, request: Request, answer: Answer) -> Spending:
        said = usage_said(answer)
        tokens_in, tokens_out = said
        served = 200 <= answer.status < 300  # who refuses a question, and says nothing of tokens, charges for none
        if tokens_in is None:
            tokens_in = estimated(request.content) if served else 0
        if tokens_out is None:
            tokens_out = estimated(answer.body) if served else 0
        spending = self.model.prices.spent(tokens_in, tokens_out, is_estimate=None in said)
        self.call.charge(spending.usage)
        return spending


def _was_never_sent(broken: StepFailed | Interrupted) -> bool:
    if isinstance(broken, Unanswered):
        return not broken.sent
    return isinstance(broken, StepFailed) and broken.error.code == "address_blocked"
