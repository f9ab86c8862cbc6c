from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.tool_request_examples_item import ToolRequestExamplesItem
    from ..models.tool_request_input_schema import ToolRequestInputSchema
    from ..models.tool_request_output_schema import ToolRequestOutputSchema
    from ..models.tool_request_settings import ToolRequestSettings


T = TypeVar("T", bound="ToolRequest")


@_attrs_define
class ToolRequest:
    """In a list, without what may be long.

    Attributes:
        address (str):
        transport (str): python, http, jsonrpc, mcp-http, mcp-stdio, llm; of those that are there anyway builtin.
        description (str | Unset):
        timeout_seconds (float | Unset):
        scopes (list[str] | Unset): What its steps' agent needs.
        cost_tier (str | Unset):
        pure (bool | Unset):
        safe_to_retry (bool | Unset):
        max_retries (int | Unset): Of steps that say nothing about it themselves.
        rate_limit (None | str | Unset): Such as 10/m; empty for no limit.
        enabled (bool | Unset):
        settings (ToolRequestSettings | Unset): The transport's own: see docs/tools.md.
        input_schema (ToolRequestInputSchema | Unset): JSON Schema 2020-12.
        output_schema (ToolRequestOutputSchema | Unset): JSON Schema 2020-12.
        examples (list[ToolRequestExamplesItem] | Unset): {"input": ..., "output": ...}
    """

    address: str
    transport: str
    description: str | Unset = UNSET
    timeout_seconds: float | Unset = UNSET
    scopes: list[str] | Unset = UNSET
    cost_tier: str | Unset = UNSET
    pure: bool | Unset = UNSET
    safe_to_retry: bool | Unset = UNSET
    max_retries: int | Unset = UNSET
    rate_limit: None | str | Unset = UNSET
    enabled: bool | Unset = UNSET
    settings: ToolRequestSettings | Unset = UNSET
    input_schema: ToolRequestInputSchema | Unset = UNSET
    output_schema: ToolRequestOutputSchema | Unset = UNSET
    examples: list[ToolRequestExamplesItem] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        address = self.address

        transport = self.transport

        description = self.description

        timeout_seconds = self.timeout_seconds

        scopes: list[str] | Unset = UNSET
        if not isinstance(self.scopes, Unset):
            scopes = self.scopes

        cost_tier = self.cost_tier

        pure = self.pure

        safe_to_retry = self.safe_to_retry

        max_retries = self.max_retries

        rate_limit: None | str | Unset
        if isinstance(self.rate_limit, Unset):
            rate_limit = UNSET
        else:
            rate_limit = self.rate_limit

        enabled = self.enabled

        settings: dict[str, Any] | Unset = UNSET
        if not isinstance(self.settings, Unset):
            settings = self.settings.to_dict()

        input_schema: dict[str, Any] | Unset = UNSET
        if not isinstance(self.input_schema, Unset):
            input_schema = self.input_schema.to_dict()

        output_schema: dict[str, Any] | Unset = UNSET
        if not isinstance(self.output_schema, Unset):
            output_schema = self.output_schema.to_dict()

        examples: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.examples, Unset):
            examples = []
            for examples_item_data in self.examples:
                examples_item = examples_item_data.to_dict()
                examples.append(examples_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "address": address,
                "transport": transport,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if timeout_seconds is not UNSET:
            field_dict["timeout_seconds"] = timeout_seconds
        if scopes is not UNSET:
            field_dict["scopes"] = scopes
        if cost_tier is not UNSET:
            field_dict["cost_tier"] = cost_tier
        if pure is not UNSET:
            field_dict["pure"] = pure
        if safe_to_retry is not UNSET:
            field_dict["safe_to_retry"] = safe_to_retry
        if max_retries is not UNSET:
            field_dict["max_retries"] = max_retries
        if rate_limit is not UNSET:
            field_dict["rate_limit"] = rate_limit
        if enabled is not UNSET:
            field_dict["enabled"] = enabled
        if settings is not UNSET:
            field_dict["settings"] = settings
        if input_schema is not UNSET:
            field_dict["input_schema"] = input_schema
        if output_schema is not UNSET:
            field_dict["output_schema"] = output_schema
        if examples is not UNSET:
            field_dict["examples"] = examples

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.tool_request_examples_item import ToolRequestExamplesItem  # noqa: PLC0415
        from ..models.tool_request_input_schema import ToolRequestInputSchema  # noqa: PLC0415
        from ..models.tool_request_output_schema import ToolRequestOutputSchema  # noqa: PLC0415
        from ..models.tool_request_settings import ToolRequestSettings  # noqa: PLC0415

        d = dict(src_dict)
        address = d.pop("address")

        transport = d.pop("transport")

        description = d.pop("description", UNSET)

        timeout_seconds = d.pop("timeout_seconds", UNSET)

        scopes = cast(list[str], d.pop("scopes", UNSET))

        cost_tier = d.pop("cost_tier", UNSET)

        pure = d.pop("pure", UNSET)

        safe_to_retry = d.pop("safe_to_retry", UNSET)

        max_retries = d.pop("max_retries", UNSET)

        def _parse_rate_limit(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        rate_limit = _parse_rate_limit(d.pop("rate_limit", UNSET))

        enabled = d.pop("enabled", UNSET)

        _settings = d.pop("settings", UNSET)
        settings: ToolRequestSettings | Unset
        if isinstance(_settings, Unset):
            settings = UNSET
        else:
            settings = ToolRequestSettings.from_dict(_settings)

        _input_schema = d.pop("input_schema", UNSET)
        input_schema: ToolRequestInputSchema | Unset
        if isinstance(_input_schema, Unset):
            input_schema = UNSET
        else:
            input_schema = ToolRequestInputSchema.from_dict(_input_schema)

        _output_schema = d.pop("output_schema", UNSET)
        output_schema: ToolRequestOutputSchema | Unset
        if isinstance(_output_schema, Unset):
            output_schema = UNSET
        else:
            output_schema = ToolRequestOutputSchema.from_dict(_output_schema)

        _examples = d.pop("examples", UNSET)
        examples: list[ToolRequestExamplesItem] | Unset = UNSET
        if _examples is not UNSET:
            examples = []
            for examples_item_data in _examples:
                examples_item = ToolRequestExamplesItem.from_dict(examples_item_data)

                examples.append(examples_item)

        tool_request = cls(
            address=address,
            transport=transport,
            description=description,
            timeout_seconds=timeout_seconds,
            scopes=scopes,
            cost_tier=cost_tier,
            pure=pure,
            safe_to_retry=safe_to_retry,
            max_retries=max_retries,
            rate_limit=rate_limit,
            enabled=enabled,
            settings=settings,
            input_schema=input_schema,
            output_schema=output_schema,
            examples=examples,
        )

        return tool_request
