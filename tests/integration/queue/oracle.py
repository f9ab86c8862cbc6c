"""What the queue should hold, kept in memory: each run's row by the model's statements, and who may go on by plain loops."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

from tasks_app.states import LOSSES_AT_LAST_CHANCE
from tests.unit.queue_model import statements
from tests.unit.queue_model.statements import Blame, Row

LAST: Final = datetime.max.replace(tzinfo=UTC)

# What a worker may write: the event, and the outcome of the attempt that it ends.
WRITTEN: Final = {
    "succeed": ("run.succeeded", "succeeded"),
    "fail": ("run.failed", "failed"),
    "time_out": ("run.timed_out", "timed_out"),
    "retry": ("run.retried", "retried"),
    "park": ("run.waiting", "waiting"),
    "release": ("run.queued", "handed_back"),
}


FINAL: Final = frozenset({"succeeded", "skipped"})


class Recorded(NamedTuple):
    """What is read of a step: its state, what came out of it, and the attempt that recorded it."""

    state: str
    output: int
    attempt: int


@dataclass
class Expected:
    """One run. `turn`: it waits for its turn or its place, not for a time. `run_at` and `fair_at` are the database's, learnt from it."""

    id: UUID
    task: UUID
    agent: UUID
    priority: int
    row: Row
    lane: str = ""
    takes_turn: bool = False
    key: str = ""
    limit: int = 1
    scheduled_for: datetime | None = None
    turn: bool = False
    run_at: datetime = LAST
    fair_at: datetime = LAST
    events: list[str] = field(default_factory=lambda: ["run.queued"])
    attempts: list[tuple[int, str]] = field(default_factory=list)
    steps: dict[str, "Recorded"] = field(default_factory=dict)
    took_turns: bool = False

    @property
    def ruled(self) -> bool:
        """Whether something but its time may hold it back."""
        return self.takes_turn or bool(self.key)

    @property
    def in_place(self) -> bool:
        return self.row.state in {"queued", "running"}

    def end_attempt(self, outcome: str) -> None:
        self.attempts.append((self.row.attempt, outcome))


