"""The table that a run prints."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

COLUMNS: Final = ("what", "mock", "reference", "ratio", "goal", "")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. Without a goal it is there to be read."""

    what: str
    value: str
    reference: str = ""
    ratio: float | None = None
    at_least: float | None = None
    """The goal: `figure` is no less than this."""
    at_most: float | None = None
    """The goal: `figure` is no more than this."""
    figure: float | None = None
    """What the goal is about, where that is not the ratio."""
    unit: str = ""

    def met(self) -> bool | None:
        """Whether the goal is reached; None when there is no goal."""
        figure = self.ratio if self.figure is None else self.figure
        if figure is None or (self.at_least is None and self.at_most is None):
            return None
        return (self.at_least is None or figure >= self.at_least) and (
            self.at_most is None or figure <= self.at_most
        )

    def cells(self) -> tuple[str, ...]:
        """As text, one for each column."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        goal = f"≥ {self.at_least:g}{self.unit}" if self.at_least is not None else ""
        goal = f"≤ {self.at_most:g}{self.unit}" if self.at_most is not None else goal
        verdict = {True: "ok", False: "MISS", None: ""}[self.met()]
        return (self.what, self.value, self.reference, ratio, goal, verdict)


Rows = Iterable[Row]


def table(rows: list[Row]) -> str:
    """All rows under their headings, and the count of goals met."""
    cells = [COLUMNS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(COLUMNS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths[:-1]))
    verdicts = [met for row in rows if (met := row.met()) is not None]
    return "\n".join([*lines, f"figures: {sum(verdicts)} of {len(verdicts)} met"])


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median over rounds of ours to theirs: pairs, because machines are noisy."""
    return median(our / their for our, their in zip(ours, theirs, strict=True))
