"""The real platform on a virtual clock: within a test's transaction the database's clock says what it is told.

Unqualified, `clock_timestamp()` and `statement_timestamp()` are looked for along the search path, where ours come first.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection

from tasks_app import queue
from tasks_app.maintenance import let_in, promote, tick
from tasks_app.models import Run
from tasks_app.queue import ClaimedRun
from tests.making import claim


@contextmanager
def virtual_clock() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA virtual")
        for name in ("clock_timestamp", "statement_timestamp"):
            cursor.execute(
                f"CREATE FUNCTION virtual.{name}() RETURNS timestamptz LANGUAGE sql AS "
                "$$ SELECT current_setting('virtual.now')::timestamptz $$"
            )
        cursor.execute("SET LOCAL search_path TO virtual, pg_catalog, public")
        yield
        cursor.execute("SET LOCAL search_path TO public")


def set_clock(moment: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('virtual.now', %s, true)", [moment.isoformat()])


class Platform:
    """Beat and a worker of so many slots, whose runs last as long as their task's do."""

    def __init__(self, *, slots: int, lasts: dict[object, timedelta]) -> None:
        self._slots = slots
        self._lasts = lasts
        self._held: list[tuple[datetime, ClaimedRun]] = []
        self.begun: list[tuple[datetime, object, datetime | None]] = []

    def live(self, moment: datetime) -> None:
        """What a second of a real deployment does, in the order of the forecast: end, decide, begin."""
        set_clock(moment)
        self._end(moment)
        self._let_go_on()
        while tick.run_once()["more"]:
            pass
        self._let_go_on()
        self._begin(moment)

    def _let_go_on(self) -> None:
        promote.run_once()
        let_in.run_once()

    def _end(self, moment: datetime) -> None:
        ended = [claimed.lease for end, claimed in self._held if end <= moment]
        queue.move([queue.succeed(lease) for lease in ended])
        going_on = set(Run.objects.filter(state="running").values_list("pk", flat=True))
        self._held = [(end, claimed) for end, claimed in self._held if claimed.id in going_on]

    def _begin(self, moment: datetime) -> None:
        going_on = Run.objects.filter(state="running").count()
        for claimed in claim(limit=self._slots - going_on) if going_on < self._slots else []:
            self._held.append((moment + self._lasts[claimed.task], claimed))
            self.begun.append((moment, claimed.task, claimed.scheduled_for))
