"""The switches of a sandbox: what they are when nobody says anything."""

from msgspec.structs import fields

from mockserver.domain.faults import SWITCHES
from mockserver.domain.options import USUAL, Options
from mockserver.world.scenarios.checking import schema


def test_the_defaults_are_the_decisions_of_this_project() -> None:
    """Lenient where Twilio is, the newest codes and texts, limits and windows off."""
    assert Options() == USUAL
    assert (USUAL.senders, USUAL.numbers, USUAL.error_texts) == ("any", "any", "newest")
    assert (USUAL.trial_unverified_code, USUAL.landline_code) == (21219, 21614)
    assert (USUAL.queue_full_status, USUAL.service_refusals) == (429, "later")
    assert (USUAL.send_at_min, USUAL.send_at_max, USUAL.scheduled_max) == (300, 3_024_000, 500_000)
    assert (USUAL.daily_messages, USUAL.total_messages, USUAL.whatsapp_session) == (0, 0, 0)
    assert set(USUAL.no_alphanumeric) == {"US", "CA"}
    assert USUAL.magic_numbers
    switched_on = {name for name in _names() if getattr(USUAL, name) is True}
    assert switched_on == {"magic_numbers", "loop_protection"}
    assert USUAL.empty_answers == "fine"


def test_every_switch_is_a_scenarios() -> None:
    """Each is one of its keys, or one under its key `options`; none is there that does nothing."""
    document = schema()["properties"]
    under = set(document["options"]["properties"])
    assert set(SWITCHES) <= set(document)
    assert under | set(SWITCHES) == _names()
    assert under & set(SWITCHES) == set()


def _names() -> set[str]:
    return {field.name for field in fields(Options)}
