"""Instants to come as lines of a table."""

from dataclasses import dataclass

from tasks_app.admin.appearance import in_utc
from tasks_app.services.preview import Preview, Shown


@dataclass(frozen=True)
class InstantLine:
    """local: in the task's zone, with the offset. fate: what else is to be said, a sentence each."""

    local: str
    utc: str | None
    fires: bool
    fate: list[str]

    @classmethod
    def of(cls, each: Shown) -> "InstantLine":
        said = [note.text for note in each.notes]
        if not each.fires:
            said = said or [f"Makes no run: {each.reason}."]
        return cls(f"{each.local:%a %Y-%m-%d %H:%M:%S %z}", in_utc(each.at), each.fires, said)


@dataclass(frozen=True)
class InstantTable:
    timezone: str
    lines: list[InstantLine]
    remarks: list[str]

    @classmethod
    def of(cls, preview: Preview) -> "InstantTable":
        return cls(preview.timezone, [InstantLine.of(each) for each in preview.items], _remarks(preview))


def _remarks(preview: Preview) -> list[str]:
    remarks = [preview.sentence] if preview.sentence else []
    if preview.left_out:
        remarks.append(f"{preview.left_out} more without a run between them are left out.")
    if preview.cut:
        remarks.append("The search was given up: too many instants in a row make no run.")
    if preview.ends and preview.items:
        remarks.append("Nothing comes after these.")
    return remarks
