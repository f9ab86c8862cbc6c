from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.tool_change_request_examples_item import ToolChangeRequestExamplesItem
    from ..models.tool_change_request_input_schema import ToolChangeRequestInputSchema
    from ..models.tool_change_request_output_schema import ToolChangeRequestOutputSchema
    from ..models.tool_change_request_settings import ToolChangeRequestSettings


T = TypeVar("T", bound="ToolChangeRequest")


@_attrs_define
class ToolChangeRequest:
    """A tool keeps its address, which may be sent again.

    Attributes:
        transport (str): python, http, jsonrpc, mcp-http, mcp-stdio, llm; of those that are there anyway builtin.
        address (str | Unset):
        description (str | Unset):
        timeout_seconds (float | Unset):
        scopes (list[str] | Unset): What its steps' agent needs.
        cost_tier (str | Unset):
        pure (bool | Unset):
        safe_to_retry (bool | Unset):
        max_retries (int | Unset): Of steps that say nothing about it themselves.
        rate_limit (None | str | Unset): Such as 10/m; empty for no limit.
        enabled (bool | Unset):
        settings (ToolChangeRequestSettings | Unset): The transport's own: see docs/tools.md.
        input_schema (ToolChangeRequestInputSchema | Unset): JSON Schema 2020-12.
        output_schema (ToolChangeRequestOutputSchema | Unset): JSON Schema 2020-12.
        examples (list[ToolChangeRequestExamplesItem] | Unset): {"input": ..., "output": ...}
    """

    transport: str
    address: str | Unset = UNSET
    description: str | Unset = UNSET
    timeout_seconds: float | Unset = UNSET
    scopes: list[str] | Unset = UNSET
    cost_tier: str | Unset = UNSET
    pure: bool | Unset = UNSET
    safe_to_retry: bool | Unset = UNSET
    max_retries: int | Unset = UNSET
    rate_limit: None | str | Unset = UNSET
    enabled: bool | Unset = UNSET
    settings: ToolChangeRequestSettings | Unset = UNSET
    input_schema: ToolChangeRequestInputSchema | Unset = UNSET
    output_schema: ToolChangeRequestOutputSchema | Unset = UNSET
    examples: list[ToolChangeRequestExamplesItem] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        transport = self.transport

        address = self.address

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
                "transport": transport,
            }
        )
        if address is not UNSET:
            field_dict["address"] = address
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
        from ..models.tool_change_request_examples_item import ToolChangeRequestExamplesItem  # noqa: PLC0415
        from ..models.tool_change_request_input_schema import ToolChangeRequestInputSchema  # noqa: PLC0415
        from ..models.tool_change_request_output_schema import ToolChangeRequestOutputSchema  # noqa: PLC0415
        from ..models.tool_change_request_settings import ToolChangeRequestSettings  # noqa: PLC0415

        d = dict(src_dict)
        transport = d.pop("transport")

        address = d.pop("address", UNSET)

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
        settings: ToolChangeRequestSettings | Unset
        if isinstance(_settings, Unset):
            settings = UNSET
        else:
            settings = ToolChangeRequestSettings.from_dict(_settings)

        _input_schema = d.pop("input_schema", UNSET)
        input_schema: ToolChangeRequestInputSchema | Unset
        if isinstance(_input_schema, Unset):
            input_schema = UNSET
        else:
            input_schema = ToolChangeRequestInputSchema.from_dict(_input_schema)

        _output_schema = d.pop("output_schema", UNSET)
        output_schema: ToolChangeRequestOutputSchema | Unset
        if isinstance(_output_schema, Unset):
            output_schema = UNSET
        else:
            output_schema = ToolChangeRequestOutputSchema.from_dict(_output_schema)

        _examples = d.pop("examples", UNSET)
        examples: list[ToolChangeRequestExamplesItem] | Unset = UNSET
        if _examples is not UNSET:
            examples = []
            for examples_item_data in _examples:
                examples_item = ToolChangeRequestExamplesItem.from_dict(examples_item_data)

                examples.append(examples_item)

        tool_change_request = cls(
            transport=transport,
            address=address,
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

        return tool_change_request
