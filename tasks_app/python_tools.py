"""Which Python functions has the operator made tools of: what `ORDINAUT_PYTHON_TOOLS` says.

Nobody else can: an entry of the catalogue names one of these, and never a module.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_ENTRY: Final = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_.-]{0,99})=(?P<place>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*)", re.ASCII
)


def parse(entries: Iterable[str]) -> dict[str, str]:
    """`package.module:function` by name, from entries such as `count=shop.tools:count`; nothing is imported.

    Raises `ValueError`, naming the entry, for one that is none or whose name comes twice.
    """
    places: dict[str, str] = {}
    for entry in entries:
        found = _ENTRY.fullmatch(entry.strip())
        if found is None:
            raise ValueError(f"{entry.strip()!r} is no function: write name=package.module:function")
        if found["name"] in places:
            raise ValueError(f"{found['name']!r} is two functions")
        places[found["name"]] = found["place"]
    return places


def registered() -> Mapping[str, Callable[..., Any]]:
    """The functions by name, imported at the first call. Raises `ImproperlyConfigured` for one that cannot be had."""
    return _imported(tuple(settings.ORDINAUT.python_tools.items()))


@cache
def _imported(places: tuple[tuple[str, str], ...]) -> Mapping[str, Callable[..., Any]]:
    return {name: _function(name, place) for name, place in places}


def _function(name: str, place: str) -> Callable[..., Any]:
    module, _, attribute = place.partition(":")
    try:
        function = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise _misconfigured(name, place, f"cannot be imported ({error})") from error
    if not callable(function):
        raise _misconfigured(name, place, "is not a function")
    return function  # type: ignore[no-any-return]


def _misconfigured(name: str, place: str, fault: str) -> ImproperlyConfigured:
    cure = "mend it, install its package where every process of the platform runs, or leave it out"
    return ImproperlyConfigured(f"ORDINAUT_PYTHON_TOOLS: {place}, for {name!r}, {fault}: {cure}.")
