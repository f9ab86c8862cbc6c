from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="AgentRequest")


@_attrs_define
class AgentRequest:
    """
    Attributes:
        name (str):
        scopes (list[str]):
        webhook_url (str | Unset): Where its webhooks go that name no address.
        runs_per_day (int | None | Unset): Runs its tasks may have on one day (UTC).
        max_running (int | None | Unset): Runs of its tasks that may go on at one time.
        min_cadence_seconds (int | None | Unset): How near together two instants of its tasks' schedules may lie.
        requests_per_minute (int | None | Unset): How often it may ask the API.
        calls_per_minute (int | None | Unset): Calls with effects that its runs may make.
        tokens_per_minute (int | None | Unset): Tokens that its runs' calls may use up.
        microdollars_per_minute (int | None | Unset): Millionths of a dollar that they may cost.
    """

    name: str
    scopes: list[str]
    webhook_url: str | Unset = UNSET
    runs_per_day: int | None | Unset = UNSET
    max_running: int | None | Unset = UNSET
    min_cadence_seconds: int | None | Unset = UNSET
    requests_per_minute: int | None | Unset = UNSET
    calls_per_minute: int | None | Unset = UNSET
    tokens_per_minute: int | None | Unset = UNSET
    microdollars_per_minute: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        scopes = self.scopes

        webhook_url = self.webhook_url

        runs_per_day: int | None | Unset
        if isinstance(self.runs_per_day, Unset):
            runs_per_day = UNSET
        else:
            runs_per_day = self.runs_per_day

        max_running: int | None | Unset
        if isinstance(self.max_running, Unset):
            max_running = UNSET
        else:
            max_running = self.max_running

        min_cadence_seconds: int | None | Unset
        if isinstance(self.min_cadence_seconds, Unset):
            min_cadence_seconds = UNSET
        else:
            min_cadence_seconds = self.min_cadence_seconds

        requests_per_minute: int | None | Unset
        if isinstance(self.requests_per_minute, Unset):
            requests_per_minute = UNSET
        else:
            requests_per_minute = self.requests_per_minute

        calls_per_minute: int | None | Unset
        if isinstance(self.calls_per_minute, Unset):
            calls_per_minute = UNSET
        else:
            calls_per_minute = self.calls_per_minute

        tokens_per_minute: int | None | Unset
        if isinstance(self.tokens_per_minute, Unset):
            tokens_per_minute = UNSET
        else:
            tokens_per_minute = self.tokens_per_minute

        microdollars_per_minute: int | None | Unset
        if isinstance(self.microdollars_per_minute, Unset):
            microdollars_per_minute = UNSET
        else:
            microdollars_per_minute = self.microdollars_per_minute

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "scopes": scopes,
            }
        )
        if webhook_url is not UNSET:
            field_dict["webhook_url"] = webhook_url
        if runs_per_day is not UNSET:
            field_dict["runs_per_day"] = runs_per_day
        if max_running is not UNSET:
            field_dict["max_running"] = max_running
        if min_cadence_seconds is not UNSET:
            field_dict["min_cadence_seconds"] = min_cadence_seconds
        if requests_per_minute is not UNSET:
            field_dict["requests_per_minute"] = requests_per_minute
        if calls_per_minute is not UNSET:
            field_dict["calls_per_minute"] = calls_per_minute
        if tokens_per_minute is not UNSET:
            field_dict["tokens_per_minute"] = tokens_per_minute
        if microdollars_per_minute is not UNSET:
            field_dict["microdollars_per_minute"] = microdollars_per_minute

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        scopes = cast(list[str], d.pop("scopes"))

        webhook_url = d.pop("webhook_url", UNSET)

        def _parse_runs_per_day(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        runs_per_day = _parse_runs_per_day(d.pop("runs_per_day", UNSET))

        def _parse_max_running(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_running = _parse_max_running(d.pop("max_running", UNSET))

        def _parse_min_cadence_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        min_cadence_seconds = _parse_min_cadence_seconds(d.pop("min_cadence_seconds", UNSET))

        def _parse_requests_per_minute(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        requests_per_minute = _parse_requests_per_minute(d.pop("requests_per_minute", UNSET))

        def _parse_calls_per_minute(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        calls_per_minute = _parse_calls_per_minute(d.pop("calls_per_minute", UNSET))

        def _parse_tokens_per_minute(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        tokens_per_minute = _parse_tokens_per_minute(d.pop("tokens_per_minute", UNSET))

        def _parse_microdollars_per_minute(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        microdollars_per_minute = _parse_microdollars_per_minute(d.pop("microdollars_per_minute", UNSET))

        agent_request = cls(
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
        )

        return agent_request
