"""What a test does where something of the outside, Node or a browser, is not there."""

from collections.abc import Callable
from typing import NoReturn

import pytest

Missing = Callable[[str, str], NoReturn]


@pytest.mark.parametrize("required", ["", "chromium", "chromium,nodes"])
def test_it_skips(missing: Missing, monkeypatch: pytest.MonkeyPatch, required: str) -> None:
    """With the reason, while nobody requires that very thing."""
    monkeypatch.setenv("REQUIRE", required)
    with pytest.raises(pytest.skip.Exception, match="node: npm found no network"):
        missing("node", "npm found no network")


@pytest.mark.parametrize("required", ["node", "chromium,node"])
def test_it_fails_where_it_is_required(
    missing: Missing, monkeypatch: pytest.MonkeyPatch, required: str
) -> None:
    """As the gate does: a judge that is not asked is no judge."""
    monkeypatch.setenv("REQUIRE", required)
    with pytest.raises(pytest.fail.Exception, match="REQUIRE names node: npm found no network"):
        missing("node", "npm found no network")
