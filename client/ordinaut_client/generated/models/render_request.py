from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.context_request import ContextRequest
    from ..models.render_request_payload import RenderRequestPayload


T = TypeVar("T", bound="RenderRequest")


@_attrs_define
class RenderRequest:
    """
    Attributes:
        payload (RenderRequestPayload):  Example: {'pipeline': [{'id': 'hello', 'uses': 'debug.echo', 'with':
            {'message': 'Hello'}}]}.
        context (ContextRequest | Unset):
    """

    payload: RenderRequestPayload
    context: ContextRequest | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        payload = self.payload.to_dict()

        context: dict[str, Any] | Unset = UNSET
        if not isinstance(self.context, Unset):
            context = self.context.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "payload": payload,
            }
        )
        if context is not UNSET:
            field_dict["context"] = context

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.context_request import ContextRequest  # noqa: PLC0415
        from ..models.render_request_payload import RenderRequestPayload  # noqa: PLC0415

        d = dict(src_dict)
        payload = RenderRequestPayload.from_dict(d.pop("payload"))

        _context = d.pop("context", UNSET)
        context: ContextRequest | Unset
        if isinstance(_context, Unset):
            context = UNSET
        else:
            context = ContextRequest.from_dict(_context)

        render_request = cls(
            payload=payload,
            context=context,
        )

        return render_request
