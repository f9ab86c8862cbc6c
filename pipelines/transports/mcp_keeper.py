"""Runs a stdio server so that it never outlives the worker that asked for it, and never says too much at once.

A program of its own, between the worker and the server: `mcp_keeper.py <worker's pid> <bytes> <names> <command ...>`. The
server gets our standard input and errors; what it writes passes through us, a line of `bytes` at most. It sees `PATH` and
the variables that `names` (a JSON list) holds, no others. When the server ends, or the worker (Linux tells us), the whole
process group is killed: what the server had started goes with it. Imports little, because its start is waited for.
"""

import json
import os
import signal
import sys
from ctypes import CDLL

TOO_MUCH = b"ordinaut: a line was too long\n"
_PR_SET_PDEATHSIG = 1
_CHUNK = 64 * 1024


def main(arguments: list[str]) -> None:
    worker, longest, names, *command = arguments
    signal.signal(signal.SIGTERM, _end_all)
    _end_with(int(worker))
    output = _start(command, {"PATH", *json.loads(names)})
    if not _copied(output, int(longest)):
        os.write(2, TOO_MUCH)
    _end_all()


def _end_with(worker: int) -> None:
    if sys.platform == "linux":
        CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != worker:  # it ended before we asked
        sys.exit(1)


def _start(command: list[str], names: set[str]) -> int:
    output, its_output = os.pipe()
    # Once the server has ended, there is nothing to wait for but what it had already written.
    signal.signal(signal.SIGCHLD, lambda *_: os.set_blocking(output, False))
    if os.fork() == 0:
        os.dup2(its_output, 1)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # which Python ignores, and the server would go on ignoring
        environment = {name: value for name, value in os.environ.items() if name in names}
        try:
            os.execvpe(command[0], command, environment)  # noqa: S606 - the operator's own command
        except OSError as error:
            os.write(2, f"{command[0]}: {error.strerror}\n".encode())
            os._exit(127)
    os.close(its_output)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    return output


def _copied(output: int, longest: int) -> bool:
    """Pass on what the server writes until it ends; False when it writes a line without an end."""
    unfinished = 0
    try:
        while chunk := os.read(output, _CHUNK):
            end = chunk.rfind(b"\n")
            unfinished = len(chunk) - end - 1 if end >= 0 else unfinished + len(chunk)
            if unfinished > longest:
                return False
            _write(chunk)
    except (BlockingIOError, BrokenPipeError):
        return True
    return True


def _write(chunk: bytes) -> None:
    while chunk:
        chunk = chunk[os.write(1, chunk) :]


def _end_all(*_: object) -> None:
    os.killpg(0, signal.SIGKILL)  # a group of our own: the worker started us as the leader of a session


if __name__ == "__main__":
    main(sys.argv[1:])
