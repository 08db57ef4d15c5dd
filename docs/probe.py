"""Writes the table of probes in `docs/probe.md` from the code.

python docs/probe.py
"""

from pathlib import Path
from typing import Final

from mockserver.edge.probe.table import PROBES

PAGE: Final = Path(__file__).with_name("probe.md")
BEGIN: Final = "<!-- written by `python docs/probe.py`; a test keeps it current -->\n"


def table() -> str:
    """A row for each probe."""
    rows = ["| probe | for | passes when | is sent |", "| --- | --- | --- | --- |"]
    for probe in PROBES:
        kinds = "both" if len(probe.kinds) > 1 else probe.kinds[0]
        sent = probe.sent.replace("|", "\\|")
        rows.append(f"| `{probe.id}` | {kinds} | {probe.title} | {sent} |")
    return "\n".join(rows) + "\n"


def page(before: str) -> str:
    """The page with its table as the code has it now."""
    return before.partition(BEGIN)[0] + BEGIN + table()


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
