"""As whom callers are counted."""

import pytest

from tasks_app.api.networks import counted_as


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix socket", "unix socket"),
    ],
)
def test_an_address_of_ipv6_is_counted_as_its_network(address: str, expected: str) -> None:
    assert counted_as(address) == expected
