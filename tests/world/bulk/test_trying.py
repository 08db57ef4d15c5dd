"""Attempts: what may go through which sender, how it ends, and when."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.message import STEP
from mockserver.world.bulk.attempts import OVER

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field

NUMBER = "+14155550100"
DELIVERED = ("queued", "sending", "sent", "delivered")
READ = ("queued", "sent", "delivered")


def whatsapp(number: str = NUMBER) -> dict[str, Any]:
    return {"address": number, "channel": "WHATSAPP"}


async def test_what_is_delivered(field: "Callable[..., Field]") -> None:
    """By default: at the times of any classic message."""
    here = field("manual")
    operation = await here.send(NUMBER)
    await here.over()
    assert here.told(operation) == [(NUMBER, DELIVERED, 0)]
    delivery = here.world.delivery(here.twins(operation)[0])
    after = [at - operation.created_at for at in delivery.timeline[1::STEP]]
    assert after == [0, 100_000, 200_000, 500_000]


@pytest.mark.parametrize(
    ("given", "to", "code"),
    [
        ({"opt_outs": [{"from": "+15005550006", "to": NUMBER}]}, NUMBER, 21610),
        ({"account": {"type": "Trial"}}, NUMBER, 21219),
        ({"handsets": [{"phone_number": NUMBER, "line_type": "landline"}]}, NUMBER, 21614),
        ({"account": {"geo_permissions_off": ["GB"]}}, "+442079460958", 21408),
        ({}, "+15005550001", 21211),
        ({}, "+15005550009", 21614),
    ],
)
async def test_what_a_create_would_be_refused_with(
    field: "Callable[..., Field]", given: dict[str, Any], to: str, code: int
) -> None:
    """The attempt fails with, at once; the operation is accepted, and others go."""
    here = field("manual")
    here.give(**given)
    other = "+14155550199"
    here.give(verified_callers=[other])
    operation = await here.send(to, other)
    await here.over()
    assert here.told(operation) == [
        (to, ("queued", "failed"), code),
        (other, DELIVERED, 0),
    ]
    assert [operation.state(place) for place in range(2)] == ["FAILED", "DELIVERED"]


async def test_a_long_text_of_a_trial_account(field: "Callable[..., Field]") -> None:
    """The notice that goes before it does not count, as it does not for a create."""
    here = field("manual")
    here.give(account={"type": "Trial"}, verified_callers=[NUMBER])
    operation = await here.send(NUMBER, text="x" * 1_600)
    await here.over()
    assert here.told(operation) == [(NUMBER, DELIVERED, 0)]
    assert len(here.twins(operation)[0].body) > 1_600


async def test_a_text_that_renders_to_nothing(field: "Callable[..., Field]") -> None:
    """The attempt fails, as a create without a body is refused; others go."""
    here = field("manual")
    other = {"address": "+14155550199", "channel": "PHONE", "variables": {"n": "Ada"}}
    nobody = {"address": NUMBER, "channel": "PHONE", "variables": {"n": " "}}
    operation = await here.send(nobody, other, text="{{ n | strip }}")
    await here.over()
    assert here.told(operation) == [
        (NUMBER, ("queued", "failed"), 21619),
        ("+14155550199", DELIVERED, 0),
    ]


async def test_the_code_of_trial_accounts(field: "Callable[..., Field]") -> None:
    """May be the hosted service's; who is verified gets the text with its notice."""
    here = field("manual")
    here.give(account={"type": "Trial"}, verified_callers=["+14155550199"])
    here.scenario(given={"account": {"type": "Trial"}}, trial_unverified_code=21608)
    operation = await here.send(NUMBER, "+14155550199")
    await here.over()
    assert [code for _, _, code in here.told(operation)] == [21608, 0]
    body = here.twins(operation)[1].body
    assert body.endswith("Ahoy")
    assert body != "Ahoy"


# Ways


async def test_a_handset_without_rcs_gets_a_text(field: "Callable[..., Field]") -> None:
    """After an attempt that failed with 61337."""
    here = field("manual")
    here.pool("SMS", "RCS")
    operation = await here.send(NUMBER, from_=None)
    await here.over()
    assert here.told(operation) == [
        (NUMBER, ("queued", "failed"), 61337),
        (NUMBER, DELIVERED, 0),
    ]
    assert operation.tally.stats()["attempts"] == 2
    assert operation.state(0) == "DELIVERED"


@pytest.mark.parametrize(("channels", "rcs"), [(("SMS", "RCS"), True), (("RCS",), None)])
async def test_a_handset_with_rcs(
    field: "Callable[..., Field]", channels: tuple[str, ...], rcs: bool | None
) -> None:
    """That was set up as one, or of which nobody said anything where there is no other way."""
    here = field("manual")
    here.pool(*channels)
    if rcs is not None:
        here.handset(NUMBER, rcs=rcs)
    operation = await here.send(NUMBER, from_=None)
    await here.over()
    assert here.told(operation) == [(NUMBER, READ, 0)]
    assert here.twins(operation)[0].channel == "rcs"


async def test_a_handset_that_was_set_up_without_rcs(field: "Callable[..., Field]") -> None:
    """Has none, whatever other way there is."""
    here = field("manual")
    here.pool("RCS")
    here.handset(NUMBER)
    operation = await here.send(NUMBER, from_=None)
    await here.over()
    assert here.told(operation) == [(NUMBER, ("queued", "failed"), 61337)]


