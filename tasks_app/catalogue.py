"""Which tools a pipeline may call."""

from functools import cache

import pipelines
from tasks_app.conf import conf

_registered: dict[str, pipelines.Tool] = {}


def catalogue() -> pipelines.Catalogue:
    """The tools of this deployment: the built-in ones, and those that act on the platform itself."""
    return _builtin(conf().http_allow)


def register(*tools: pipelines.Tool) -> None:
    """Add tools that need what lies above this module. Called when Django is ready; again, it changes nothing."""
    _registered.update({tool.address: tool for tool in tools})
    _builtin.cache_clear()


@cache
def _builtin(http_allow: tuple[str, ...]) -> pipelines.Catalogue:
    return pipelines.builtin_catalogue(http_allow=http_allow, llm=conf().llm).with_tools(*_registered.values())
