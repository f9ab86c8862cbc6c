"""Which events a reader wants."""

import threading
from uuid import uuid4

import pytest

from tasks_app.events.choice import Aggregate, InvalidChoice, check_pattern, patterns_of
from tasks_app.events.seats import NoSeatLeft, Seats, TooManyStreams


def test_a_type_is_matched_by_itself_its_branches_and_the_star() -> None:
    assert patterns_of("external.orders.paid") == ("external.orders.paid", "external.orders.*", "external.*", "*")


@pytest.mark.parametrize("pattern", ["run.succeeded", "run.*", "*", "external.orders-eu.paid_1", "external.a.*"])
def test_a_type_a_branch_and_the_star_are_patterns(pattern: str) -> None:
    check_pattern(pattern)


@pytest.mark.parametrize("pattern", ["", "run.", ".run", "run*", "*.run", "run.*.x", "Run.x", "run x", "a" * 221, "é"])
def test_anything_else_is_no_pattern(pattern: str) -> None:
    with pytest.raises(InvalidChoice, match=r"run\.\*"):
        check_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "cure"),
    [
        pytest.param("run.faild", "did you mean 'run.failed'?", id="a typing error"),
        pytest.param("run.xyzxyzxyz", "there are agent.*, occurrence.*, run.*, task.*", id="nothing like it"),
        pytest.param("runs.*", "a topic is external.runs.*, did you mean 'run.*'?", id="a branch misspelt"),
        pytest.param("task", "did you mean 'task.*'?", id="a branch without its star"),
        pytest.param("orders.paid", "external.orders.paid", id="a topic"),
        pytest.param("orders.*", r"external.orders.*", id="a branch of topics"),
    ],
)
def test_a_name_that_no_event_will_ever_have_is_refused(pattern: str, cure: str) -> None:
    with pytest.raises(InvalidChoice) as refused:
        check_pattern(pattern)

    assert cure in str(refused.value)


def test_an_aggregate_is_read_as_it_is_written() -> None:
    text = f"run:{uuid4()}"

    assert str(Aggregate.read(text)) == text


@pytest.mark.parametrize("text", ["run", "run:", "run:1", "plan:0f6b6b0e-0000-7000-8000-000000000000"])
def test_what_is_no_aggregate_is_refused(text: str) -> None:
    with pytest.raises(InvalidChoice, match="task:<id>"):
        Aggregate.read(text)


def test_seats_that_are_given_back_can_be_taken_again() -> None:
    seats, agent = Seats(), uuid4()
    seats.take(agent, per_agent=1, in_total=2)
    with pytest.raises(TooManyStreams):
        seats.take(agent, per_agent=1, in_total=2)
    seats.take(uuid4(), per_agent=1, in_total=2)
    with pytest.raises(NoSeatLeft):
        seats.take(uuid4(), per_agent=1, in_total=2)

    seats.give_back(agent)

    seats.take(agent, per_agent=1, in_total=2)
    assert seats.taken() == 2


def test_threads_that_ask_at_once_get_no_more_seats_than_there_are() -> None:
    seats, agent, refused = Seats(), uuid4(), []

    def ask() -> None:
        try:
            seats.take(agent, per_agent=5, in_total=100)
        except TooManyStreams as error:
            refused.append(error)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (seats.taken(), len(refused)) == (5, 15)
