"""What the client reads and writes again is what the API answered."""

from ordinaut_client.generated.models import Instant


def test_an_instant_in_utc_keeps_its_z_and_a_local_one_its_offset() -> None:
    answered = {"at": "2027-03-28T01:30:00.000001Z", "local": "2027-03-28T03:30:00.000001+02:00"}

    assert Instant.from_dict(answered).to_dict() == answered
