"""Which model answers, and within which bounds? What an entry's settings say of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, Final

from pipelines.errors import Fault
from pipelines.transports.endpoints import Endpoint, endpoint_faults, misplaced, parse_endpoint, unknown_settings
from pipelines.transports.entry import Entry, Outside
from pipelines.transports.llm.costs import Prices
from pipelines.transports.sending import header_faults

_SETTINGS: Final = (
    "endpoint",
    "headers",
    "model",
    "api_key",
    "system",
    "temperature",
    "max_tokens",
    "max_tokens_field",
    "response_format",
    "repairs",
    "dollars_per_million_in",
    "dollars_per_million_out",
)
_FORMATS: Final = ("json_schema", "json_object", "text")
_LIMIT_FIELDS: Final = ("max_tokens", "max_completion_tokens")
_MOST_TOKENS: Final = 1_000_000
_MOST_REPAIRS: Final = 2
_QUESTIONS: Final = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Model:
    """A model and its bounds. `most_tokens` bounds each answer; `key` may hold the places of secrets."""

    name: str
    key: str = field(repr=False)
    system: str = field(repr=False)
    temperature: float | None
    most_tokens: int
    limit_field: str
    response_format: str
    repairs: int
    prices: Prices

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Model":
        """From settings without a fault."""
        return cls(
            name=settings["model"],
            key=settings.get("api_key", ""),
            system=settings.get("system", ""),
            temperature=settings.get("temperature"),
            most_tokens=settings.get("max_tokens", 4096),
            limit_field=settings.get("max_tokens_field", "max_tokens"),
            response_format=settings.get("response_format", "json_schema"),
            repairs=settings.get("repairs", 1),
            prices=Prices(settings.get("dollars_per_million_in", 0.0), settings.get("dollars_per_million_out", 0.0)),
        )


def questions_of(settings: Mapping[str, Any]) -> Endpoint:
    """Where questions go, of settings without a fault."""
    base = parse_endpoint(settings["endpoint"])
    return replace(base, path=base.path.rstrip("/") + _QUESTIONS)


def faults(entry: Entry, _outside: Outside) -> Iterator[Fault]:
    settings = entry.settings
    yield from unknown_settings(settings, _SETTINGS)
    yield from endpoint_faults(settings)
    yield from header_faults(settings)
    if str(settings.get("endpoint")).rstrip("/").endswith(_QUESTIONS):
        yield Fault("/settings/endpoint", f"is where questions go; give the base URL, without {_QUESTIONS}")
    if not _is_text(settings.get("model")) or not settings["model"]:
        yield Fault("/settings/model", "is missing; name a model that the endpoint serves")
    price = (_is_price, "is not a price; give US dollars for a million tokens, such as 0.15")
    yield from misplaced(
        settings,
        {
            "api_key": (_is_text, "is not a text; write ${secrets('name')}"),
            "system": (_is_text, "is not a text"),
            "temperature": (lambda value: _is_number(value) and 0 <= value <= 2, "is not a number from 0 to 2"),
            "max_tokens": (_counts(1, _MOST_TOKENS), f"is not a number of tokens from 1 to {_MOST_TOKENS}"),
            "max_tokens_field": (lambda value: value in _LIMIT_FIELDS, f"is not one of {', '.join(_LIMIT_FIELDS)}"),
            "response_format": (lambda value: value in _FORMATS, f"is not one of {', '.join(_FORMATS)}"),
            "repairs": (_counts(0, _MOST_REPAIRS), f"is not a number from 0 to {_MOST_REPAIRS}"),
            "dollars_per_million_in": price,
            "dollars_per_million_out": price,
        },
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_price(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1_000_000


def _counts(least: int, most: int) -> Any:
    return lambda value: type(value) is int and least <= value <= most
