"""`docs/weather.md` keeps its word."""

import re
from pathlib import Path

import yaml

from mockserver.domain.faults import read_weather
from mockserver.domain.faults.weather import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "weather.md").read_text(encoding="utf-8")


def test_its_table_has_every_kind() -> None:
    """Each row's example can be read, and together they are all that can become of a webhook."""
    rows = re.findall(r"^\| `([a-z]+: [^`]+)` \|", PAGE, re.MULTILINE)
    said = [read_weather(yaml.safe_load(row)).names for row in rows]
    assert frozenset.union(*said) == set(KINDS)
    assert all(len(names) == 1 for names in said)
