"""What always holds of the queue, compared with the oracle after each thing that was done."""

from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.integration.queue import history
from tests.integration.queue.oracle import Oracle
from tests.integration.queue.seen import Seen, seen_runs


class ComparedQueue(RuleBasedStateMachine):
    oracle: Oracle
    seen: dict[UUID, Seen]
    finished: dict[UUID, str]

    @invariant()
    def all_is_well(self) -> None:
        self.seen = seen_runs()
        self._check_against_the_oracle()
        self._check_what_runs_leave_behind()
        self._check_that_finished_runs_stay()
        self._check_keys_and_lanes()

    def _check_against_the_oracle(self) -> None:
        for run in self.oracle.runs.values():
            row = self.seen[run.id]
            run.run_at, run.fair_at = row.run_at, row.fair_at
            assert row.counted == run.row._replace(left=int(run.row.leased)), row
            assert (row.lane, row.takes_turn, row.waiting_for == "turn") == (run.lane, run.takes_turn, run.turn), row
        assert len(self.seen) == len(self.oracle.runs)

    def _check_what_runs_leave_behind(self) -> None:
        runs = self.oracle.runs.values()
        ids = list(self.oracle.runs)
        assert history.events(ids) == {run.id: list(enumerate(run.events, 1)) for run in runs}
        assert history.attempts(ids) == {run.id: run.attempts for run in runs}
        assert history.steps(ids) == {run.id: run.steps for run in runs}

    def _check_that_finished_runs_stay(self) -> None:
        finished = {run: row.text for run, row in self.seen.items() if row.counted.finished}
        assert self.finished.items() <= finished.items()
        self.finished = finished

    def _check_keys_and_lanes(self) -> None:
        going_on: dict[tuple[UUID, str], list[int]] = {}
        in_turn: list[str] = []
        for run, row in self.seen.items():
            expected = self.oracle.runs[run]
            if row.counted.state in {"queued", "running"} and expected.key:
                going_on.setdefault((expected.agent, expected.key), []).append(expected.limit)
            if row.lane and not row.takes_turn and expected.took_turns and not row.counted.finished:
                in_turn.append(row.lane)
        assert all(len(limits) <= max(limits) for limits in going_on.values())
        assert len(in_turn) == len(set(in_turn))
