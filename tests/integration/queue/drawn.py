"""What a random thing done to the queue may look like."""

from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from tests.integration.queue.acts import WRITE

HOUR: Final = timedelta(hours=1)
STEP_STATES: Final = ("succeeded", "failed", "skipped", "waiting")

ASKS = st.integers(0, 9).map(bool)  # now and then somebody dies before it could ask who goes on
KINDS = st.sampled_from(
    [*sorted(WRITE), "checkpoint", "checkpoint"]
)  # what leaves the run to its worker is more often done
INSTANTS = st.sampled_from([None, *(datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3))])
NEW_RUN = st.fixed_dictionaries(
    {
        "task": st.integers(0, 2),
        "priority": st.sampled_from([1, 5, 5, 9]),
        "in_lane": st.booleans(),
        "takes_turn": st.sampled_from([True, True, True, False]),
        "key": st.sampled_from(["", "printer"]),
        "limit": st.integers(1, 3),
        "scheduled_for": INSTANTS,
        "start": st.sampled_from([None, None, -HOUR, HOUR]),
    }
)
