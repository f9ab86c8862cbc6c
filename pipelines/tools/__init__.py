"""The tools that every deployment has."""

from collections.abc import Sequence

from pipelines.catalogue import Catalogue
from pipelines.tools.approval import REQUEST_APPROVAL
from pipelines.tools.basics import BASIC_TOOLS
from pipelines.tools.blocks import BLOCKS
from pipelines.tools.http_request import http_request
from pipelines.tools.llm_generate import LlmSettings, llm_generate

__all__ = ["LlmSettings", "builtin_catalogue"]


def builtin_catalogue(*, http_allow: Sequence[str] = (), llm: LlmSettings | None = None) -> Catalogue:
    """The built-in tools. `http_allow` are `host:port` entries that http.request may reach besides the public Internet.

    `llm` is the model behind llm.generate. Raises `ValueError` for an entry or a setting that is none.
    """
    tools = [http_request(http_allow), llm_generate(llm, http_allow=http_allow)]
    return Catalogue([*BASIC_TOOLS, *BLOCKS, REQUEST_APPROVAL, *tools])
