"""The tools as runs see them: a thread keeps them up to date, since the threads of runs ask the database nothing."""

import logging
import threading
from collections.abc import Iterator
from typing import Final

from django.db import Error, connection

import pipelines
from pipelines import UnknownTool
from tasks_app import catalogue

EVERY: Final = 1.0  # seconds
_PATIENCE: Final = 2.0  # seconds that a call waits for news of a tool that is not known
_STOP_SECONDS: Final = 5.0

logger = logging.getLogger(__name__)
_at_work: "set[Keeper]" = set()


class Keeper:
    """Looks every second whether tools or secrets have changed, and at once when a tool is missed. One for a process."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._stopped = False
        self._looked = threading.Condition()
        self._begun = self._ended = 0
        self._thread = threading.Thread(target=self._keep, name="catalogue", daemon=True)

    def start(self) -> None:
        _at_work.add(self)
        self._thread.start()

    def stop(self) -> None:
        _at_work.discard(self)
        self._stopped = True
        self._asked.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)

    def look(self) -> None:
        """Wait until somebody has looked after now; not for long."""
        with self._looked:
            wanted = self._begun + 1
            self._asked.set()
            self._looked.wait_for(lambda: self._ended >= wanted, timeout=_PATIENCE)

    def _keep(self) -> None:
        while not self._stopped:
            self._asked.clear()
            with self._looked:
                self._begun += 1
            self._refresh()
            with self._looked:
                self._ended = self._begun
                self._looked.notify_all()
            self._asked.wait(EVERY)
        connection.close()

    def _refresh(self) -> None:
        try:
            catalogue.refresh()
        except Error as error:
            logger.warning("The catalogue cannot be read; the tools stay as they were: %s", error)
            connection.close()
        except Exception:  # a fault of ours must not leave the runs of this process with old tools for ever
            logger.exception("The catalogue cannot be read; going on")


class LiveCatalogue(pipelines.Catalogue):
    """Whatever is known at the moment of asking: a tool that changes is another one for the next call."""

    def get(self, address: str) -> pipelines.Tool:
        try:
            return catalogue.known().get(address)
        except UnknownTool:
            for keeper in list(_at_work)[:1]:
                keeper.look()
            return catalogue.known().get(address)

    def __contains__(self, address: object) -> bool:
        return address in catalogue.known()

    def __iter__(self) -> Iterator[pipelines.Tool]:
        return iter(catalogue.known())

    def __len__(self) -> int:
        return len(catalogue.known())


LIVE: Final = LiveCatalogue()
