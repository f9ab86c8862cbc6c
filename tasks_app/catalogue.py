"""Which tools a pipeline may call."""

from functools import cache

import pipelines
from tasks_app.conf import conf


def catalogue() -> pipelines.Catalogue:
    """The tools of this deployment: the built-in ones."""
    return _builtin(conf().http_allow)


@cache
def _builtin(http_allow: tuple[str, ...]) -> pipelines.Catalogue:
    return pipelines.builtin_catalogue(http_allow=http_allow)