class Oracle:
    def __init__(self) -> None:
        self.runs: dict[UUID, Expected] = {}

    def claim(self, *, limit: int, worker: int) -> list[Expected]:
        queued = sorted((run for run in self.runs.values() if run.row.state == "queued"), key=_place_in_queue)
        looked_at = queued[:limit]
        taken = [run for run in looked_at if run.row.losses >= LOSSES_AT_LAST_CHANCE][:1] or looked_at
        for run in taken:
            run.row = statements.claim(run.row, worker=worker) or run.row
            run.events.append("run.started")
        return taken

    def write(self, run: UUID, *, fence: int, kind: str, steps: Sequence[tuple[str, str, int]]) -> bool:
        """`steps`: the name, state and output of each that the move records. What was recorded for good stays as it is."""
        expected = self.runs[run]
        after = statements.move(expected.row, fence=fence, kind=kind)
        if after is None:
            return False
        for name, state, output in steps:
            if name not in expected.steps or expected.steps[name].state not in FINAL:
                expected.steps[name] = Recorded(state, output, expected.row.attempt)
            if state != "waiting":
                expected.events.append(f"run.step_{state}")
        if kind in WRITTEN:
            event, outcome = WRITTEN[kind]
            expected.events.append(event)
            expected.end_attempt(outcome)
        expected.row = after
        return True

    def reap(self, *, limit: int, ends: dict[UUID, datetime]) -> list[str]:
        """`ends`: when each lease ended, which is the order in which the reaper takes them."""
        lost = sorted((run for run in self.runs.values() if run.row.lost), key=lambda run: ends[run.id])[:limit]
        for run in lost:
            self._put_back(run, statements.reap(run.row))
        return sorted(run.row.state for run in lost)

    def bury(self, *, worker: int, blame: Mapping[UUID, Blame]) -> list[str]:
        buried = [run for run in self.runs.values() if run.row.state == "running" and run.row.worker == worker]
        for run in buried:
            self._put_back(run, statements.bury(run.row, worker=worker, blame=blame.get(run.id)))
        return sorted(run.row.state for run in buried)

    def begin_suspect(self, run: UUID, *, fence: int) -> bool:
        after = statements.begin_suspect(self.runs[run].row, fence=fence)
        self.runs[run].row = after or self.runs[run].row
        return after is not None

    def _put_back(self, run: Expected, after: Row | None) -> None:
        assert after
        run.end_attempt("timed_out" if after.state == "timed_out" else "lost")
        run.events.append({"dead": "run.failed", "timed_out": "run.timed_out"}.get(after.state, "run.retried"))
        run.row = after

    def promote(self, *, limit: int) -> int:
        woken = [run for run in self.runs.values() if run.row.state == "waiting" and not run.turn and not run.row.left]
        for run in sorted(woken, key=lambda run: run.run_at)[:limit]:
            if run.ruled:
                run.turn = True
                run.events.append("run.waiting")
            else:
                run.row = statements.promote(run.row) or run.row
                run.events.append("run.queued")
        return min(len(woken), limit)

    def cancel(self, runs: Iterable[UUID]) -> set[UUID]:
        canceled = set()
        for run in (self.runs[each] for each in runs):
            if not run.row.finished:
                if run.row.state == "running":
                    run.end_attempt("canceled")
                run.row = statements.cancel(run.row) or run.row
                run.turn = False
                run.events.append("run.canceled")
                canceled.add(run.id)
        return canceled

    def leave_lane(self, task: UUID, lane: str) -> None:
        for run in self.runs.values():
            if run.task == task and run.lane == lane and not run.row.finished:
                if run.turn and not run.key:
                    self._let_in(run)
                run.lane, run.takes_turn = "", False

    def admit(self) -> None:
        """Let everybody go on who may."""
        for lane in {run.lane for run in self.runs.values() if run.lane}:
            self._admit_to_lane([run for run in self.runs.values() if run.lane == lane and not run.row.finished])
        for place in {(run.agent, run.key) for run in self.runs.values() if run.key}:
            self._admit_to_key([run for run in self.runs.values() if (run.agent, run.key) == place])

    def somebody_may_go_on(self) -> bool:
        """Whether one still waits under a key with room: it stood behind one that went on alone, and is only asked for again."""
        places = {(run.agent, run.key) for run in self.runs.values() if run.key}
        return any(
            self._has_room([run for run in self.runs.values() if (run.agent, run.key) == place]) for place in places
        )

    def _has_room(self, runs: list[Expected]) -> bool:
        line = sorted((run for run in runs if run.turn and not run.takes_turn), key=_urgency)
        return bool(line) and sum(run.in_place for run in runs) < line[0].limit

    def _admit_to_lane(self, unfinished: list[Expected]) -> None:
        if all(run.takes_turn for run in unfinished):
            line = sorted((run for run in unfinished if run.turn), key=lambda run: (run.scheduled_for or LAST, run.id))
            for run in line[:1]:
                run.takes_turn = False
                if not run.key:
                    self._let_in(run)

    def _admit_to_key(self, runs: list[Expected]) -> None:
        going_on, allowed = sum(run.in_place for run in runs), None
        for run in sorted((run for run in runs if run.turn and not run.takes_turn), key=_urgency):
            # Those behind one that goes on alone are asked again when somebody looks for whom nobody asked.
            allowed = min(run.limit, allowed or run.limit)
            if going_on >= allowed:
                break  # nobody overtakes
            self._let_in(run)
            going_on += 1

    def _let_in(self, run: Expected) -> None:
        run.row = run.row._replace(state="queued", left=0)
        run.turn = False
        run.events.append("run.queued")


def _place_in_queue(run: Expected) -> tuple[int, datetime, UUID]:
    return (-run.priority, run.fair_at, run.id)


def _urgency(run: Expected) -> tuple[int, datetime, UUID]:
    return (-run.priority, run.run_at, run.id)
