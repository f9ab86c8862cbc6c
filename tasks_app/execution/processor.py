"""How long have threads been on the processor? Asked of Linux; elsewhere nobody knows."""

import os
from pathlib import Path
from typing import Final

_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")


def seconds_of_thread(pid: int, thread: int) -> float:
    """Since it began; 0 for one that is no more."""
    try:
        words = Path(f"/proc/{pid}/task/{thread}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(words[11]) + int(words[12])) / _TICKS_A_SECOND


def seconds_by_thread(pid: int) -> dict[int, float]:
    """Of every thread of a process."""
    threads = [int(each.name) for each in Path(f"/proc/{pid}/task").glob("*")]
    return {thread: seconds_of_thread(pid, thread) for thread in threads}
