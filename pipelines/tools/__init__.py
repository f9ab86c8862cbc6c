"""The tools that every deployment has."""

from pipelines.catalogue import Catalogue
from pipelines.tools.basics import BASIC_TOOLS


def builtin_catalogue() -> Catalogue:
    """The built-in tools."""
    return Catalogue(BASIC_TOOLS)
