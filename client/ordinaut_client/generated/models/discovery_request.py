from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.discovery_request_headers import DiscoveryRequestHeaders


T = TypeVar("T", bound="DiscoveryRequest")


@_attrs_define
class DiscoveryRequest:
    """Which server to ask: `endpoint`, with `headers`, or `server`, by which the operator knows it.

    Attributes:
        namespace (str): What the tools' addresses begin with.
        replace (bool | Unset): Give tools that are there already a new version. Default: False.
        partial (bool | Unset): Bring those without a fault, where others have one. Default: False.
        endpoint (str | Unset): The URL of an MCP server.
        headers (DiscoveryRequestHeaders | Unset): What it is sent; ${secrets('name')} in the place of a credential.
        server (str | Unset): One of ORDINAUT_MCP_SERVERS.
        import_ (list[str] | Unset): The server's names of the tools to import.
    """

    namespace: str
    replace: bool | Unset = False
    partial: bool | Unset = False
    endpoint: str | Unset = UNSET
    headers: DiscoveryRequestHeaders | Unset = UNSET
    server: str | Unset = UNSET
    import_: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        namespace = self.namespace

        replace = self.replace

        partial = self.partial

        endpoint = self.endpoint

        headers: dict[str, Any] | Unset = UNSET
        if not isinstance(self.headers, Unset):
            headers = self.headers.to_dict()

        server = self.server

        import_: list[str] | Unset = UNSET
        if not isinstance(self.import_, Unset):
            import_ = self.import_

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "namespace": namespace,
            }
        )
        if replace is not UNSET:
            field_dict["replace"] = replace
        if partial is not UNSET:
            field_dict["partial"] = partial
        if endpoint is not UNSET:
            field_dict["endpoint"] = endpoint
        if headers is not UNSET:
            field_dict["headers"] = headers
        if server is not UNSET:
            field_dict["server"] = server
        if import_ is not UNSET:
            field_dict["import"] = import_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.discovery_request_headers import DiscoveryRequestHeaders  # noqa: PLC0415

        d = dict(src_dict)
        namespace = d.pop("namespace")

        replace = d.pop("replace", UNSET)

        partial = d.pop("partial", UNSET)

        endpoint = d.pop("endpoint", UNSET)

        _headers = d.pop("headers", UNSET)
        headers: DiscoveryRequestHeaders | Unset
        if isinstance(_headers, Unset):
            headers = UNSET
        else:
            headers = DiscoveryRequestHeaders.from_dict(_headers)

        server = d.pop("server", UNSET)

        import_ = cast(list[str], d.pop("import", UNSET))

        discovery_request = cls(
            namespace=namespace,
            replace=replace,
            partial=partial,
            endpoint=endpoint,
            headers=headers,
            server=server,
            import_=import_,
        )

        return discovery_request
