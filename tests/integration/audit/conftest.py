"""The clients that speak for agents, as for every other address."""

from tests.integration.api.conftest import (
    _nobody_has_tried_before,
    admin,
    alice,
    anonymous,
    as_admin,
    as_alice,
    as_bob,
    bob,
)

__all__ = ["_nobody_has_tried_before", "admin", "alice", "anonymous", "as_admin", "as_alice", "as_bob", "bob"]
