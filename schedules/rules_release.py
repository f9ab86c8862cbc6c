"""Which release of the zone rules and of the public holidays this process plans by."""

import functools
from importlib.metadata import version

from packaging.version import InvalidVersion, Version

_PACKAGES = ("tzdata", "holidays")


@functools.cache
def release() -> str:
    """Such as "tzdata 2026.1, holidays 0.85"."""
    return ", ".join(f"{package} {version(package)}" for package in _PACKAGES)


def is_newer(some: str, other: str) -> bool:
    """Whether the rules of `some` are of a later release than those of `other`; zone rules are compared first."""
    return _versions(some) > _versions(other)


def _versions(text: str) -> list[Version]:
    found = []
    for part in text.split(", "):
        try:
            found.append(Version(part.rpartition(" ")[2]))
        except InvalidVersion:
            found.append(Version("0"))
    return found
