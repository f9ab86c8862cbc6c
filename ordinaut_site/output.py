"""The one log of many programs: every line behind its program's name, in a colour of its own."""

from collections.abc import Sequence
from typing import BinaryIO

_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92)
_LONGEST_LINE = 64 * 1024


class Output:
    """Lines are written whole, whatever pieces they arrive in. Names that are not in `names` are not coloured."""

    def __init__(self, stream: BinaryIO, *, names: Sequence[str], coloured: bool) -> None:
        self._stream = stream
        self._width = max(map(len, names))
        self._colours = dict(zip(names, _COLOURS, strict=False)) if coloured else {}
        self._unfinished: dict[str, bytes] = {}
        self.gone = False  # nobody reads any more

    def feed(self, name: str, piece: bytes) -> None:
        *lines, rest = (self._unfinished.pop(name, b"") + piece).split(b"\n")
        for line in lines:
            self._write(name, line)
        if len(rest) > _LONGEST_LINE:
            self._write(name, rest)
        elif rest:
            self._unfinished[name] = rest

    def finish(self, name: str) -> None:
        """Write what came without a newline at its end."""
        if rest := self._unfinished.pop(name, b""):
            self._write(name, rest)

    def say(self, name: str, line: str) -> None:
        self.finish(name)
        self._write(name, line.encode(errors="backslashreplace"))

    def _write(self, name: str, line: bytes) -> None:
        if self.gone:
            return
        prefix = f"{name:<{self._width}} | "
        if colour := self._colours.get(name):
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        try:
            self._stream.write(prefix.encode() + line.rstrip(b"\r") + b"\n")
            self._stream.flush()
        except OSError:  # a closed pipe or terminal
            self.gone = True
