from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

from ..models.task_mode import TaskMode, check_task_mode
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.run_many_request_params import RunManyRequestParams


T = TypeVar("T", bound="RunManyRequest")


@_attrs_define
class RunManyRequest:
    """
    Attributes:
        ids (list[UUID]): Of tasks: each once.
        params (RunManyRequestParams | Unset): Laid over each task's own params, for these runs only.
        mode (TaskMode | Unset):
    """

    ids: list[UUID]
    params: RunManyRequestParams | Unset = UNSET
    mode: TaskMode | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        ids = []
        for ids_item_data in self.ids:
            ids_item = str(ids_item_data)
            ids.append(ids_item)

        params: dict[str, Any] | Unset = UNSET
        if not isinstance(self.params, Unset):
            params = self.params.to_dict()

        mode: str | Unset = UNSET
        if not isinstance(self.mode, Unset):
            mode = self.mode

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "ids": ids,
            }
        )
        if params is not UNSET:
            field_dict["params"] = params
        if mode is not UNSET:
            field_dict["mode"] = mode

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.run_many_request_params import RunManyRequestParams  # noqa: PLC0415

        d = dict(src_dict)
        ids = []
        _ids = d.pop("ids")
        for ids_item_data in _ids:
            ids_item = UUID(ids_item_data)

            ids.append(ids_item)

        _params = d.pop("params", UNSET)
        params: RunManyRequestParams | Unset
        if isinstance(_params, Unset):
            params = UNSET
        else:
            params = RunManyRequestParams.from_dict(_params)

        _mode = d.pop("mode", UNSET)
        mode: TaskMode | Unset
        if isinstance(_mode, Unset):
            mode = UNSET
        else:
            mode = check_task_mode(_mode)

        run_many_request = cls(
            ids=ids,
            params=params,
            mode=mode,
        )

        return run_many_request
