"""TwiML applications as records."""

from typing import Any

from mockserver.domain.applications import FIELDS, Application, changed

APPLICATION = Application("AP" + "a" * 32, "AC" + "a" * 32)


def test_every_parameter_sets_its_field() -> None:
    """And the time of the change."""
    for name, field in FIELDS.items():
        value: Any = isinstance(getattr(APPLICATION, field), bool) or "said"
        after = changed(APPLICATION, {name: value}, 7)
        assert (getattr(after, field), after.updated_at) == (value, 7)


def test_what_is_not_given_stays() -> None:
    """All of it."""
    named = changed(APPLICATION, {"FriendlyName": "Mine"}, 1)
    assert changed(named, {}, 1) == named


def test_where_the_status_of_messages_goes() -> None:
    """To the newer of two callbacks, or else the older."""
    old = changed(APPLICATION, {"SmsStatusCallback": "http://a.b/old"}, 1)
    assert (APPLICATION.callback, old.callback) == ("", "http://a.b/old")
    new = changed(old, {"MessageStatusCallback": "http://a.b/new"}, 1)
    assert new.callback == "http://a.b/new"
