"""What calls may use up: of an agent in a minute, of a task on a day, never more than that."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipelines import Postponed, StepFailed
from pipelines.usage import Usage
from tasks_app.destinations import budgets
from tasks_app.destinations.budgets import Account, Books
from tasks_app.destinations.clerk import NoAnswer
from tasks_app.maintenance import prune
from tasks_app.models import Agent, Spending, Task
from tasks_app.models.clock import database_now
from tests.making import make_agent, make_task

pytestmark = pytest.mark.django_db


class Desk:
    """In the place of the clerk."""

    def __init__(self) -> None:
        self.away = False

    def ask(self, question: Callable[[], Any]) -> Any:
        if self.away:
            raise NoAnswer("it is away")
        return question()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def books(desk: Desk) -> Books:
    return Books(desk.ask)


def of_agent(**limits: int) -> Account:
    agent = make_agent()
    Agent.objects.filter(pk=agent.pk).update(**{f"{name}_per_minute": limit for name, limit in limits.items()})
    return Account(agent.pk, "minute")


def of_task(**limits: int) -> Account:
    return Account(make_task(**{f"{name}_per_day": limit for name, limit in limits.items()}).pk, "day")


def spent(account: Account) -> tuple[int, int, int]:
    [row] = Spending.objects.filter(owner=account.owner)
    return row.calls, row.tokens, row.microdollars


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(StepFailed) as refused:
        act()
    assert (refused.value.error.code, refused.value.error.error_class) == ("budget_exhausted", "permanent")
    return refused.value.error.message


def test_calls_are_counted_until_there_are_so_many(books: Books) -> None:
    agent, other = of_agent(calls=2), of_agent(calls=2)

    for _ in range(2):
        books.open([agent])
    with pytest.raises(Postponed) as later:
        books.open([agent])
    books.open([other])

    assert 0 < later.value.seconds <= 60
    assert later.value.reason == "budget"
    assert spent(agent) == (2, 0, 0)


def test_a_day_that_is_used_up_says_when_it_is_free_again(books: Books) -> None:
    task = of_task(calls=1)
    books.open([task])

    message = refusal(lambda: books.open([task]))

    tomorrow = (database_now() + timedelta(days=1)).date()
    assert f"free again from {tomorrow.isoformat()}T00:00:00Z on" in message
    assert "1 calls" in message


def test_what_one_of_two_budgets_refuses_is_charged_to_neither(books: Books) -> None:
    agent, task = of_agent(calls=5), of_task(calls=1)
    books.open([agent, task])

    refusal(lambda: books.open([agent, task]))

    assert (spent(agent), spent(task)) == ((1, 0, 0), (1, 0, 0))


@pytest.mark.parametrize(
    ("unit", "used"), [("tokens", Usage(tokens_in=60, tokens_out=40)), ("microdollars", Usage(microdollars=100))]
)
def test_a_call_begins_while_something_is_left_and_what_it_used_counts(books: Books, unit: str, used: Usage) -> None:
    task = of_task(**{unit: 100})
    bill = books.open([task])
    bill.settle(Usage(tokens_in=1, microdollars=1))
    books.open([task]).settle(used)

    refusal(lambda: books.open([task]))

    assert spent(task)[0] == 2


def test_what_is_reserved_counts_at_once_and_what_was_used_takes_its_place(books: Books) -> None:
    task = of_task(tokens=100)
    first, second = books.open([task]), books.open([task])

    first.reserve(Usage(tokens_out=80))
    refusal(lambda: second.reserve(Usage(tokens_out=21)))
    assert spent(task) == (2, 80, 0)
    first.settle(Usage(tokens_in=5, tokens_out=10, microdollars=7))
    second.reserve(Usage(tokens_out=21))
    second.settle(Usage(tokens_in=22))
    second.settle(Usage(tokens_in=3))

    assert spent(task) == (2, 40, 7)


def test_what_failed_without_a_word_stays_charged(books: Books) -> None:
    task = of_task(tokens=100)

    books.open([task]).reserve(Usage(tokens_out=100))

    refusal(lambda: books.open([task]))


@pytest.mark.parametrize(
    ("account", "whose"), [(of_agent, "agent's budget of one minute"), (of_task, "task's budget of one day")]
)
def test_what_can_never_fit_is_not_waited_for(books: Books, account: Callable[..., Account], whose: str) -> None:
    bill = books.open([account(tokens=100)])

    message = refusal(lambda: bill.reserve(Usage(tokens_out=101)))

    assert whose in message
    assert "100 tokens" in message


def test_another_minute_and_another_day_begin_anew(books: Books) -> None:
    agent, task = of_agent(calls=1), of_task(calls=1)
    books.open([agent, task])
    for account, back in ((agent, timedelta(minutes=1)), (task, timedelta(days=1))):
        row = Spending.objects.get(owner=account.owner)
        Spending.objects.filter(owner=account.owner).update(begins_at=row.begins_at - back)

    books.open([agent, task])

    assert Spending.objects.count() == 4


def test_minutes_and_days_begin_where_they_do_in_utc(books: Books) -> None:
    agent, task = of_agent(calls=1), of_task(calls=1)

    books.open([agent, task])

    minute, day = (Spending.objects.get(owner=each.owner).begins_at for each in (agent, task))
    assert (minute.second, minute.microsecond) == (0, 0)
    assert day == datetime.combine(day.date(), datetime.min.time(), day.tzinfo)
    assert database_now() - day < timedelta(days=1)


def test_a_limit_that_was_raised_counts_at_the_next_call(books: Books) -> None:
    task = of_task(calls=1)
    books.open([task])

    Task.objects.filter(pk=task.owner).update(calls_per_day=2)
    books.open([task])
    Task.objects.filter(pk=task.owner).update(calls_per_day=None)
    books.open([task])

    assert spent(task) == (3, 0, 0)


def test_what_nobody_can_count_is_not_called(books: Books, desk: Desk) -> None:
    agent = of_agent(calls=5)
    desk.away = True

    with pytest.raises(Postponed) as later:
        books.open([agent])

    assert (later.value.reason, 2.5 <= later.value.seconds <= 5) == ("budget", True)


def test_what_cannot_be_written_down_now_is_later(books: Books, desk: Desk) -> None:
    task = of_task(tokens=100)
    bill = books.open([task])
    desk.away = True

    bill.settle(Usage(tokens_in=7))
    assert spent(task) == (1, 0, 0)
    books.settle_late()
    books.settle_late()

    assert spent(task) == (1, 7, 0)


def test_an_owner_that_is_gone_is_charged_nothing(books: Books) -> None:
    assert budgets.charge([Account(make_agent().pk, "day")], calls=1) == []


def test_what_was_used_up_long_ago_is_forgotten(books: Books) -> None:
    old, present = of_task(calls=5), of_task(calls=5)
    for account in (old, present):
        books.open([account])
    Spending.objects.filter(owner=old.owner).update(begins_at=database_now() - timedelta(days=3))

    assert prune.run_once()["spendings"] == 1

    assert [row.owner for row in Spending.objects.all()] == [present.owner]
