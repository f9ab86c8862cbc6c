"""Topics, and the patterns that match them."""

import pytest

from schedules.topics import InvalidTopic, Topic, check_pattern


def test_a_topic_is_matched_by_itself_by_every_branch_above_it_and_by_the_star() -> None:
    assert Topic("orders.eu.paid").patterns == ("orders.eu.paid", "orders.eu.*", "orders.*", "*")
    assert Topic("orders").patterns == ("orders", "*")


def test_a_branch_matches_what_is_below_it_and_not_itself() -> None:
    assert "orders.*" in Topic("orders.paid").patterns
    assert "orders.*" not in Topic("orders").patterns
    assert "orders.*" not in Topic("orders2.paid").patterns


def test_a_topic_is_shown_by_its_name() -> None:
    assert str(Topic("a.b")) == "a.b"


@pytest.mark.parametrize("pattern", ["a", "a.b", "a-1.b_2", "0", "a.*", "a.b.*", "*", "a" * 200, "a" * 198 + ".*"])
def test_a_pattern_is_a_topic_a_branch_or_the_star(pattern: str) -> None:
    check_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "cure"),
    [
        ("", "write orders.paid"),
        (".", "write orders.paid"),
        ("a..b", "write orders.paid"),
        ("a.", "write orders.paid"),
        (".*", "write orders.paid"),
        ("a b", "write orders.paid"),
        ("a\n", "write orders.paid"),
        ("a\0", "write orders.paid"),
        ("é", "write orders.paid"),
        ("a.*.b", "a * stands alone, or at the end"),
        ("a*", "a * stands alone, or at the end"),
        ("**", "a * stands alone, or at the end"),
        ("*.a", "a * stands alone, or at the end"),
        ("Orders.Paid", "write 'orders.paid'"),
        ("Orders.*", "write 'orders.*'"),
        ("a" * 201, "shorten it"),
        ("a" * 199 + ".*", "shorten it"),
    ],
)
def test_what_is_no_pattern_is_refused_with_the_cure(pattern: str, cure: str) -> None:
    with pytest.raises(InvalidTopic, match=r".*") as refused:
        check_pattern(pattern)

    assert cure in str(refused.value)


@pytest.mark.parametrize("name", ["*", "a.*", "A", "", "a" * 201])
def test_an_event_has_one_topic_and_no_pattern(name: str) -> None:
    with pytest.raises(InvalidTopic):
        Topic(name)
