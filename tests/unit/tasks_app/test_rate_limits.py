"""What `ORDINAUT_RATE_LIMITS` says, and which limits a call has to keep."""

import pytest

from tasks_app.rate_limits import parse, that_hold

LIMITS = parse(["http.request=50/s", "api.example.org=5/s", "api.example.org:8443=60/m", "llm.generate=2/h", "::1=1/d"])


def test_a_rate_is_an_interval_between_calls() -> None:
    assert {name: limit.seconds for name, limit in LIMITS.items()} == {
        "http.request": 0.02, "api.example.org": 0.2, "api.example.org:8443": 1.0, "llm.generate": 1800.0, "::1": 86400.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tool", "destination", "names"),
    [
        (
            "http.request",
            "http.request api.example.org:8443",
            ["http.request", "api.example.org:8443", "api.example.org"],
        ),
        ("http.request", "http.request api.example.org:443", ["http.request", "api.example.org"]),
        ("http.request", "http.request example.org:443", ["http.request"]),
        ("http.request", "http.request [::1]:443", ["http.request", "::1"]),
        ("llm.generate", "llm.generate", ["llm.generate"]),
        ("llm.generate", "", ["llm.generate"]),
        ("system.sleep", "", []),
    ],
)
def test_a_call_keeps_the_limits_of_its_tool_its_host_and_its_port(
    tool: str, destination: str, names: list[str]
) -> None:
    assert [limit.name for limit in that_hold(LIMITS, tool=tool, destination=destination)] == names
    assert that_hold({}, tool=tool, destination=destination) == []


@pytest.mark.parametrize(
    "entry", ["", "x", "x=", "=5/s", "x=0/s", "x=5", "x=5/w", "x=-1/s", "x=1.5/s", "x=5/s/s", "a b=5/s", "x=\u0665/s"]
)
def test_what_is_no_limit_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="no rate limit"):
        parse(["a=1/s", entry])


def test_a_name_has_one_limit_however_it_is_written() -> None:
    with pytest.raises(ValueError, match="two rate limits"):
        parse(["api.example.org=5/s", "API.example.org=6/s"])
