"""How values look on the operators' pages."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tasks_app.admin import appearance
from tasks_app.states import AttemptOutcome, RunState, StepState, TaskStatus


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (None, None),
        (timedelta(milliseconds=-3), "0.000 s"),
        (timedelta(milliseconds=213), "0.213 s"),
        (timedelta(seconds=12.4), "12.4 s"),
        (timedelta(minutes=3, seconds=5), "3 min 05 s"),
        (timedelta(hours=26, minutes=3), "26 h 03 min"),
    ],
)
def test_durations_are_written_for_comparing(duration: timedelta | None, words: str | None) -> None:
    assert appearance.lasted(duration) == words


def test_moments_are_written_in_utc() -> None:
    in_chisinau = datetime(2026, 11, 23, 8, 30, tzinfo=timezone(timedelta(hours=2)))

    assert appearance.in_utc(in_chisinau) == "2026-11-23 06:30:00"
    assert appearance.in_utc(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01 00:00:00"
    assert appearance.in_utc(None) is None


def test_json_is_indented_and_keeps_its_letters() -> None:
    assert appearance.pretty({"city": "Chișinău"}) == '{\n  "city": "Chișinău"\n}'


def test_the_end_of_very_long_json_is_left_out_and_said_to_be() -> None:
    text = appearance.pretty("x" * 30_000)

    assert len(text) < 20_100
    assert text.endswith("… 10002 more characters")


def test_json_blocks_hold_text_and_no_markup() -> None:
    block = appearance.json_block("</pre><script>")

    assert block is not None
    assert "&lt;/pre&gt;&lt;script&gt;" in block
    assert appearance.json_block(None) is None


def test_every_state_has_a_badge_with_its_words() -> None:
    for state in [*TaskStatus, *RunState, *AttemptOutcome, *StepState]:
        badge = appearance.badge(state)
        assert badge is not None
        assert state.replace("_", " ") in badge
    assert appearance.badge("") is None


def test_what_went_wrong_is_red_and_what_went_well_is_green() -> None:
    bad = [RunState.FAILED, RunState.TIMED_OUT, RunState.DEAD, StepState.FAILED, AttemptOutcome.LOST]

    assert {appearance.COLOURS[state] for state in bad} == {"danger"}
    assert appearance.COLOURS[RunState.SUCCEEDED] == "success"
