"""What /proc says of a group of processes."""

import os
import time
from pathlib import Path

import psutil


def alive_in(group: int) -> list[int]:
    """The processes of a group, the dead that nobody has reaped among them."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group:
                found.append(process.pid)
        except ProcessLookupError:
            continue
    return found


def gone(group: int, *, seconds: float = 15) -> bool:
    """Whether nothing of the group is left, not even a zombie of ours, within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        left = alive_in(group)
        if all(_is_foreign_zombie(pid) for pid in left):
            return True
        time.sleep(0.05)
    return False


def _is_foreign_zombie(pid: int) -> bool:
    """What has died as somebody else's child is for them to reap: here, for process 1."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return fields[0] == "Z" and int(fields[1]) != os.getpid()