async def test_the_next_address_is_tried(field: "Callable[..., Field]") -> None:
    """Where one was lost on its way; the first to arrive ends it."""
    here = field("manual")
    here.pool("SMS", "WHATSAPP")
    here.scenario(delivery=[{"when": {"channel": "whatsapp"}, "outcome": "undelivered"}])
    phone = {"address": NUMBER, "channel": "PHONE"}
    operation = await here.send({"addresses": [whatsapp(), phone]}, from_=None)
    await here.world.advance(0.2)
    assert operation.state(0) == "SENT"
    await here.world.advance(0.3)
    assert operation.state(0) == "SENT"  # a second attempt is under way
    await here.over()
    assert [to for to, _, _ in here.told(operation)] == [f"whatsapp:{NUMBER}", NUMBER]
    assert operation.state(0) == "DELIVERED"


async def test_the_last_one_decides(field: "Callable[..., Field]") -> None:
    """Where all are lost."""
    here = field("manual")
    here.pool("SMS", "RCS")
    here.handset(NUMBER, rcs=True)
    here.scenario(
        delivery=[
            {"when": {"channel": "rcs"}, "outcome": "undelivered", "error_code": 30003},
            {"when": {"channel": "sms"}, "outcome": "failed", "error_code": 30007},
        ]
    )
    operation = await here.send(NUMBER, from_=None)
    await here.over()
    assert [code for _, _, code in here.told(operation)] == [30003, 30007]
    assert operation.state(0) == "FAILED"
    assert operation.status == "COMPLETED"


async def test_without_a_way(field: "Callable[..., Field]") -> None:
    """No message, no attempt: the recipient is unaddressable."""
    here = field("manual")
    here.pool("SMS")
    operation = await here.send(NUMBER, whatsapp(), from_=None)
    await here.over()
    stats = operation.tally.stats()
    assert (stats["total"], stats["recipients"], stats["unaddressable"]) == (1, 2, 1)
    assert (stats["attempts"], stats["delivered"]) == (1, 1)
    assert operation.status == "COMPLETED"


async def test_all_ways_in_one_instant(field: "Callable[..., Field]") -> None:
    """An attempt that fails where the one before it failed is not lost sight of."""
    here = field("manual")
    here.pool("SMS", "RCS")
    here.give(opt_outs=[{"from": "+15005550006", "to": NUMBER}])
    operation = await here.send(NUMBER, from_=None)
    await here.over()
    assert [code for _, _, code in here.told(operation)] == [61337, 21610]
    assert operation.status == "COMPLETED"


async def test_of_several_senders_each_has_their_share(field: "Callable[..., Field]") -> None:
    """A recipient always gets the same one, in whatever operation."""
    here = field("manual")
    pool = await a_pool(here, "+15005550006", "+15017122661", "+15017122662")
    first, second = [await here.send(60, from_={"senderPoolId": pool}) for _ in range(2)]
    await here.over()
    senders = [message.from_ for message in here.twins(first)]
    assert senders == [message.from_ for message in here.twins(second)]
    assert min(senders.count(each) for each in set(senders)) > 8
    assert len(set(senders)) == 3


async def a_pool(field: "Field", *numbers: str) -> str:
    """The id of a pool of senders."""
    from mockserver.world.comms_senders import Senders
    from mockserver.world.sender_pools import SenderPools

    sandbox = field.world.sandbox
    account = sandbox.accounts.first
    made = [await Senders(sandbox, account).at("SMS", each) for each in numbers]
    ids = [{"senderId": each.id} for each in made if each is not None]
    await SenderPools(sandbox, account).create({"senders": ids})
    [pool] = field.tables.sender_pools
    return str(pool)


# When


async def test_lanes_hold_them_back(field: "Callable[..., Field]") -> None:
    """As any message of the sender: a segment a second from a long code."""
    here = field("manual")
    here.scenario(rates={"enabled": True})
    operation = await here.send(3)
    await here.world.advance(0.2)
    assert [operation.state(place) for place in range(3)] == ["SENT", "QUEUED", "QUEUED"]
    await here.world.advance(2)
    assert [operation.state(place) for place in range(3)] == ["DELIVERED", "DELIVERED", "SENT"]
    assert operation.status == "COMPLETED"
    before = [*here.tables.lanes.values()]
    await here.world.create(From="+15005550006")
    assert [*here.tables.lanes.values()] > before


async def test_a_full_queue(field: "Callable[..., Field]") -> None:
    """Loses what finds no room: 30001."""
    here = field("manual")
    here.scenario(rates={"enabled": True, "queue_hours": 0.001})
    operation = await here.send(6)
    await here.over()
    codes = [code for _, _, code in here.told(operation)]
    assert codes == [0, 0, 0, 30001, 30001, 30001]


async def test_media_are_fetched(field: "Callable[..., Field]") -> None:
    """By the classic engine: such an attempt is an ordinary message from the beginning."""
    here = field("manual")
    media = {"text": "Look", "media": [{"url": "http://media.example/a.png"}]}
    operation = await here.send(2, content=media)
    await here.over()
    twins = here.twins(operation)
    assert [each.channel for each in twins] == ["mms", "mms"]
    assert all(here.tables.messages.owns(each.sid) for each in twins)
    assert {*operation.attempts.taken} == {OVER}
    assert [operation.state(place) for place in range(2)] == ["DELIVERED", "DELIVERED"]


# WhatsApp


async def test_free_text_outside_a_session(field: "Callable[..., Field]") -> None:
    """Is undelivered with 63016, where that window is in force."""
    here = field("manual")
    here.pool("WHATSAPP")
    here.scenario(options={"whatsapp_session": 86_400})
    here.tables.heard[f"whatsapp:{NUMBER} whatsapp:+15005550007"] = here.world.now
    operation = await here.send(whatsapp(), whatsapp("+14155550101"), from_=None)
    await here.over()
    assert [code for _, _, code in here.told(operation)] == [0, 63016]
    assert [operation.state(place) for place in range(2)] == ["DELIVERED", "UNDELIVERED"]
