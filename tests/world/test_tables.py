"""A sandbox's tables as a whole."""

from mockserver.domain.caller_ids import CallerId
from mockserver.domain.media import Media
from mockserver.domain.message import Delivery, Message
from mockserver.world.tables import Tables, Unit

ACCOUNT = "AC" + "1" * 32


def test_new_tables_are_empty() -> None:
    """Nothing is shared between two sandboxes."""
    one, other = Tables(), Tables()
    kind = ("outbound-api", "sms", "messages")
    ends = ("+14155550001", "+15017122661")
    made = Message("SM" + "0" * 32, 0, ACCOUNT, *kind, *ends, "Ahoy", "GSM-7", 1, 0, 0)
    one.messages.add(made, Delivery("queued", 0, ("queued", 0, 0)), Unit())
    one.verified_callers["+14155550001"] = CallerId("PN" + "c" * 32, ACCOUNT, "+14155550001")
    one.counters["rule.fired"] = 1
    assert (len(other.messages), other.verified_callers, other.counters) == (0, {}, {})


def test_all_tables_are_shed() -> None:
    """Messages first, then media, a few records at a time."""
    tables, unit = Tables(), Unit()
    media = Media("ME1", "MM1", "AC1", "image/png", 1, 1, "http://localhost/", 3, "digest")
    tables.media.add(media, b"cat", unit)
    slices = 1
    while tables.shed(1):
        slices += 1
    assert (slices, len(tables.media)) == (4, 0)
