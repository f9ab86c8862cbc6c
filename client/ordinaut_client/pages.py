"""Lists, whole: a page's `next` leads to the one behind it."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar
from urllib.parse import parse_qs, urlsplit

from ordinaut_client.connection import told
from ordinaut_client.generated.models import Problem
from ordinaut_client.generated.types import UNSET, Unset

Item = TypeVar("Item")


class Page(Protocol[Item]):
    """As every list answers."""

    items: list[Item]
    next_: str | None


def each(ask: Callable[[str | Unset], Page[Item] | Problem | None]) -> Iterator[Item]:
    """The items of all pages, each page asked for when it is come to; `ask` is given the cursor.

    for task in each(lambda cursor: tasks_list.sync(client=platform.client, cursor=cursor)): ...
    """
    cursor: str | Unset = UNSET
    while True:
        page = told(ask(cursor))
        yield from page.items
        if page.next_ is None:
            return
        [cursor] = parse_qs(urlsplit(page.next_).query)["cursor"]
