from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="MadeWebhook")


@_attrs_define
class MadeWebhook:
    """
    Attributes:
        id (UUID):
        created_by (UUID): Whose events; only an admin may name another.
        url (str): https, unless the operator allows the host. Empty: the agent's webhook_url.
        event_types (list[str]): Exact, or branches: run.failed, external.*.
        active (bool):
        disabled_reason (str):
        failures (int): In succession.
        failing_since (datetime.datetime | None):
        next_at (datetime.datetime): No try before.
        delivered_pos (int): Every event that was wanted, up to this position, was taken.
        missed (int): Events that were pruned before they could be sent.
        old_secret_until (datetime.datetime | None): When the secret before this one ends to be good.
        created_at (datetime.datetime):
        secret (str): What deliveries are signed with. Shown this once.
    """

    id: UUID
    created_by: UUID
    url: str
    event_types: list[str]
    active: bool
    disabled_reason: str
    failures: int
    failing_since: datetime.datetime | None
    next_at: datetime.datetime
    delivered_pos: int
    missed: int
    old_secret_until: datetime.datetime | None
    created_at: datetime.datetime
    secret: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        created_by = str(self.created_by)

        url = self.url

        event_types = self.event_types

        active = self.active

        disabled_reason = self.disabled_reason

        failures = self.failures

        failing_since: None | str
        if isinstance(self.failing_since, datetime.datetime):
            failing_since = self.failing_since.isoformat()
        else:
            failing_since = self.failing_since

        next_at = self.next_at.isoformat()

        delivered_pos = self.delivered_pos

        missed = self.missed

        old_secret_until: None | str
        if isinstance(self.old_secret_until, datetime.datetime):
            old_secret_until = self.old_secret_until.isoformat()
        else:
            old_secret_until = self.old_secret_until

        created_at = self.created_at.isoformat()

        secret = self.secret

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "created_by": created_by,
                "url": url,
                "event_types": event_types,
                "active": active,
                "disabled_reason": disabled_reason,
                "failures": failures,
                "failing_since": failing_since,
                "next_at": next_at,
                "delivered_pos": delivered_pos,
                "missed": missed,
                "old_secret_until": old_secret_until,
                "created_at": created_at,
                "secret": secret,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        created_by = UUID(d.pop("created_by"))

        url = d.pop("url")

        event_types = cast(list[str], d.pop("event_types"))

        active = d.pop("active")

        disabled_reason = d.pop("disabled_reason")

        failures = d.pop("failures")

        def _parse_failing_since(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                failing_since_type_0 = datetime.datetime.fromisoformat(data)

                return failing_since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        failing_since = _parse_failing_since(d.pop("failing_since"))

        next_at = datetime.datetime.fromisoformat(d.pop("next_at"))

        delivered_pos = d.pop("delivered_pos")

        missed = d.pop("missed")

        def _parse_old_secret_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                old_secret_until_type_0 = datetime.datetime.fromisoformat(data)

                return old_secret_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        old_secret_until = _parse_old_secret_until(d.pop("old_secret_until"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        secret = d.pop("secret")

        made_webhook = cls(
            id=id,
            created_by=created_by,
            url=url,
            event_types=event_types,
            active=active,
            disabled_reason=disabled_reason,
            failures=failures,
            failing_since=failing_since,
            next_at=next_at,
            delivered_pos=delivered_pos,
            missed=missed,
            old_secret_until=old_secret_until,
            created_at=created_at,
            secret=secret,
        )

        made_webhook.additional_properties = d
        return made_webhook

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
