"""How numbers of `jsonb` are read."""

import pytest

from tasks_app.models.json_field import JSONField


@pytest.mark.parametrize(
    ("digits", "value"),
    [
        ("7", 7),
        (str(2**63 - 1), 2**63 - 1),
        (str(-(2**63)), -(2**63)),
        ("9223372036854776000", 2.0**63),
        ("1" + "0" * 22, 1e22),
        (str(2**64 - 1), 2**64 - 1),
        ("-1" + "0" * 300, -1e300),
        ("1" + "0" * 400, 10**400),
        ("1.0", 1.0),
    ],
    ids=range(9),
)
def test_what_no_64_bits_hold_is_read_as_what_was_sent(digits: str, value: float) -> None:
    read = JSONField().from_db_value(digits, None, None)

    assert (type(read), read) == (type(value), value)


def test_what_is_no_text_stays_as_it_is() -> None:
    assert JSONField().from_db_value(None, None, None) is None
