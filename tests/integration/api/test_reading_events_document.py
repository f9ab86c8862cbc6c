"""The programs that the document shows read every event once and in order."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app import queue
from tasks_app.events import stream
from tasks_app.events.stream import blocking_client
from tasks_app.models import AuditEntry
from tests.integration.events.reading import NEVER, publish, relay_all
from tests.making import claim_one, make_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "reading-events.md").read_text()


def shown(kind: str) -> dict[str, Any]:
    """What the blocks of a kind define, executed in their order."""
    names: dict[str, Any] = {}
    for block in re.findall(rf"```python {kind}\n(.*?)```", TEXT, flags=re.DOTALL):
        exec(compile(block, "docs/reading-events.md", "exec"), names)
    return names


def test_the_plugins_consumer_handles_what_it_is_about_once() -> None:
    run = make_run()
    queue.apply(queue.fail(claim_one().lease, error={"code": "broken"}))
    relay_all()
    consumer = shown("plugin")["consumer"]

    while consumer.run_once(NEVER):
        pass

    assert [entry.object_id for entry in AuditEntry.objects.filter(action="failure.seen")] == [run.pk]


@pytest.mark.parametrize("lost", [0, 4, 7], ids=["nothing lost", "trimmed", "almost all trimmed"])
def test_the_program_outside_fetches_what_the_stream_lacks(as_admin: APIClient, lost: int) -> None:
    subject = publish(5)
    names, kept, handled = shown("outside"), [2], []
    publish(3, about=subject)
    stream.client().xtrim(stream.STREAM, minid=lost + 1, approximate=False)

    def history(after: int, until: int) -> list[dict[str, Any]]:
        return names["history"](after, until, get=lambda path: as_admin.get(path.replace("200", "2")).json())

    names["follow"](
        blocking_client(),
        load=lambda: kept[-1],
        save=kept.append,
        handle=lambda event: handled.append((event["pos"], event["seq"])),
        history=history,
        stopped=lambda: kept[-1] == 8,
    )

    assert handled == [(pos, pos) for pos in range(3, 9)]
    assert kept == list(range(2, 9))


def test_every_name_of_an_event_is_described_and_no_other() -> None:
    publish(1)
    table = TEXT.partition("## What does an entry hold?")[2].partition("## ")[0]
    described = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\|(.*?)\|", table, flags=re.MULTILINE))))

    entries: Any = stream.client().xrange(stream.STREAM)
    assert described == set(json.loads(entries[0][1]["event"]))
