"""May a tool connect to this host?

A name is resolved once and every address that it has is checked; the caller then connects to a checked address, not to
the name, so a second, different DNS answer is never asked for. The text of the host is not judged at all: `127.1`,
`2130706433` and `0x7f000001` are whatever the resolver makes of them.
"""

import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeAlias

Resolve: TypeAlias = Callable[[str, int, float], Sequence[str]]
Address: TypeAlias = IPv4Address | IPv6Address

_WELL_KNOWN_PORTS = frozenset({80, 443})
_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052

# `is_global` of older Python patch levels calls some of these public, and one is public but a cloud's own.
_DENIED = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",  # Azure's host agent
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "::/96",  # IPv4-compatible, deprecated by RFC 4291
        "::ffff:0:0:0/96",  # IPv4-translated, RFC 2765
        "64:ff9b:1::/48",
        "100::/64",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
    )
)


class AddressBlocked(Exception):
    """The host is, or resolves to, something that tools may not reach."""


class HostUnknown(Exception):
    """The name has no address, or the resolver did not answer in time."""


class AddressGuard:
    """Lets tools reach public addresses on ports 80 and 443, and the operator's `host:port` entries wherever they are."""

    def __init__(self, allow: Iterable[str] = (), *, resolve: "Resolve | None" = None) -> None:
        self._allowed = frozenset(map(_host_and_port, allow))
        self._resolve = resolve or system_addresses

    def check_port(self, host: str, port: int) -> None:
        """Raise `AddressBlocked` unless `port` may be used on `host`."""
        if port not in _WELL_KNOWN_PORTS and not self._is_allowed(host, port):
            raise AddressBlocked(f"port {port} of {host} is closed to tools; the operator can allow {host}:{port}")

    def addresses(self, host: str, port: int, *, timeout: float) -> list[str]:
        """The addresses to connect to, all of them checked. Raises `AddressBlocked`, `HostUnknown`."""
        self.check_port(host, port)
        found = list(self._resolve(host, port, timeout))
        if not found:
            raise HostUnknown(f"{host} has no address")
        if not self._is_allowed(host, port) and not all(is_public(address) for address in found):
            raise AddressBlocked(
                f"{host} leads into a network that is closed to tools; the operator can allow {host}:{port}"
            )
        return found

    def _is_allowed(self, host: str, port: int) -> bool:
        return (_normal(host), port) in self._allowed


def is_public(text: str) -> bool:
    """Whether an address belongs to the public Internet, and so does any IPv4 address packed into it."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return all(_is_public(each) for each in _unwrapped(address))


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address in network for network in _DENIED if network.version == address.version)


def _unwrapped(address: Address) -> list[Address]:
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    inner: list[IPv4Address] = list(address.teredo or ())
    if address.sixtofour is not None:
        inner.append(address.sixtofour)
    # What is left of a 6to4 or Teredo address is a tunnel's prefix, public as long as what it leads to is.
    return list(inner) or [address]


def system_addresses(host: str, port: int, timeout: float) -> Sequence[str]:
    """Ask the system's resolver, and give up after `timeout` seconds. Raises `HostUnknown`."""
    try:
        return _looked_up(host, port, flags=socket.AI_NUMERICHOST)  # never waits
    except (OSError, UnicodeError):  # not a number but a name
        return _addresses_of_name(host, port, timeout)


def _addresses_of_name(host: str, port: int, timeout: float) -> Sequence[str]:
    answers: SimpleQueue[Sequence[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(_looked_up(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    # getaddrinfo() has no timeout; in a thread of its own it can be left behind.
    Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except Empty:
        raise HostUnknown(f"the address of {host} was not found in time") from None
    if isinstance(answer, OSError):
        raise HostUnknown(f"{host} has no address: {answer.strerror or answer}")
    return answer


def _looked_up(host: str, port: int, *, flags: int = 0) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _host_and_port(entry: str) -> tuple[str, int]:
    host, _, port = entry.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ValueError(f"{entry!r} is not host:port, such as 127.0.0.1:8080 or [::1]:8080")
    return _normal(host), int(port)


def _normal(host: str) -> str:
    return host.lower().strip("[]").rstrip(".")
