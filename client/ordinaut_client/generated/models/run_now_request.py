from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..models.task_mode import TaskMode, check_task_mode
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.run_now_request_params import RunNowRequestParams


T = TypeVar("T", bound="RunNowRequest")


@_attrs_define
class RunNowRequest:
    """
    Attributes:
        params (RunNowRequestParams | Unset): Laid over the task's own params, for this run only.
        mode (TaskMode | Unset):
    """

    params: RunNowRequestParams | Unset = UNSET
    mode: TaskMode | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        params: dict[str, Any] | Unset = UNSET
        if not isinstance(self.params, Unset):
            params = self.params.to_dict()

        mode: str | Unset = UNSET
        if not isinstance(self.mode, Unset):
            mode = self.mode

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if params is not UNSET:
            field_dict["params"] = params
        if mode is not UNSET:
            field_dict["mode"] = mode

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.run_now_request_params import RunNowRequestParams  # noqa: PLC0415

        d = dict(src_dict)
        _params = d.pop("params", UNSET)
        params: RunNowRequestParams | Unset
        if isinstance(_params, Unset):
            params = UNSET
        else:
            params = RunNowRequestParams.from_dict(_params)

        _mode = d.pop("mode", UNSET)
        mode: TaskMode | Unset
        if isinstance(_mode, Unset):
            mode = UNSET
        else:
            mode = check_task_mode(_mode)

        run_now_request = cls(
            params=params,
            mode=mode,
        )

        return run_now_request
