"""Which language model answers every task of this deployment, if the operator has named one?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pipelines.calls import ToolCall
from pipelines.catalogue import Tool
from pipelines.egress.addresses import AddressGuard
from pipelines.errors import StepFailed
from pipelines.transports import tool_of
from pipelines.transports.endpoints import parse_endpoint
from pipelines.transports.entry import Entry, Outside
from pipelines.transports.llm.prompts import INPUT_SCHEMA

_ADDRESS: Final = "llm.generate"
_KEY: Final = "ORDINAUT_LLM_KEY"
_SECONDS: Final = 60.0
_DESCRIPTION: Final = (
    "Asks the deployment's language model: `prompt`, `instruction` or `messages`, and data beside them."
)
_EXAMPLES: Final = (
    {
        "input": {"instruction": "Summarise in one sentence.", "report": {"orders": 12}},
        "output": {
            "text": "There were twelve orders.",
            "model": "small",
            "usage": {"tokens_in": 40, "tokens_out": 6, "microdollars": 10, "estimated": False},
        },
    },
)


@dataclass(frozen=True, kw_only=True)
class LlmSettings:
    """The operator's model: the base URL of an OpenAI-compatible API, and US dollars for a million tokens."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    dollars_per_million_in: float = 0.0
    dollars_per_million_out: float = 0.0


def llm_generate(settings: LlmSettings | None, *, http_allow: Sequence[str] = ()) -> Tool:
    """The tool; without settings, one that says how to get it.

    The operator's own model may be anywhere: its host and port need not be in `http_allow`. Raises `ValueError` for settings
    that are none.
    """
    if settings is None:
        return Tool(
            _ADDRESS,
            _not_configured,
            input_schema=INPUT_SCHEMA,
            safe_to_retry=True,
            timeout_seconds=_SECONDS,
            description=_DESCRIPTION,
            examples=_EXAMPLES,
        )
    own = {"api_key": f"${{secrets('{_KEY}')}}"} if settings.key else {}
    entry = Entry(
        address=_ADDRESS,
        transport="llm",
        settings={
            "endpoint": settings.url,
            "model": settings.model,
            "dollars_per_million_in": settings.dollars_per_million_in,
            "dollars_per_million_out": settings.dollars_per_million_out,
            **own,
        },
        timeout_seconds=_SECONDS,
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    guard = AddressGuard([*http_allow, parse_endpoint(settings.url).place])
    return tool_of(entry, Outside(guard=guard, reveal=lambda _name, _host: settings.key))


def _not_configured(_given: Any, _call: ToolCall) -> Any:
    cure = "the operator sets ORDINAUT_LLM_URL and ORDINAUT_LLM_MODEL"
    raise StepFailed.permanently("llm_not_configured", f"this deployment has no language model; {cure}")
