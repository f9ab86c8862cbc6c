from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="CredentialsRequest")


@_attrs_define
class CredentialsRequest:
    """
    Attributes:
        agent_id (UUID):
        agent_secret (str):
        scope (str | Unset): Scopes parted by blanks; left out: all that the agent has.
    """

    agent_id: UUID
    agent_secret: str
    scope: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        agent_id = str(self.agent_id)

        agent_secret = self.agent_secret

        scope = self.scope

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "agent_id": agent_id,
                "agent_secret": agent_secret,
            }
        )
        if scope is not UNSET:
            field_dict["scope"] = scope

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        agent_id = UUID(d.pop("agent_id"))

        agent_secret = d.pop("agent_secret")

        scope = d.pop("scope", UNSET)

        credentials_request = cls(
            agent_id=agent_id,
            agent_secret=agent_secret,
            scope=scope,
        )

        return credentials_request
