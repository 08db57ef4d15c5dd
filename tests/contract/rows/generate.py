"""Makes `rows.json`: every error row of the facts about creating and delivering messages.

    python tests/contract/rows/generate.py            write the list
    python tests/contract/rows/generate.py --check    say how it differs, and end with status 1

Section, code, what it answers or ends with, and marks are read from the facts, which lie beside
the repository; no sentence of theirs is copied. `client`, `tests` and `reason` are written by
hand, and kept:

- `client`: whether a client can cause it through this version, by whatever it sends or sets up;
- `tests`: ids of the tests that show it;
- `reason`: why no client can cause it here.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Final

Row = dict[str, Any]

ROWS: Final = Path(__file__).with_name("rows.json")
FACTS: Final = Path(__file__).parents[4] / "shared/facts/messaging.md"

CREATE, DELIVERY = "3.4", "6.6"

HAND_WRITTEN: Final[Mapping[str, Any]] = {"client": None, "tests": [], "reason": ""}
"""As a row begins; nobody has judged it yet."""

STATUSES: Final = ("undelivered", "failed")


def generate(facts: str, kept: list[Row]) -> list[Row]:
    """The rows of the facts, with what was written by hand in the rows that are `kept`."""
    known = {(row["section"], row["code"]): row for row in kept}
    made = []
    for row in chain(_creates(facts), _deliveries(facts)):
        before = known.get((row["section"], row["code"]), {})
        made.append(
            {**row, **{name: before.get(name, usual) for name, usual in HAND_WRITTEN.items()}}
        )
    return made


def written(rows: list[Row]) -> str:
    """The list as the file has it: a row a line."""
    lines = ",\n".join(json.dumps(row) for row in rows)
    return f"[\n{lines}\n]\n"


def _creates(facts: str) -> Iterator[Row]:
    """What the create call answers: code and HTTP status (0: none)."""
    for code_cell, status, *_, mark in _table(facts, CREATE):
        number = re.match(r"[0-9]{3}", status)
        for code in _codes(code_cell):
            yield _row(CREATE, code, int(number[0]) if number else 0, mark)


def _deliveries(facts: str) -> Iterator[Row]:
    """How a message ends that was made: code and final status."""
    for code_cell, _, status, *mark in _table(facts, DELIVERY):
        for code in _codes(code_cell):
            yield _row(DELIVERY, code, _final(status), "".join(mark) + status)


def _row(section: str, code: int, answers: int | str, mark: str) -> Row:
    marks = "".join(sorted(set(re.findall(r"\[([DWKI])\]", mark))))
    return {"section": section, "code": code, "answers": answers, "marks": marks}


def _final(status: str) -> str:
    """The first of the final statuses that a cell names, however its exceptions are put.

    Warnings (any status) go with messages that arrive.
    """
    if status.startswith("create error"):
        return "refused"
    named = re.search("|".join(STATUSES), status)
    return named[0] if named else "delivered"


def _codes(cell: str) -> Iterator[int]:
    """Every code that a cell names, ranges spelt out; not what an arrow says it turns into."""
    for first, last in re.findall(r"(?<!→)([0-9]{5})(?: [–-] ([0-9]{5}))?", cell):
        yield from range(int(first), int(last or first) + 1)


def _table(facts: str, section: str) -> Iterator[list[str]]:
    """The rows of a section's tables that begin with a code, as their cells."""
    _, _, rest = facts.partition(f"\n### {section} ")
    text = re.split(r"\n##+ ", rest, maxsplit=1)[0]
    for line in text.splitlines():
        if re.match(r"\| [0-9]{5}", line):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def _main() -> int:
    kept = json.loads(ROWS.read_text(encoding="utf-8")) if ROWS.exists() else []
    text = written(generate(FACTS.read_text(encoding="utf-8"), kept))
    if "--check" not in sys.argv:
        ROWS.write_text(text, encoding="utf-8")
        return 0
    there, wanted = set(ROWS.read_text(encoding="utf-8").splitlines()), set(text.splitlines())
    for line in sorted(there ^ wanted):
        sys.stdout.write(f"{'-' if line in there else '+'} {line}\n")
    return int(there != wanted)


if __name__ == "__main__":
    sys.exit(_main())
