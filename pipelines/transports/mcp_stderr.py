"""What does a stdio server say on its standard error? It is for the operator's log, and never for a step."""

import asyncio
import logging
import os
from typing import Final

from pipelines.transports.mcp_keeper import TOO_MUCH

logger = logging.getLogger(__name__)

_KEPT: Final = 2000  # bytes
_CHUNK: Final = 64 * 1024


class Stderr:
    """A pipe to be the standard error of a server: `ended` is set when the last process that could write to it has ended.

    To be made and used in the event loop's thread. `file` is a real file, as a child process needs it: in a Celery worker
    `sys.stderr` is none.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._end, writing = os.pipe()
        self.file = os.fdopen(writing, "w")
        self.ended = asyncio.Event()
        self._last = b""
        self._loop = asyncio.get_running_loop()
        os.set_blocking(self._end, False)
        self._loop.add_reader(self._end, self._read)

    @property
    def line_too_long(self) -> bool:
        """Whether the server wrote more on its standard output at once than may be."""
        return self._last.endswith(TOO_MUCH)

    def log_last_words(self) -> None:
        said = self._last.decode("utf-8", "replace")
        logger.warning("The MCP server %s ended by itself; at last it said: %s", self._name, said or "(nothing)")

    def close(self) -> None:
        self.file.close()
        if not self.ended.is_set():
            self._finish()

    def _read(self) -> None:
        try:
            chunk = os.read(self._end, _CHUNK)
        except BlockingIOError:
            return
        if not chunk:
            self._finish()
            return
        logger.debug("%s: %s", self._name, chunk)
        self._last = (self._last + chunk)[-_KEPT:]

    def _finish(self) -> None:
        self._loop.remove_reader(self._end)
        os.close(self._end)
        self.ended.set()
