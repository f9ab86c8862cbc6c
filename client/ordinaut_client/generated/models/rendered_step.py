from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.render_error import RenderError


T = TypeVar("T", bound="RenderedStep")


@_attrs_define
class RenderedStep:
    """
    Attributes:
        id (str):
        uses (str):
        error (None | RenderError): Why it would fail before its call.
        if_ (bool | None): Whether it would begin; null where that is not known.
        with_ (Any): What the tool would be given.
    """

    id: str
    uses: str
    error: None | RenderError
    if_: bool | None
    with_: Any
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.render_error import RenderError  # noqa: PLC0415

        id = self.id

        uses = self.uses

        error: dict[str, Any] | None
        if isinstance(self.error, RenderError):
            error = self.error.to_dict()
        else:
            error = self.error

        if_: bool | None
        if_ = self.if_

        with_ = self.with_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "uses": uses,
                "error": error,
                "if": if_,
                "with": with_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.render_error import RenderError  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        uses = d.pop("uses")

        def _parse_error(data: object) -> None | RenderError:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = RenderError.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RenderError, data)

        error = _parse_error(d.pop("error"))

        def _parse_if_(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        if_ = _parse_if_(d.pop("if"))

        with_ = d.pop("with")

        rendered_step = cls(
            id=id,
            uses=uses,
            error=error,
            if_=if_,
            with_=with_,
        )

        rendered_step.additional_properties = d
        return rendered_step

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
