"""The folder that holds all that the platform keeps on this machine, and the lock on it."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ordinaut_site.embedded.errors import CannotStart

_MEGABYTE = 1024 * 1024
_SPACE_FOR_THE_FIRST_START = 200 * _MEGABYTE
_SPACE = 20 * _MEGABYTE
_ANOTHER = "choose another folder with ORDINAUT_HOME"


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Make `home` and hold it against a second start; the lock goes with the process, however it ends."""
    try:
        _make(home)
        lock = (home / "lock").open("a+")
    except OSError as error:
        raise CannotStart(_why(error, home)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise CannotStart(
                f"Ordinaut runs in {home} already (process {holder}): stop that one with Ctrl-C, or {_ANOTHER}."
            ) from error
        try:
            _write_pid(lock.fileno())
            _check_space(home)
        except OSError as error:
            raise CannotStart(_why(error, home)) from error
        yield


def _make(home: Path) -> None:
    if not home.is_dir():
        # Root steps down to another account for the servers, and that must pass through to its own folders.
        home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True)


def _write_pid(lock: int) -> None:
    os.ftruncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())


def _check_space(home: Path) -> None:
    needed = _SPACE if (home / "postgres").exists() else _SPACE_FOR_THE_FIRST_START
    if shutil.disk_usage(home).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _why(error: OSError, home: Path) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return (
            f"There is no space left for {home}: free some {_SPACE_FOR_THE_FIRST_START // _MEGABYTE} MB, or {_ANOTHER}."
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"{home} cannot be written ({error.strerror}): give this user the right to, or {_ANOTHER}."
    if error.errno in {errno.EEXIST, errno.ENOTDIR}:
        return f"{home} is not a folder: move what is there away, or {_ANOTHER}."
    return f"{home} cannot be used ({error.strerror}): mend that, or {_ANOTHER}."
