"""The environment of programs under test."""

import os

import pytest

from mockserver.environment import patched


def test_the_credentials() -> None:
    """Those of the mock's account, so that a request that escapes costs nothing."""
    assert variables("AC1", "t") == {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t"}


def test_patching_is_undone_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the block fails: what was set is set again, what was not is not."""
    monkeypatch.setenv("WAS_SET", "before")
    monkeypatch.delenv("WAS_NOT", raising=False)
    before = dict(os.environ)
    patch = patched({"WAS_SET": "1", "WAS_NOT": "2"})
    patch.__enter__()
    assert (os.environ["WAS_SET"], os.environ["WAS_NOT"]) == ("1", "2")
    assert not patch.__exit__(KeyError, KeyError(), None)
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("outer", "expected"),
    [
        ({}, None),
        ({"NO_PROXY": "example.org"}, None),
        ({"HTTP_PROXY": "http://p"}, "localhost,127.0.0.1,::1"),
        (
            {"http_proxy": "http://p", "NO_PROXY": "a.org, localhost"},
            "a.org,localhost,127.0.0.1,::1",
        ),
        ({"ALL_PROXY": "http://p", "no_proxy": "*"}, None),
    ],
)
def test_a_proxy_is_not_for_the_mock(outer: dict[str, str], expected: str | None) -> None:
    """Loopback goes around it; the user's own exceptions stay."""
    value = beside_proxy(outer)
    assert value == ({"NO_PROXY": expected, "no_proxy": expected} if expected else {})
