"""The stream keeps what somebody has still to read, and never more than its bound."""

from datetime import timedelta

import pytest

from tasks_app.events import positions, stream
from tasks_app.maintenance import prune
from tasks_app.models import ConsumerPosition, DeadLetter
from tasks_app.models.clock import database_now
from tests.integration.events.reading import NEVER, consumer, on_stream, publish, read_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


@pytest.fixture(autouse=True)
def _exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis drops whole nodes of 100 entries otherwise."""
    xtrim = stream.client().xtrim
    monkeypatch.setattr(
        stream.client(), "xtrim", lambda key, minid, approximate: xtrim(key, minid=minid, approximate=False)
    )


def test_what_a_reader_with_its_position_in_postgres_has_not_read_is_kept() -> None:
    publish(10)
    read_all(consumer(group="quick"))
    ConsumerPosition.objects.create(group="slow", pos=3)

    stream.trim(keep=2, at_most=100, wanted=positions.oldest_wanted())

    assert on_stream() == [4, 5, 6, 7, 8, 9, 10]


def test_readers_that_have_read_everything_hold_nothing() -> None:
    publish(10)
    read_all(consumer())

    stream.trim(keep=2, at_most=100, wanted=positions.oldest_wanted())

    assert on_stream() == [9, 10]


def test_a_reader_that_is_away_for_ever_does_not_hold_the_stream_for_ever() -> None:
    publish(10)
    ConsumerPosition.objects.create(group="gone", pos=0)
    stream.client().xgroup_create(stream.STREAM, "gone, too", id="0")

    stream.trim(keep=2, at_most=6, wanted=positions.oldest_wanted())

    assert on_stream() == [5, 6, 7, 8, 9, 10]


def test_one_that_was_away_while_its_events_were_trimmed_reads_all_of_them() -> None:
    reader = consumer(batch=3)
    publish(4)
    reader.run_once(NEVER)
    publish(10)
    stream.trim(keep=2, at_most=2, wanted=positions.oldest_wanted())

    assert read_all(reader) == 11


def test_the_duty_asks_how_far_the_readers_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune, "STREAM_ENTRIES", 2)
    publish(10)
    ConsumerPosition.objects.create(group="slow", pos=6)
    assert prune.run_once()["trimmed"] == 6

    monkeypatch.setattr(prune, "STREAM_ENTRIES_AT_MOST", 3)
    assert prune.run_once()["trimmed"] == 1
    assert on_stream() == [8, 9, 10]


def test_dead_letters_are_kept_as_long_as_events_unless_one_is_asked_for() -> None:
    now = database_now()
    told = {"group": "g", "event_type": "t", "event": {}, "error_class": "E", "deliveries": 5}
    ids = ["00000000-0000-0000-0000-00000000000" + digit for digit in "123"]
    old, asked, fresh = (DeadLetter.objects.create(pos=1, event_id=each, **told) for each in ids)
    DeadLetter.objects.filter(pk__in=[old.pk, asked.pk]).update(at=now - timedelta(days=31))
    DeadLetter.objects.filter(pk=asked.pk).update(asked_at=now)

    assert prune.run_once()["dead_letters"] == 1

    assert set(DeadLetter.objects.values_list("pk", flat=True)) == {asked.pk, fresh.pk}
