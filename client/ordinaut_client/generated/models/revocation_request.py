from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="RevocationRequest")


@_attrs_define
class RevocationRequest:
    """
    Attributes:
        token (str): An access or a refresh token.
        every_login (bool | Unset): Whether to end all logins of the agent, not only the token's. Default: False.
    """

    token: str
    every_login: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        token = self.token

        every_login = self.every_login

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "token": token,
            }
        )
        if every_login is not UNSET:
            field_dict["every_login"] = every_login

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        token = d.pop("token")

        every_login = d.pop("every_login", UNSET)

        revocation_request = cls(
            token=token,
            every_login=every_login,
        )

        return revocation_request
