"""The table of probes."""

import re

import pytest

from mockserver.edge.probe.exchange import BOTH
from mockserver.edge.probe.record import Probe
from mockserver.edge.probe.table import PROBES


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    """At least 25, by ids in kebab-case."""
    ids = [probe.id for probe in PROBES]
    assert len(set(ids)) == len(ids) >= 25
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", probe) for probe in ids)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
def test_a_probe_says_what_it_is_about(probe: Probe) -> None:
    """Whole sentences about what is sent, what is right, what Twilio does and what to do."""
    for text in (probe.sent, probe.expected, probe.twilio, probe.fix):
        assert re.match(r"[A-Z0-9`]", text), text
        assert text.rstrip().endswith((".", "`")), text
    assert probe.title[0].isupper()
    assert not probe.title.endswith(".")
    assert probe.kinds
    assert set(probe.kinds) <= set(BOTH)
