"""The keys that leave the platform: UUIDs of version 7 (RFC 9562), which sort by the time they were made."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    made: UUID = uuid7()
    return made
