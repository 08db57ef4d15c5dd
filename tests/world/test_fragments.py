"""Messages as they were last written."""

import pytest

from mockserver.domain.message import Message
from mockserver.world import fragments as module
from mockserver.world.fragments import Fragments
from mockserver.world.leaves import Leaves


def test_they_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more than so many, and the newest is always there."""
    monkeypatch.setattr(module, "FRAGMENTS_KEPT", 3)
    fragments = Fragments(Leaves[Message](), {})
    for ordinal in range(20):
        fragments.keep(f"SM{ordinal}", b"{}")
        assert len(fragments) <= 3
        assert f"SM{ordinal}" in fragments
