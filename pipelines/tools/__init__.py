"""The tools that every deployment has."""

from collections.abc import Sequence

from pipelines.catalogue import Catalogue
from pipelines.tools.approval import REQUEST_APPROVAL
from pipelines.tools.basics import BASIC_TOOLS
from pipelines.tools.http_request import http_request


def builtin_catalogue(*, http_allow: Sequence[str] = ()) -> Catalogue:
    """The built-in tools. `http_allow` are `host:port` entries that http.request may reach besides the public Internet.

    Raises `ValueError` for an entry that is not one.
    """
    return Catalogue([*BASIC_TOOLS, REQUEST_APPROVAL, http_request(http_allow)])
