from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.document_task_request_payload_params import DocumentTaskRequestPayloadParams
    from ..models.document_task_request_payload_pipeline_item import DocumentTaskRequestPayloadPipelineItem


T = TypeVar("T", bound="DocumentTaskRequestPayload")


@_attrs_define
class DocumentTaskRequestPayload:
    """
    Example:
        {'pipeline': [{'id': 'hello', 'uses': 'debug.echo', 'with': {'message': 'Hello'}}]}

    Attributes:
        pipeline (list[DocumentTaskRequestPayloadPipelineItem]):
        params (DocumentTaskRequestPayloadParams | Unset):
    """

    pipeline: list[DocumentTaskRequestPayloadPipelineItem]
    params: DocumentTaskRequestPayloadParams | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pipeline = []
        for pipeline_item_data in self.pipeline:
            pipeline_item = pipeline_item_data.to_dict()
            pipeline.append(pipeline_item)

        params: dict[str, Any] | Unset = UNSET
        if not isinstance(self.params, Unset):
            params = self.params.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pipeline": pipeline,
            }
        )
        if params is not UNSET:
            field_dict["params"] = params

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.document_task_request_payload_params import DocumentTaskRequestPayloadParams  # noqa: PLC0415
        from ..models.document_task_request_payload_pipeline_item import DocumentTaskRequestPayloadPipelineItem  # noqa: PLC0415

        d = dict(src_dict)
        pipeline = []
        _pipeline = d.pop("pipeline")
        for pipeline_item_data in _pipeline:
            pipeline_item = DocumentTaskRequestPayloadPipelineItem.from_dict(pipeline_item_data)

            pipeline.append(pipeline_item)

        _params = d.pop("params", UNSET)
        params: DocumentTaskRequestPayloadParams | Unset
        if isinstance(_params, Unset):
            params = UNSET
        else:
            params = DocumentTaskRequestPayloadParams.from_dict(_params)

        document_task_request_payload = cls(
            pipeline=pipeline,
            params=params,
        )

        document_task_request_payload.additional_properties = d
        return document_task_request_payload

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
