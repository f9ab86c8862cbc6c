from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.tool_approval import ToolApproval, check_tool_approval

T = TypeVar("T", bound="ToolSummary")


@_attrs_define
class ToolSummary:
    """In a list, without what may be long.

    Attributes:
        address (str):
        transport (str): python, http, jsonrpc, mcp-http, mcp-stdio, llm; of those that are there anyway builtin.
        description (str):
        timeout_seconds (float):
        scopes (list[str]): What its steps' agent needs.
        cost_tier (str):
        pure (bool):
        safe_to_retry (bool):
        max_retries (int): Of steps that say nothing about it themselves.
        rate_limit (None | str): Such as 10/m; empty for no limit.
        enabled (bool):
        approval (ToolApproval):
        version (int):
        built_in (bool):
        created_at (datetime.datetime | None): Null where it is built in.
        updated_at (datetime.datetime | None): Null where it is built in.
    """

    address: str
    transport: str
    description: str
    timeout_seconds: float
    scopes: list[str]
    cost_tier: str
    pure: bool
    safe_to_retry: bool
    max_retries: int
    rate_limit: None | str
    enabled: bool
    approval: ToolApproval
    version: int
    built_in: bool
    created_at: datetime.datetime | None
    updated_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        address = self.address

        transport = self.transport

        description = self.description

        timeout_seconds = self.timeout_seconds

        scopes = self.scopes

        cost_tier = self.cost_tier

        pure = self.pure

        safe_to_retry = self.safe_to_retry

        max_retries = self.max_retries

        rate_limit: None | str
        rate_limit = self.rate_limit

        enabled = self.enabled

        approval: str = self.approval

        version = self.version

        built_in = self.built_in

        created_at: None | str
        if isinstance(self.created_at, datetime.datetime):
            created_at = self.created_at.isoformat()
        else:
            created_at = self.created_at

        updated_at: None | str
        if isinstance(self.updated_at, datetime.datetime):
            updated_at = self.updated_at.isoformat()
        else:
            updated_at = self.updated_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "address": address,
                "transport": transport,
                "description": description,
                "timeout_seconds": timeout_seconds,
                "scopes": scopes,
                "cost_tier": cost_tier,
                "pure": pure,
                "safe_to_retry": safe_to_retry,
                "max_retries": max_retries,
                "rate_limit": rate_limit,
                "enabled": enabled,
                "approval": approval,
                "version": version,
                "built_in": built_in,
                "created_at": created_at,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        address = d.pop("address")

        transport = d.pop("transport")

        description = d.pop("description")

        timeout_seconds = d.pop("timeout_seconds")

        scopes = cast(list[str], d.pop("scopes"))

        cost_tier = d.pop("cost_tier")

        pure = d.pop("pure")

        safe_to_retry = d.pop("safe_to_retry")

        max_retries = d.pop("max_retries")

        def _parse_rate_limit(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        rate_limit = _parse_rate_limit(d.pop("rate_limit"))

        enabled = d.pop("enabled")

        approval = check_tool_approval(d.pop("approval"))

        version = d.pop("version")

        built_in = d.pop("built_in")

        def _parse_created_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                created_at_type_0 = datetime.datetime.fromisoformat(data)

                return created_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        created_at = _parse_created_at(d.pop("created_at"))

        def _parse_updated_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                updated_at_type_0 = datetime.datetime.fromisoformat(data)

                return updated_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        updated_at = _parse_updated_at(d.pop("updated_at"))

        tool_summary = cls(
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
            approval=approval,
            version=version,
            built_in=built_in,
            created_at=created_at,
            updated_at=updated_at,
        )

        tool_summary.additional_properties = d
        return tool_summary

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
