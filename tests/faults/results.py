"""The row of the fault matrix that a test fills, and the table of all rows.

row.measure("resumed after", seconds, unit="s", at_most=40)
row.judge(history)          # the invariants, then what was measured; fails with everything that is wrong
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.checker import violations
from tests.faults.histories import History

BEGIN, END = "<!-- fault matrix: written by `make faults` -->", "<!-- end of the fault matrix -->"
_SHOWN = 12
_HEAD = ("| | fault | seeds | runs | measured, the worst (limit) | verdict |", "|---|---|---|---|---|---|")


@dataclass(frozen=True)
class Measure:
    name: str
    value: float
    unit: str
    at_most: float | None
    at_least: float | None

    @property
    def holds(self) -> bool:
        within = self.at_most is None or self.value <= self.at_most
        return within and (self.at_least is None or self.value >= self.at_least)

    @property
    def limit(self) -> str:
        limits = [f"≤ {self.at_most:g}" if self.at_most is not None else ""]
        limits += [f"≥ {self.at_least:g}" if self.at_least is not None else ""]
        return " ".join(filter(None, limits))

    def __str__(self) -> str:
        return f"{self.name} {self.value:.4g} {self.unit}".rstrip() + (f" ({self.limit})" if self.limit else "")


@dataclass
class Row:
    """One test with one seed. `passed` is pytest's word."""

    fault: str
    what: str
    seed: int
    measures: list[Measure] = field(default_factory=list)
    runs: int = 0
    passed: bool = False

    def measure(
        self, name: str, value: float, *, unit: str = "", at_most: float | None = None, at_least: float | None = None
    ) -> None:
        self.measures.append(Measure(name, value, unit, at_most, at_least))

    def judge(self, history: History) -> None:
        """By the invariants and by what was measured. A load that made no runs proves nothing."""
        self.runs = len(history.runs)
        wrong = [*violations(history), *(f"I6 {measure}" for measure in self.measures if not measure.holds)]
        more = [f"and {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else []
        assert not wrong, "\n".join([f"{self.fault}, seed {self.seed}:", *wrong[:_SHOWN], *more])
        assert history.runs, "the load made no runs"


def table(rows: Iterable[Row]) -> str:
    """Markdown: one line a fault, the worst value of each measure over its seeds."""
    return "\n".join([*_HEAD, *_lines(rows)])


def _lines(rows: Iterable[Row]) -> list[str]:
    lines = []
    for (fault, what), of_fault in _by_fault(rows).items():
        measured = "; ".join(map(str, _worst(of_fault)))
        failed = [row.seed for row in of_fault if not row.passed]
        verdict = f"fails with seeds {', '.join(map(str, failed))}" if failed else "holds"
        runs = sum(row.runs for row in of_fault)
        lines.append(f"| {fault} | {what} | {len(of_fault)} | {runs:,} | {measured} | {verdict} |")
    return lines


def write(rows: Iterable[Row], page: Path) -> None:
    """Put the table between its two marks in `page`, which must have them. Lines of faults that are not in `rows` stay."""
    text = page.read_text()
    before, begin, rest = text.partition(BEGIN)
    old, end, after = rest.partition(END)
    assert end, f"{page} has no place for the table: {BEGIN} ... {END}"
    known = {_fault_of(line): line for line in old.splitlines() if line.startswith("| F")}
    known |= {_fault_of(line): line for line in _lines(rows)}
    lines = [*_HEAD, *(known[fault] for fault in sorted(known))]
    page.write_text("\n".join([f"{before}{begin}", *lines, f"{end}{after}"]))


def _fault_of(line: str) -> tuple[int, str]:
    """What a line is about, as lines are sorted: its number in the matrix and what happens."""
    _, fault, what, *_ = line.split("|")
    return int(fault.strip(" F")), what.strip()


def _by_fault(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: (int(row.fault.strip("F")), row.what, row.seed)):
        found.setdefault((row.fault, row.what), []).append(row)
    return found


def _worst(rows: list[Row]) -> list[Measure]:
    worst: dict[str, Measure] = {}
    for measure in (measure for row in rows for measure in row.measures):
        known = worst.setdefault(measure.name, measure)
        lower_is_worse = measure.at_most is None and measure.at_least is not None
        if (measure.value < known.value) if lower_is_worse else (measure.value > known.value):
            worst[measure.name] = measure
    return list(worst.values())
