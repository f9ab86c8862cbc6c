"""Board: what each process of a pool shows of itself, in memory that outlives it.

The main process makes the board before it forks. A child takes the slot of its place in the pool, ticks there for as long as
it can run Python, and notes which of its threads is at which run. So its parent sees when it is stuck, and the child that
takes its place knows what it was doing when it died.

    slot   │ pid · ticks · silent for · worker's name │ seat 0 │ seat 1 │ ...
    seat   │ free, busy or blamed · thread · run · fence · deadline │
"""

import mmap
import struct
import threading
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tasks_app.models.run import Lease

_PID: Final = struct.Struct("=q")
_TICKS: Final = struct.Struct("=Q")
_SILENT: Final = struct.Struct("=d")
_NAME: Final = struct.Struct("=100p")
_STATE: Final = struct.Struct("=B")
_WORK: Final = struct.Struct("=q16sqd")
_TICKS_AT, _SILENT_AT, _NAME_AT, _SEATS_AT = 8, 16, 24, 128
_WORK_AT, _SEAT_BYTES = 8, 48

_FREE, _BUSY, _BLAMED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Seat:
    """A thread (its number in the operating system) at a run; `deadline` in monotonic seconds of the machine."""

    number: int
    thread: int
    lease: Lease
    deadline: float
    blamed: bool


@dataclass(frozen=True, slots=True)
class Obituary:
    """A worker whose process is dead for certain.

    begun: the runs that its threads were at. blamed: those of them, past their deadline or not, because of which its parent
    had to kill it. silent: how many seconds it had not run any Python then; 0 when it died by itself.
    """

    worker: str
    pid: int
    begun: tuple[Seat, ...]
    silent: float

    @property
    def blamed(self) -> tuple[Seat, ...]:
        return tuple(seat for seat in self.begun if seat.blamed)


class Slot:
    """One process's part of the board. Only this process writes to it, but for `condemn`."""

    def __init__(self, memory: mmap.mmap, *, offset: int, seats: int) -> None:
        self._memory = memory
        self._offset = offset
        self._seats = seats
        self._ticks = 0

    def take(self, worker: str, *, pid: int) -> Obituary | None:
        """Make the slot the process's that calls; answers who died in it, None where the last one left or there was none."""
        last = self._obituary() if self.pid else None
        empty = bytes(_SEATS_AT + self._seats * _SEAT_BYTES)
        self._memory[self._offset : self._offset + len(empty)] = empty
        _NAME.pack_into(self._memory, self._offset + _NAME_AT, worker.encode())
        _PID.pack_into(self._memory, self._offset, pid)
        return last

    def leave(self) -> None:
        """This process ends well: nothing is left of it."""
        _PID.pack_into(self._memory, self._offset, 0)

    def tick(self) -> None:
        self._ticks += 1
        _TICKS.pack_into(self._memory, self._offset + _TICKS_AT, self._ticks)

    def begin(self, seat: int, lease: Lease, *, deadline: float) -> None:
        """The calling thread is at this run from now on."""
        if seat >= self._seats:
            return
        at = self._seat_at(seat)
        _WORK.pack_into(
            self._memory, at + _WORK_AT, threading.get_native_id(), lease.run_id.bytes, lease.fence, deadline
        )
        _STATE.pack_into(self._memory, at, _BUSY)

    def end(self, seat: int) -> None:
        if seat < self._seats:
            _STATE.pack_into(self._memory, self._seat_at(seat), _FREE)

    @property
    def pid(self) -> int:
        """Whose slot it is; 0 for nobody's."""
        return int(_PID.unpack_from(self._memory, self._offset)[0])

    @property
    def worker(self) -> str:
        return str(_NAME.unpack_from(self._memory, self._offset + _NAME_AT)[0].decode(errors="replace"))

    @property
    def ticks(self) -> int:
        return int(_TICKS.unpack_from(self._memory, self._offset + _TICKS_AT)[0])

    def busy(self) -> list[Seat]:
        """The threads that are at a run."""
        seats = []
        for number in range(self._seats):
            at = self._seat_at(number)
            state = _STATE.unpack_from(self._memory, at)[0]
            if state != _FREE:
                thread, run, fence, deadline = _WORK.unpack_from(self._memory, at + _WORK_AT)
                seats.append(Seat(number, thread, Lease(UUID(bytes=run), fence), deadline, state == _BLAMED))
        return seats

    def condemn(self, seats: list[Seat], *, silent: float) -> None:
        """Note, for whoever takes the slot next, because of which threads its process is about to be killed."""
        _SILENT.pack_into(self._memory, self._offset + _SILENT_AT, silent)
        for seat in seats:
            _STATE.pack_into(self._memory, self._seat_at(seat.number), _BLAMED)

    def _obituary(self) -> Obituary:
        [silent] = _SILENT.unpack_from(self._memory, self._offset + _SILENT_AT)
        return Obituary(self.worker, self.pid, tuple(self.busy()), silent)

    def _seat_at(self, number: int) -> int:
        return self._offset + _SEATS_AT + number * _SEAT_BYTES


class Board:
    """A slot for each of `processes`, with a seat for each of `threads`. Memory is used only where it is written to."""

    def __init__(self, *, processes: int, threads: int) -> None:
        size = _SEATS_AT + threads * _SEAT_BYTES
        memory = mmap.mmap(-1, processes * size)
        self.slots = tuple(Slot(memory, offset=n * size, seats=threads) for n in range(processes))

    def slot(self, place: int | None) -> Slot | None:
        """The slot of a process by its place in the pool; None where there is none for it."""
        return self.slots[place] if place is not None and place < len(self.slots) else None
