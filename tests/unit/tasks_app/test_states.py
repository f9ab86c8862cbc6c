"""The table of moves, and its drawing."""

from tasks_app.states import FINISHED, MOVES, REDRIVABLE, UNFINISHED, RunState


def test_every_state_is_in_the_table_and_either_finished_or_not() -> None:
    assert set(MOVES) == set(RunState) == FINISHED | UNFINISHED
    assert not FINISHED & UNFINISHED


def test_finished_runs_move_no_more_but_those_that_went_wrong_get_another_chance() -> None:
    assert {state for state in FINISHED if MOVES[state]} == REDRIVABLE
    assert all(not MOVES[state] & FINISHED for state in FINISHED)
    assert all(MOVES[state] for state in UNFINISHED)


def test_only_a_running_run_can_end_otherwise_than_by_being_canceled_or_given_up() -> None:
    ends = {state: MOVES[state] & FINISHED for state in UNFINISHED}

    assert ends == {
        RunState.QUEUED: {RunState.CANCELED, RunState.TIMED_OUT},
        RunState.WAITING: {RunState.CANCELED, RunState.TIMED_OUT},
        RunState.RUNNING: set(FINISHED),
    }


def test_every_state_can_be_reached_from_the_first() -> None:
    reached, edge = {RunState.QUEUED}, {RunState.QUEUED}
    while edge := {after for state in edge for after in MOVES[state]} - reached:
        reached |= edge

    assert reached == set(RunState)
