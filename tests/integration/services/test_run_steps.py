"""What is shown of a run's steps: secrets masked, large values cut, and of very many steps those that went wrong first."""

from typing import Any

import pytest

from tasks_app import queue
from tasks_app.exceptions import InvalidRequest
from tasks_app.models import Run
from tasks_app.services import run_steps
from tasks_app.services.run_steps import LARGEST_TOGETHER, LARGEST_VALUE, MOST_INSIDE, parent_of, shown_steps
from tests.making import claim_one, make_run, step

pytestmark = pytest.mark.django_db


def run_with(*steps: Any) -> Run:
    run = make_run()
    queue.apply(queue.succeed(claim_one().lease, steps=steps))
    run.refresh_from_db()
    return run


def names(run: Run, **how: Any) -> list[str]:
    return [each.recorded.result.step for each in shown_steps(run, **how).steps]


@pytest.mark.parametrize(
    ("name", "parent"), [("wx", "wx"), ("each[3].draft", "each"), ("each[3]", "each"), ("both.left.wx", "both")]
)
def test_a_step_inside_another_is_told_by_its_name(name: str, parent: str) -> None:
    assert parent_of(name) == parent


def test_secrets_are_masked() -> None:
    [shown] = shown_steps(run_with(step(input={"api_key": "s"}, output={"token": "s", "n": 1}))).steps

    assert (shown.input, shown.output, shown.cut) == ({"api_key": "***"}, {"token": "***", "n": 1}, {})


def test_a_large_value_is_cut_with_its_size_told_unless_its_step_is_asked_for() -> None:
    run = run_with(step("big", output="x" * LARGEST_VALUE), step("small", output="x"))

    big, small = shown_steps(run).steps
    [whole] = shown_steps(run, only="big").steps

    assert (big.output, big.cut) == (None, {"output": LARGEST_VALUE + 2})
    assert (small.output, small.cut) == ("x", {})
    assert (whole.output, whole.cut) == ("x" * LARGEST_VALUE, {})


def test_values_together_stay_small_and_what_is_tiny_is_always_shown() -> None:
    size = LARGEST_VALUE - 2
    fitting = LARGEST_TOGETHER // LARGEST_VALUE
    run = run_with(*(step(f"s{n}", input=None, output="x" * size) for n in range(fitting + 2)), step("last", output=7))

    shown = shown_steps(run).steps

    assert [bool(each.cut) for each in shown] == [False] * fitting + [True, True, False]


def test_of_a_thousand_steps_inside_one_those_that_went_wrong_are_shown_first() -> None:
    many = [step(f"each[{n}].wx", state="failed" if n % 100 == 99 else "succeeded") for n in range(1000)]

    run = run_with(step("before"), *many, step("each"), step("pair.left.wx"), step("after"))
    shown = names(run)

    assert shown_steps(run).left_out == {"each": 1000 - MOST_INSIDE}
    assert [name for name in shown if parent_of(name) == name] == ["before", "each", "after"]
    inside = [name for name in shown if name.startswith("each[")]
    wrong = [f"each[{n}].wx" for n in range(99, 1000, 100)]
    assert len(inside) == MOST_INSIDE
    assert set(wrong) <= set(inside)
    assert inside[: MOST_INSIDE - len(wrong)] == [f"each[{n}].wx" for n in range(MOST_INSIDE - len(wrong))]


@pytest.mark.parametrize(
    ("only", "shown"),
    [
        ("each", ["each[1].wx", "each[11].wx", "each"]),
        ("each[1]", ["each[1].wx"]),
        ("each[1].wx", ["each[1].wx"]),
    ],
)
def test_one_step_is_asked_for_with_those_inside_it(only: str, shown: list[str]) -> None:
    run = run_with(step("each[1].wx"), step("each[11].wx"), step("each"), step("each2"))

    assert names(run, only=only) == shown


def test_a_step_that_there_is_not_is_refused_with_those_there_are() -> None:
    run = run_with(step("each[1].wx"), step("each"), step("each2"))

    with pytest.raises(InvalidRequest, match="there are one, each, each2"):
        names(run, only="eac")


def test_a_foreach_whose_items_all_failed_is_cut_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_steps, "MOST_INSIDE", 2)
    run = run_with(*(step(f"each[{n}]", state="failed") for n in range(5)))

    assert names(run) == ["each[0]", "each[1]"]
    assert shown_steps(run).left_out == {"each": 3}
