"""A tool of the catalogue, as it is sent and as it is answered."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import Field

import pipelines
from pipelines.transports import TRANSPORTS
from tasks_app.api.serializers.breaker import BreakerSerializer
from tasks_app.api.serializers.breaker import answer as answer_breaker
from tasks_app.api.serializers.columns import Columns
from tasks_app.api.serializers.said import said
from tasks_app.api.serializers.strict import Several, Strict, StrictModel, Text, WholeNumber, YesOrNo
from tasks_app.api.serializers.task import JSONObject
from tasks_app.models import Tool, ToolVersion
from tasks_app.models.tool import DEFINITION
from tasks_app.services.discovery import Offered
from tasks_app.services.tool_numbers import Numbers
from tasks_app.states import ToolApproval

BUILT_IN: Final = "builtin"
HEALTH: Final = ("closed", "recovering", "open", "unknown")
# Settings that an entry may also write beside its address, as a `tools.json` does.
_BESIDE: Final = (
    "api_key", "callable", "command", "endpoint", "headers", "method", "model", "query", "server", "tool",
)  # fmt: skip


class Seconds(serializers.FloatField):
    def to_internal_value(self, data: Any) -> float:
        if type(data) not in (int, float):
            raise ValidationError("Give a number of seconds.")
        return super().to_internal_value(data)


_ADDRESS: Final = "What steps call it: namespace.name in small letters, which never changes."
_APPROVAL: Final = "Whether somebody stands for its newest version; a tool that changed is not called before that."
_COST_TIER: Final = "A word for people and agents that choose among tools. Default: free."
_DESCRIPTION: Final = "What the tool does, in at most 4,000 characters. Default: empty."
_MAX_RETRIES: Final = "How often a step is tried again that does not say so itself. Default: 0."
_RATE_LIMIT: Final = "How often it may be called: 5/s, 60/m, 100/h or 1000/d; null for no limit. Default: null."


class ToolSummarySerializer(StrictModel):
    """A tool in a list, without its settings, schemas and examples."""

    transport = Text(help_text=f"How it is called: {', '.join(TRANSPORTS)}; {BUILT_IN} for those that nobody brought.")
    scopes = Several(
        child=Text(max_length=100),
        required=False,
        help_text="The scopes that an agent needs for a step that uses it. Default: none.",
    )
    timeout_seconds = Seconds(
        required=False,
        help_text="Seconds that one call may take, at most 300, unless its step says otherwise. Default: 30.",
    )
    pure = YesOrNo(
        required=False, help_text="Whether a second call does nothing that the first has not done. Default: false."
    )
    safe_to_retry = YesOrNo(
        required=False, help_text="Whether a second call with the same idempotency key does no harm. Default: false."
    )
    enabled = YesOrNo(
        required=False,
        help_text="Whether it may be called; steps that use one that is switched off fail. Default: true.",
    )
    built_in = serializers.BooleanField(read_only=True, help_text="Whether it is part of the platform, and read-only.")
    created_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When it was brought; null where it is built in."
    )
    updated_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When it was last changed; null where it is built in."
    )

    class Meta:
        model = Tool
        fields: tuple[str, ...] = (
            "address",
            "transport",
            "description",
            "timeout_seconds",
            "scopes",
            "cost_tier",
            "pure",
            "safe_to_retry",
            "max_retries",
            "rate_limit",
            "enabled",
            "approval",
            "version",
            "built_in",
            "created_at",
            "updated_at",
        )
        read_only_fields: tuple[str, ...] = ("approval", "version", "created_at", "updated_at")
        # What is right is the service's to say, of whoever asks.
        extra_kwargs: dict[str, Any] = {
            **said(approval=_APPROVAL, version="A number that each change of its definition raises, from 1."),
            "address": {"validators": [], "help_text": _ADDRESS},
            "description": {"validators": [], "required": False, "help_text": _DESCRIPTION},
            "cost_tier": {"validators": [], "required": False, "help_text": _COST_TIER},
            "rate_limit": {"validators": [], "required": False, "help_text": _RATE_LIMIT},
            "max_retries": {"required": False, "min_value": 0, "max_value": 10, "help_text": _MAX_RETRIES},
        }


class ToolSerializer(ToolSummarySerializer):
    """A tool of the catalogue, which the steps of pipelines call."""

    settings = JSONObject(
        required=False,
        help_text="What the transport needs, such as endpoint and headers: see docs/tools.md. Default: none.",
    )
    input_schema = JSONObject(
        required=False, help_text="The JSON Schema (2020-12) of what it is given. Default: {}, which takes anything."
    )
    output_schema = JSONObject(
        required=False, help_text="The JSON Schema (2020-12) of what it returns. Default: {}, which takes anything."
    )
    examples = Several(
        child=JSONObject(),
        required=False,
        help_text='Calls to learn from, which fit the schemas: {"input": ..., "output": ...}. Default: none.',
    )

    class Meta(ToolSummarySerializer.Meta):
        fields = (*ToolSummarySerializer.Meta.fields, "settings", "input_schema", "output_schema", "examples")


class ToolChangeSerializer(ToolSerializer):
    """What is sent to change a tool. It keeps its address, which may be sent again."""

    class Meta(ToolSerializer.Meta):
        extra_kwargs = ToolSerializer.Meta.extra_kwargs | {
            "address": {"validators": [], "required": False, "help_text": _ADDRESS}
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A replacement returns what it leaves out to its default."""
        if self.partial:
            return attrs
        empty = Tool()
        return {name: getattr(empty, name) for name in (*DEFINITION, "enabled") if name != "address"} | attrs


