from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="NewAgent")


@_attrs_define
class NewAgent:
    """
    Attributes:
        id (UUID):
        name (str):
        scopes (list[str]):
        webhook_url (str): Where its webhooks go that name no address.
        runs_per_day (int | None): Runs its tasks may have on one day (UTC).
        max_running (int | None): Runs of its tasks that may go on at one time.
        min_cadence_seconds (int | None): How near together two instants of its tasks' schedules may lie.
        requests_per_minute (int | None): How often it may ask the API.
        calls_per_minute (int | None): Calls with effects that its runs may make.
        tokens_per_minute (int | None): Tokens that its runs' calls may use up.
        microdollars_per_minute (int | None): Millionths of a dollar that they may cost.
        active (bool):
        created_at (datetime.datetime):
        old_secret_until (datetime.datetime | None): When the secret before this one ends to be good.
        agent_secret (str): Shown this once.
    """

    id: UUID
    name: str
    scopes: list[str]
    webhook_url: str
    runs_per_day: int | None
    max_running: int | None
    min_cadence_seconds: int | None
    requests_per_minute: int | None
    calls_per_minute: int | None
    tokens_per_minute: int | None
    microdollars_per_minute: int | None
    active: bool
    created_at: datetime.datetime
    old_secret_until: datetime.datetime | None
    agent_secret: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        name = self.name

        scopes = self.scopes

        webhook_url = self.webhook_url

        runs_per_day: int | None
        runs_per_day = self.runs_per_day

        max_running: int | None
        max_running = self.max_running

        min_cadence_seconds: int | None
        min_cadence_seconds = self.min_cadence_seconds

        requests_per_minute: int | None
        requests_per_minute = self.requests_per_minute

        calls_per_minute: int | None
        calls_per_minute = self.calls_per_minute

        tokens_per_minute: int | None
        tokens_per_minute = self.tokens_per_minute

        microdollars_per_minute: int | None
        microdollars_per_minute = self.microdollars_per_minute

        active = self.active

        created_at = self.created_at.isoformat()

        old_secret_until: None | str
        if isinstance(self.old_secret_until, datetime.datetime):
            old_secret_until = self.old_secret_until.isoformat()
        else:
            old_secret_until = self.old_secret_until

        agent_secret = self.agent_secret

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "scopes": scopes,
                "webhook_url": webhook_url,
                "runs_per_day": runs_per_day,
                "max_running": max_running,
                "min_cadence_seconds": min_cadence_seconds,
                "requests_per_minute": requests_per_minute,
                "calls_per_minute": calls_per_minute,
                "tokens_per_minute": tokens_per_minute,
                "microdollars_per_minute": microdollars_per_minute,
                "active": active,
                "created_at": created_at,
                "old_secret_until": old_secret_until,
                "agent_secret": agent_secret,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        name = d.pop("name")

        scopes = cast(list[str], d.pop("scopes"))

        webhook_url = d.pop("webhook_url")

        def _parse_runs_per_day(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        runs_per_day = _parse_runs_per_day(d.pop("runs_per_day"))

        def _parse_max_running(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        max_running = _parse_max_running(d.pop("max_running"))

        def _parse_min_cadence_seconds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        min_cadence_seconds = _parse_min_cadence_seconds(d.pop("min_cadence_seconds"))

        def _parse_requests_per_minute(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        requests_per_minute = _parse_requests_per_minute(d.pop("requests_per_minute"))

        def _parse_calls_per_minute(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        calls_per_minute = _parse_calls_per_minute(d.pop("calls_per_minute"))

        def _parse_tokens_per_minute(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        tokens_per_minute = _parse_tokens_per_minute(d.pop("tokens_per_minute"))

        def _parse_microdollars_per_minute(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        microdollars_per_minute = _parse_microdollars_per_minute(d.pop("microdollars_per_minute"))

        active = d.pop("active")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

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

        agent_secret = d.pop("agent_secret")

        new_agent = cls(
            id=id,
            name=name,
            scopes=scopes,
            webhook_url=webhook_url,
            runs_per_day=runs_per_day,
            max_running=max_running,
            min_cadence_seconds=min_cadence_seconds,
            requests_per_minute=requests_per_minute,
            calls_per_minute=calls_per_minute,
            tokens_per_minute=tokens_per_minute,
            microdollars_per_minute=microdollars_per_minute,
            active=active,
            created_at=created_at,
            old_secret_until=old_secret_until,
            agent_secret=agent_secret,
        )

        new_agent.additional_properties = d
        return new_agent

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
