"""In which order steps run, and what is refused of it."""

from typing import Any

import pytest

from pipelines import parse
from tests.unit.pipelines.test_parsing import faults_of


def step(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "uses": "noop", **fields}


def waits(*steps: dict[str, Any]) -> dict[str, set[str]] | None:
    """For which others each step waits; None where they run as listed."""
    pipeline = parse({"pipeline": list(steps)})
    if pipeline.order is None:
        return None
    names = [each.id for each in pipeline.steps]
    return {name: {names[i] for i in after} for name, after in zip(names, pipeline.order.after, strict=True)}


def test_steps_that_say_nothing_run_as_listed() -> None:
    assert waits(step("a"), step("b"), step("c")) is None


def test_a_chain_that_is_listed_in_its_order_costs_no_more_than_a_list() -> None:
    assert waits(step("a"), step("b", depends_on=["a"]), step("c", depends_on=["b"])) is None


def test_a_step_waits_for_what_it_names_and_for_no_other() -> None:
    assert waits(step("a", save_as="saved"), step("b", depends_on=[]), step("c", depends_on=["saved"]), step("d")) == {
        "a": set(),
        "b": set(),
        "c": {"a"},
        "d": {"a", "b", "c"},
    }


def test_a_step_may_wait_for_one_that_is_listed_later() -> None:
    assert waits(step("a", depends_on=["saved"]), step("b", save_as="saved", depends_on=[])) == {"a": {"b"}, "b": set()}


def test_a_group_runs_beside_itself_after_all_that_is_listed_before_and_before_all_that_follows() -> None:
    group = {"parallel_group": "checks"}

    assert waits(step("a"), step("b", **group), step("c", **group), step("d"), step("e", **group)) == {
        "a": set(),
        "b": {"a"},
        "c": {"a"},
        "d": {"a", "b", "c"},
        "e": {"a", "d"},
    }


def test_what_a_member_of_a_group_names_is_all_that_it_waits_for() -> None:
    group = {"parallel_group": "checks"}

    assert waits(step("a"), step("b", **group, depends_on=[]), step("c", **group)) == {
        "a": set(), "b": set(), "c": {"a"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "pointer", "says"),
    [
        ([step("a", depends_on=["a"])], "/pipeline/0/depends_on", "these steps wait for each other: a → a"),
        (
            [step("a", depends_on=["b"]), step("b", depends_on=["a"])],
            "/pipeline/0/depends_on",
            "these steps wait for each other: a → b → a",
        ),
        (
            [step("a", depends_on=["b"]), step("b")],
            "/pipeline/0/depends_on",
            "a → b → a; b has no depends_on, so it waits for steps listed before it",
        ),
        (
            [step("x"), step("a", depends_on=["b"]), step("b", depends_on=["c"]), step("c", depends_on=["x", "a"])],
            "/pipeline/1/depends_on",
            "a → b → c → a",
        ),
        ([step("abc"), step("b", depends_on=["abd"])], "/pipeline/1/depends_on/0", "did you mean 'abc'?"),
        ([step("a"), step("b", depends_on=[["a"]])], "/pipeline/1/depends_on/0", "known are a, b"),
        ([step("a", depends_on="b"), step("b")], "/pipeline/0/depends_on", "is not a list of steps"),
        ([step("a"), step("b", depends_on=["a"] * 5)], "/pipeline/1/depends_on", "there are not that many"),
        ([step("a", parallel_group=""), step("b")], "/pipeline/0/parallel_group", "is not a name"),
        ([step("a", parallel_group=3)], "/pipeline/0/parallel_group", "is not a name"),
    ],
)
def test_a_wrong_order_is_refused_at_its_place(steps: list[dict[str, Any]], pointer: str, says: str) -> None:
    [fault] = faults_of({"pipeline": steps})

    assert fault[0] == pointer
    assert says in fault[1]


def test_each_cycle_is_told_once() -> None:
    steps = [
        step("a", depends_on=["b"]), step("b", depends_on=["a"]),
        step("c", depends_on=["d"]), step("d", depends_on=["c"]),
    ]  # fmt: skip

    assert [pointer for pointer, _ in faults_of({"pipeline": steps})] == [
        "/pipeline/0/depends_on",
        "/pipeline/2/depends_on",
    ]


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (
            [step("a"), step("b", depends_on=[], **{"if": "steps.a"})],
            "may not have run yet here; add 'a' to depends_on",
        ),
        (
            [step("a", depends_on=[], **{"if": "steps.b"}), step("b", depends_on=["a"])],
            "step 'b' runs only after this one has begun",
        ),
        (
            [step("a"), step("b", depends_on=[], **{"if": "steps.nope"})],
            "no step is called 'nope'; no step runs before",
        ),
    ],
)
def test_a_step_reads_only_those_that_it_waits_for(steps: list[dict[str, Any]], says: str) -> None:
    [(_, message)] = faults_of({"pipeline": steps})

    assert says in message


def test_a_step_reads_what_it_waits_for_through_others() -> None:
    steps = [step("x"), step("a", depends_on=[]), step("b", depends_on=["a"]), step("c", depends_on=["b"])]
    steps[3]["if"] = "steps.a"

    assert parse({"pipeline": steps}).order is not None