class ToolVersionSerializer(serializers.ModelSerializer[ToolVersion]):
    class Meta:
        model = ToolVersion
        fields = ("version", "by", "at", "definition")
        read_only_fields = fields
        extra_kwargs = said(
            version="The number of the version, from 1.",
            by="Who made it: agent:<id>, user:<name> or system.",
            at="When it was made.",
            definition="What the tool was in this version.",
        )


class ToolVersionsSerializer(serializers.Serializer[Any]):
    items = ToolVersionSerializer(many=True, help_text="The versions, the newest first, at most a hundred.")


class ApprovalSerializer(Strict):
    version = WholeNumber(
        required=False,
        min_value=1,
        help_text="The version that was looked at; another is not approved. Default: the newest.",
    )


class ImportOptionsSerializer(Strict):
    replace = YesOrNo(
        default=False, help_text="Whether tools that are there already get a new version, rather than be faults."
    )
    partial = YesOrNo(  # type: ignore[assignment]
        default=False, help_text="Whether to bring the tools without a fault, where others have one."
    )


class ImportSerializer(ImportOptionsSerializer):
    """What a `tools.json` says; a bare list of entries will do, too."""

    tools = ToolSerializer(many=True, help_text="The tools to be brought, each as POST /tools takes it.")


class DiscoverySerializer(ImportOptionsSerializer):
    """Which server to ask: `endpoint`, with `headers`, or `server`, by which the operator knows it."""

    endpoint = Text(required=False, help_text="The URL of an MCP server.")
    headers = JSONObject(
        required=False,
        help_text="The headers that the server is sent; ${secrets('name')} stands for a credential. Default: none.",
    )
    server = Text(required=False, help_text="The name of a server that the operator has set in ORDINAUT_MCP_SERVERS.")
    namespace = Text(max_length=130, help_text="What the tools' addresses begin with.")

    def get_fields(self) -> dict[str, Field[Any, Any, Any, Any]]:
        chosen = Several(
            child=Text(),
            required=False,
            help_text="The server's names of the tools to import. Default: none, so that nothing is changed.",
        )
        return super().get_fields() | {"import": chosen}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("endpoint" in attrs) == ("server" in attrs):
            raise ValidationError({"endpoint": "Give the endpoint of a server, or the name of one as `server`."})
        if "server" in attrs and "headers" in attrs:
            raise ValidationError({"headers": "A program is sent none: leave them out."})
        return attrs


class NumbersSerializer(serializers.Serializer[Any]):
    seconds = serializers.FloatField(help_text="How many seconds back these numbers reach, from now.")
    calls = serializers.IntegerField(help_text="How many calls were made.")
    failures = serializers.IntegerField(help_text="How many of them failed.")
    retries = serializers.IntegerField(help_text="How many of them were retries.")
    waiting = serializers.IntegerField(help_text="How many runs wait to call it.")
    health = serializers.ChoiceField(
        choices=HEALTH,
        help_text="The state of the worst of its breakers; unknown without calls.",
    )
    destinations = BreakerSerializer(many=True, help_text="Its destinations, each with its breaker.")


class OfferedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="What the server calls it.")
    address = serializers.CharField(
        help_text="What steps would call it; empty where another tool's name comes to the same address."
    )
    state = serializers.ChoiceField(
        choices=["new", "same", "changed"], help_text="How it compares with the tool that the catalogue has."
    )
    description = serializers.CharField(help_text="What the server says that it does.")
    input_schema = serializers.DictField(help_text="The JSON Schema of what it is given.")
    output_schema = serializers.DictField(help_text="The JSON Schema of what it returns.")
    fingerprint = serializers.CharField(help_text="A digest of what the server says of it.")


class ImportedSerializer(serializers.Serializer[Any]):
    created = serializers.ListField(child=serializers.CharField(), help_text="The addresses of tools that are new.")
    updated = serializers.ListField(
        child=serializers.CharField(), help_text="The addresses of tools that have a new version."
    )
    unchanged = serializers.ListField(
        child=serializers.CharField(), help_text="The addresses of tools that were there as they were sent."
    )
    refused = serializers.ListField(
        child=serializers.DictField(), help_text="The faults of what a partial import left out."
    )


class DiscoveredSerializer(serializers.Serializer[Any]):
    tools = OfferedSerializer(many=True, help_text="The tools that the server offers.")
    imported = ImportedSerializer(
        allow_null=True, help_text="What became of the import; null unless something was to be imported."
    )


def sent_tool(data: Any, *, change: Tool | None = None, partial: bool = False) -> dict[str, Any]:
    """The fields that an entry sets. Raises `ValidationError`, whose places are those of the entry as it was sent."""
    entry = _gathered(data)
    sent = ToolChangeSerializer(change, data=entry, partial=partial) if change else ToolSerializer(data=entry)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)


def as_sent(pointer: str, sent: Any) -> str:
    """A pointer to a setting, as one into what was sent: an entry or many, which may hold it beside its address."""
    place, found, inside = pointer.partition("/settings/")
    if not found or sent is None:
        return pointer
    entry = sent
    for part in place.split("/")[1:]:
        entry = entry[int(part)] if isinstance(entry, list) else entry[part]
    beside = inside.partition("/")[0] in _BESIDE and inside.partition("/")[0] in entry
    return f"{place}/{inside}" if beside else pointer


def _gathered(data: Any) -> Any:
    """The entry with all its settings in `settings`."""
    if not isinstance(data, Mapping):
        return data
    beside = {name: data[name] for name in _BESIDE if name in data}
    settings = data.get("settings", {})
    if not beside or not isinstance(settings, Mapping):
        return data
    if twice := [name for name in beside if name in settings]:
        raise ValidationError({twice[0]: f"{twice[0]} is among the settings, too: write it once."})
    return {name: value for name, value in data.items() if name not in beside} | {"settings": {**settings, **beside}}


def answer(tool: Tool) -> dict[str, Any]:
    """The whole of one tool that somebody brought."""
    return {name: getattr(tool, name) for name in ToolSerializer.Meta.fields if name != "built_in"} | {
        "built_in": False
    }


def answer_numbers(numbers: Numbers, *, now: datetime) -> dict[str, Any]:
    return asdict(numbers) | {"destinations": [answer_breaker(row, now=now) for row in numbers.destinations]}


def answer_offered(tool: Offered) -> dict[str, Any]:
    """A tool that a server has."""
    definition = tool.definition
    return {
        "name": tool.name,
        "address": tool.address,
        "state": tool.state,
        "description": definition.description,
        "input_schema": definition.input_schema,
        "output_schema": definition.output_schema,
        "fingerprint": definition.fingerprint,
    }


def answer_built_in(tool: pipelines.Tool, *, whole: bool = True) -> dict[str, Any]:
    """One that nobody brought."""
    told = {
        "address": tool.address,
        "transport": BUILT_IN,
        "description": tool.description,
        "timeout_seconds": tool.timeout_seconds,
        "scopes": sorted(tool.scopes),
        "cost_tier": "free",
        "pure": tool.pure,
        "safe_to_retry": tool.safe_to_retry,
        "max_retries": 0,
        "rate_limit": None,
        "enabled": True,
        "approval": ToolApproval.APPROVED,
        "version": 1,
        "built_in": True,
        "created_at": None,
        "updated_at": None,
    }
    if not whole:
        return told
    return told | {
        "settings": {},
        "input_schema": tool.input_schema,
        "output_schema": tool.output_schema,
        "examples": list(tool.examples),
    }


SUMMARY: Final = tuple(name for name in ToolSummarySerializer.Meta.fields if name != "built_in")
VERSION_ROW: Final = Columns.of(ToolVersionSerializer)
