"""The keys that leave the platform: UUIDs of version 7 (RFC 9562), which sort by the time they were made."""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    made: UUID = uuid7()
    return made


def oldest_id(moment: datetime) -> UUID:
    """The smallest key that could have been made at `moment`: 48 bits of Unix milliseconds lead it."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
