"""As whom is an address counted? Who has one address of IPv6 has a network of 2**64 (RFC 4291, 2.5.4), and would be as many."""

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

_NETWORK: Final = 64  # bits


def counted_as(address: str) -> str:
    """The address itself; of IPv6 its network of /64. What is no address, such as the name of a socket, stays as it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), _NETWORK), strict=False))
