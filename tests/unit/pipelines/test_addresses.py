"""Which addresses are public, what the operator may open, and that names are resolved once."""

import socket
import threading
from typing import Any

import pytest

from pipelines.egress.addresses import AddressBlocked, AddressGuard, HostUnknown, is_public, system_addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1",
        "2001:0:7f00:1::", "2001:0:808:808::80ff:fffe", "100::1", "2001:db8::1", "3fff::1", "5f00::1", "fc00::1",
        "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1", "localhost", "",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_blocked(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
)
def test_a_public_address_is_not(address: str) -> None:
    assert is_public(address)


def guard(*addresses: str, allow: tuple[str, ...] = ()) -> tuple[AddressGuard, list[Any]]:
    asked: list[Any] = []

    def resolve(host: str, port: int, timeout: float) -> list[str]:
        asked.append((host, port))
        return list(addresses)

    return AddressGuard(allow, resolve=resolve), asked


def test_a_public_host_is_resolved_once() -> None:
    public, asked = guard("8.8.8.8", "2606:4700::1111")

    assert public.addresses("example.org", 443, timeout=1) == ["8.8.8.8", "2606:4700::1111"]
    assert asked == [("example.org", 443)]


def test_one_private_address_among_public_ones_blocks_the_host() -> None:
    mixed, _ = guard("8.8.8.8", "10.0.0.1")

    with pytest.raises(AddressBlocked, match=r"the operator can allow example\.org:443"):
        mixed.addresses("example.org", 443, timeout=1)


@pytest.mark.parametrize("port", [22, 25, 6379, 5432, 8080])
def test_other_ports_are_closed_and_not_even_resolved(port: int) -> None:
    public, asked = guard("8.8.8.8")

    with pytest.raises(AddressBlocked, match=rf"port {port} of example\.org is closed"):
        public.addresses("example.org", port, timeout=1)
    assert asked == []


@pytest.mark.parametrize(
    ("entry", "host", "port"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080),
        ("Internal.Example:80", "internal.example", 80),
        ("internal.example:80", "INTERNAL.example.", 80),
        ("[::1]:9000", "::1", 9000),
    ],
)
def test_the_operator_opens_a_host_and_port(entry: str, host: str, port: int) -> None:
    opened, _ = guard("127.0.0.1", allow=(entry,))

    assert opened.addresses(host, port, timeout=1) == ["127.0.0.1"]
    with pytest.raises(AddressBlocked):
        opened.addresses(host, port + 1, timeout=1)
    with pytest.raises(AddressBlocked):
        opened.addresses("other.example", 80, timeout=1)


@pytest.mark.parametrize("entry", ["localhost", ":80", "host:", "host:http", "host:0", "host:65536"])
def test_an_entry_that_is_not_host_and_port_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="is not host:port"):
        AddressGuard([entry])


def test_a_host_without_addresses_is_unknown() -> None:
    nothing, _ = guard()

    with pytest.raises(HostUnknown, match=r"example\.org has no address"):
        nothing.addresses("example.org", 80, timeout=1)


@pytest.mark.parametrize("spelling", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost"])
def test_odd_spellings_are_whatever_the_resolver_makes_of_them(spelling: str) -> None:
    with pytest.raises(AddressBlocked):
        AddressGuard().addresses(spelling, 80, timeout=5)


@pytest.mark.parametrize("number", ["93.184.215.14", "::1", "127.1"])
def test_a_number_is_made_an_address_without_a_thread(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", lambda _: pytest.fail("a thread was started"))

    assert len(system_addresses(number, 80, 5)) == 1


def test_an_unknown_name_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    with pytest.raises(HostUnknown, match=r"nope\.example has no address: Name or service not known"):
        system_addresses("nope.example", 80, 5)


def test_a_name_that_cannot_be_encoded_is_an_error() -> None:
    with pytest.raises(HostUnknown):
        system_addresses("a" * 64 + ".example", 80, 5)


def test_a_resolver_that_does_not_answer_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()

    def hang(*args: Any, flags: int, **kwargs: Any) -> Any:
        if flags & socket.AI_NUMERICHOST:  # as for every name: answered without asking anybody
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answer.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)

    with pytest.raises(HostUnknown, match="not found in time"):
        system_addresses("slow.example", 80, 0.05)
    answer.set()
