from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.instant_outcome import InstantOutcome, check_instant_outcome

if TYPE_CHECKING:
    from ..models.answer import Answer
    from ..models.instant import Instant
    from ..models.ledger import Ledger
    from ..models.note import Note
    from ..models.run_made import RunMade


T = TypeVar("T", bound="Why")


@_attrs_define
class Why:
    """
    Attributes:
        at (datetime.datetime): The nominal instant, in UTC.
        local (datetime.datetime): The same in the task's zone.
        outcome (InstantOutcome):
        sentence (str): The same for people.
        reason (None | str): Why it makes no run, or why nothing is known of it.
        starts_at (datetime.datetime | None): When the run to come begins.
        run (None | RunMade):
        skipped (Ledger | None):
        notes (list[Note]):
        before (Instant | None): The last instant before one that is none.
        after (Instant | None): The first instant after one that is none.
        timezone (str):
        clock (None | str): What is peculiar about the local time asked for.
        others (list[Answer]): Further instants that the local time may stand for.
    """

    at: datetime.datetime
    local: datetime.datetime
    outcome: InstantOutcome
    sentence: str
    reason: None | str
    starts_at: datetime.datetime | None
    run: None | RunMade
    skipped: Ledger | None
    notes: list[Note]
    before: Instant | None
    after: Instant | None
    timezone: str
    clock: None | str
    others: list[Answer]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.instant import Instant  # noqa: PLC0415
        from ..models.ledger import Ledger  # noqa: PLC0415
        from ..models.run_made import RunMade  # noqa: PLC0415

        at = self.at.isoformat()

        local = self.local.isoformat()

        outcome: str = self.outcome

        sentence = self.sentence

        reason: None | str
        reason = self.reason

        starts_at: None | str
        if isinstance(self.starts_at, datetime.datetime):
            starts_at = self.starts_at.isoformat()
        else:
            starts_at = self.starts_at

        run: dict[str, Any] | None
        if isinstance(self.run, RunMade):
            run = self.run.to_dict()
        else:
            run = self.run

        skipped: dict[str, Any] | None
        if isinstance(self.skipped, Ledger):
            skipped = self.skipped.to_dict()
        else:
            skipped = self.skipped

        notes = []
        for notes_item_data in self.notes:
            notes_item = notes_item_data.to_dict()
            notes.append(notes_item)

        before: dict[str, Any] | None
        if isinstance(self.before, Instant):
            before = self.before.to_dict()
        else:
            before = self.before

        after: dict[str, Any] | None
        if isinstance(self.after, Instant):
            after = self.after.to_dict()
        else:
            after = self.after

        timezone = self.timezone

        clock: None | str
        clock = self.clock

        others = []
        for others_item_data in self.others:
            others_item = others_item_data.to_dict()
            others.append(others_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "local": local,
                "outcome": outcome,
                "sentence": sentence,
                "reason": reason,
                "starts_at": starts_at,
                "run": run,
                "skipped": skipped,
                "notes": notes,
                "before": before,
                "after": after,
                "timezone": timezone,
                "clock": clock,
                "others": others,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.answer import Answer  # noqa: PLC0415
        from ..models.instant import Instant  # noqa: PLC0415
        from ..models.ledger import Ledger  # noqa: PLC0415
        from ..models.note import Note  # noqa: PLC0415
        from ..models.run_made import RunMade  # noqa: PLC0415

        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        local = datetime.datetime.fromisoformat(d.pop("local"))

        outcome = check_instant_outcome(d.pop("outcome"))

        sentence = d.pop("sentence")

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        def _parse_starts_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                starts_at_type_0 = datetime.datetime.fromisoformat(data)

                return starts_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        starts_at = _parse_starts_at(d.pop("starts_at"))

        def _parse_run(data: object) -> None | RunMade:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                run_type_0 = RunMade.from_dict(data)

                return run_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RunMade, data)

        run = _parse_run(d.pop("run"))

        def _parse_skipped(data: object) -> Ledger | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                skipped_type_0 = Ledger.from_dict(data)

                return skipped_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Ledger | None, data)

        skipped = _parse_skipped(d.pop("skipped"))

        notes = []
        _notes = d.pop("notes")
        for notes_item_data in _notes:
            notes_item = Note.from_dict(notes_item_data)

            notes.append(notes_item)

        def _parse_before(data: object) -> Instant | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                before_type_0 = Instant.from_dict(data)

                return before_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Instant | None, data)

        before = _parse_before(d.pop("before"))

        def _parse_after(data: object) -> Instant | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                after_type_0 = Instant.from_dict(data)

                return after_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Instant | None, data)

        after = _parse_after(d.pop("after"))

        timezone = d.pop("timezone")

        def _parse_clock(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        clock = _parse_clock(d.pop("clock"))

        others = []
        _others = d.pop("others")
        for others_item_data in _others:
            others_item = Answer.from_dict(others_item_data)

            others.append(others_item)

        why = cls(
            at=at,
            local=local,
            outcome=outcome,
            sentence=sentence,
            reason=reason,
            starts_at=starts_at,
            run=run,
            skipped=skipped,
            notes=notes,
            before=before,
            after=after,
            timezone=timezone,
            clock=clock,
            others=others,
        )

        why.additional_properties = d
        return why

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
