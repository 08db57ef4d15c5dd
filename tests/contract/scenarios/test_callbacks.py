"""Ready-made scenarios about what becomes of status callbacks."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.contract.scenarios.conftest import Program, Shop

OpenShop = Callable[..., "Shop"]

FINAL = "delivered"


def sent(mine: "Shop", program: "Program", count: int) -> list[str]:
    """The SIDs of so many messages, once all that comes of them has happened."""
    callback = f"{program.url}/status"
    sids = [mine.send(f"{n}", status_callback=callback).sid for n in range(count)]
    mine.twilio.clock.run_until_idle()
    return sids


def test_out_of_order_callbacks(shop: OpenShop, program: "Program") -> None:
    """`delivered` comes first; who goes by the last one thinks that it is still on its way."""
    mine = shop("out-of-order-callbacks")
    for sid in sent(mine, program, 5):
        assert program.statuses(sid) == ["delivered", "sent"]
        assert mine.fetch(sid).status == FINAL


def test_out_of_order_callbacks_of_some(shop: OpenShop, program: "Program") -> None:
    """The others come as they should."""
    mine = shop("out-of-order-callbacks", share=0.5)
    found = Counter(tuple(program.statuses(sid)) for sid in sent(mine, program, 30))
    assert set(found) == {("sent", "delivered"), ("delivered", "sent")}
    assert min(found.values()) >= 5


def test_lost_callbacks(shop: OpenShop, program: "Program") -> None:
    """Some messages never end for who waits for the callback; asking the API helps.

    It is not the program's fault.
    """
    mine = shop("lost-callbacks")
    sids = sent(mine, program, 50)
    waiting = [sid for sid in sids if FINAL not in program.statuses(sid)]
    assert 3 <= len(waiting) <= 20
    assert {mine.fetch(sid).status for sid in waiting} == {FINAL}
    mine.twilio.invariants(duplicates=False)


def test_lost_callbacks_all_of_them(shop: OpenShop, program: "Program") -> None:
    """What is lost is a parameter."""
    mine = shop("lost-callbacks", share=1)
    assert len(sent(mine, program, 3)) == 3
    assert program.told == []


def test_duplicate_callbacks(shop: OpenShop, program: "Program") -> None:
    """Each comes twice at least, and the copies have the token of the first."""
    mine = shop("duplicate-callbacks")
    sids = sent(mine, program, 30)
    counts = Counter((each["MessageSid"], each["MessageStatus"]) for each in program.told)
    assert set(counts) == {(sid, status) for sid in sids for status in ("sent", FINAL)}
    assert set(counts.values()) == {2, 3}
    tokens = Counter(each["token"] for each in program.told)
    assert sorted(tokens.values()) == sorted(counts.values())


def test_duplicate_callbacks_at_another_time(shop: OpenShop, program: "Program") -> None:
    """How many copies, how many come again, and when."""
    mine = shop("duplicate-callbacks", "manual", copies=3, again=1, later="1h")
    mine.send(status_callback=f"{program.url}/status")
    mine.twilio.clock.advance(seconds=3600)
    assert len(program.told) == 2 * 4
    mine.twilio.clock.advance(seconds=2)
    assert len(program.told) == 2 * 5


def test_callback_storm(shop: OpenShop, program: "Program") -> None:
    """All of it at once: some are lost, some doubled, some late, some overtaken; all messages end.

    Who keeps the furthest status of each message, and ignores tokens that it knows, comes through.
    """
    mine = shop("callback-storm")
    sids = sent(mine, program, 100)
    orders = Counter(tuple(dict.fromkeys(program.statuses(sid))) for sid in sids)
    assert orders["sent", "delivered"] >= 10
    assert orders["delivered", "sent"] >= 5
    assert orders["sent",] + orders["delivered",] >= 2
    assert max(Counter(each["token"] for each in program.told).values()) >= 2
    assert {mine.fetch(sid).status for sid in sids} == {FINAL}
    rank = {"sent": 1, FINAL: 2}
    kept: dict[str, str] = {}
    for each in program.told:
        status, before = each["MessageStatus"], kept.get(each["MessageSid"], "")
        kept[each["MessageSid"]] = max(status, before, key=lambda one: rank.get(one, 0))
    assert sum(status == FINAL for status in kept.values()) >= 85
