"""What a stream shows is what its agent was told it may see when that was last asked."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import OperationalError

from tasks_app.api.event_stream import EventStream, _Telling
from tasks_app.events.choice import Choice
from tasks_app.models import Agent


def seen_after(*answers: Agent | Exception) -> list[Any]:
    """Whose events an admin's stream shows after each of these answers to what its agent may do now; None for all."""
    coming: Iterator[Agent | Exception] = iter(answers)

    def still_allowed() -> Agent | None:
        answer = next(coming)
        if isinstance(answer, Exception):
            raise answer
        return answer

    stream = EventStream(Choice(agent=None), 0, Agent(scopes=["admin"]), still_allowed, give_back=lambda: None)

    async def ask(threads: ThreadPoolExecutor) -> list[Any]:
        telling: Any = _Telling(stream, Any, feed=Any, threads=threads, ending=Any)
        shown = []
        for _ in answers:
            await telling._check()
            shown.append(stream.choice.agent)
        return shown

    with ThreadPoolExecutor(1) as threads:
        return asyncio.run(ask(threads))


def test_an_outage_gives_no_right_back_that_was_taken_away() -> None:
    demoted, outage = Agent(scopes=["events:read"]), OperationalError("server closed the connection unexpectedly")

    assert seen_after(outage, demoted, outage, outage) == [None, demoted.pk, demoted.pk, demoted.pk]


def test_who_is_an_admin_again_sees_everything_again() -> None:
    agent = Agent(scopes=["events:read"])

    assert seen_after(agent, Agent(pk=agent.pk, scopes=["admin"])) == [agent.pk, None]
