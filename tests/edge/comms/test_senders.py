"""`/Senders`: what the account can send from, by id, by address, and for a recipient."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.numbers import Number

if TYPE_CHECKING:
    from tests.edge.comms.conftest import AtComms, Comms

FIRST, SECOND = "+14155550101", "+14155550102"
RCS, WHATSAPP = "rcs:brand_agent", "whatsapp:+14155550103"
PERSON = {"address": "+14155552671", "channel": "PHONE"}
NOBODY = "comms_sender_01h9krwprkeee8fzqspvwy6nq8"


# Lists and single ones


async def test_the_inventory(comms: "Comms") -> None:
    """Numbers, short codes, RCS agents and WhatsApp senders, without the prefix of a channel."""
    tables = comms.caller.sandbox.tables
    tables.numbers["12345"] = Number("12345", DEFAULT_SID, friendly_name="Short")
    tables.numbers["messenger:page"] = Number("messenger:page", DEFAULT_SID)
    found = (await comms.get("/Senders")).json["senders"]
    assert {(each["channel"], each["address"], each["displayName"]) for each in found} == {
        ("SMS", FIRST, None),
        ("SMS", SECOND, None),
        ("SMS", "12345", "Short"),
        ("RCS", "brand_agent", None),
        ("WHATSAPP", "+14155550103", None),
    }
    assert {each["status"] for each in found} == {"ACTIVATED"}
    assert {each["createdAt"] for each in found} == {"2026-12-01T00:00:00Z"}


async def test_one(comms: "Comms") -> None:
    """The same as in the list."""
    everyone = (await comms.get("/Senders")).json["senders"]
    for each in everyone:
        assert (await comms.get(f"/Senders/{each['id']}")).json == each


@pytest.mark.parametrize("sender", [NOBODY, "x", "comms_senderpool_01h9krwprkeee8fzqspvwy6nq8"])
async def test_unknown_ones(comms: "Comms", sender: str) -> None:
    """404 in the form of this host alone, also for what is no id."""
    answer = await comms.get(f"/Senders/{sender}")
    assert (answer.status, comms.faults(answer)) == (404, [(20404, "null")])
    assert answer.json["errors"][0]["message"] == "The resource was not found."


async def test_ids_stay(comms: "Comms") -> None:
    """A number keeps its id while it is there, whatever else comes and goes."""
    before = await comms.senders()
    tables = comms.caller.sandbox.tables
    del tables.numbers[SECOND]
    tables.numbers["+14155550109"] = Number("+14155550109", DEFAULT_SID)
    after = await comms.senders()
    assert after[FIRST] == before[FIRST]
    assert len({*before.values(), *after.values()}) == 5
    assert (await comms.get(f"/Senders/{before[SECOND]}")).status == 404


async def test_newest_first(comms: "Comms") -> None:
    """By id, and so by time: what was set up is the oldest."""
    bought = Number("+14155550108", DEFAULT_SID, created_at=1_796_083_200_000_000)
    comms.caller.sandbox.tables.numbers[bought.phone_number] = bought
    found = [each["id"] for each in (await comms.get("/Senders")).json["senders"]]
    assert found == sorted(found, reverse=True)
    assert (await comms.senders())[bought.phone_number] == found[0]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"channel": "SMS"}, {FIRST, SECOND}),
        ({"channel": "rcs"}, {"brand_agent"}),
        ({"channel": "PUSH"}, set()),
        ({"channel": "SMS", "status": "DEACTIVATED"}, {SECOND}),
        ({"status": "activated", "channel": "sms"}, {FIRST}),
        ({"startDate": "2026-12-01T00:00:00.000001Z", "channel": "SMS"}, set()),
        ({"channel": ""}, {FIRST, SECOND, "brand_agent", "+14155550103"}),
    ],
)
async def test_filters(comms: "Comms", query: dict[str, str], expected: set[str]) -> None:
    """In any case; a number that takes no texts is deactivated; an empty one is none."""
    comms.caller.sandbox.tables.numbers[SECOND] = Number(SECOND, DEFAULT_SID, sms=False)
    assert (await comms.senders(**query)).keys() == expected


async def test_other_accounts(comms: "Comms") -> None:
    """Nobody sees those of somebody else, nor by their ids."""
    own = await comms.senders()
    comms.caller.auth = comms.other_account()
    assert await comms.senders() == {}
    assert (await comms.get(f"/Senders/{own[FIRST]}")).status == 404


# Search


async def test_search(comms: "Comms") -> None:
    """By exactly this address on this channel; the other channel has none."""
    own = await comms.senders()
    answer = await comms.post("/Senders/Search", {"address": FIRST, "channel": "sms"})
    assert [each["id"] for each in answer.json["senders"]] == [own[FIRST]]
    assert answer.json["pagination"]["next"] is None
    for asked in ({"status": "DEACTIVATED"}, {"channel": "EMAIL"}, {"address": "(415) 555-0101"}):
        answer = await comms.post("/Senders/Search", {"address": FIRST, "channel": "SMS", **asked})
        assert answer.json["senders"] == []


@pytest.mark.parametrize(
    ("channel", "address"),
    [("SMS", "+14155550199"), ("SMS", "ACME"), ("RCS", "my_agent"), ("WHATSAPP", "+4915123456789")],
)
async def test_a_sender_that_nobody_set_up(comms: "Comms", channel: str, address: str) -> None:
    """It counts as owned where it is well-formed: it is there from then on, under one id."""
    asked = {"channel": channel, "address": address}
    [made] = (await comms.post("/Senders/Search", asked)).json["senders"]
    [again] = (await comms.post("/Senders/Search", asked)).json["senders"]
    assert made == again
    assert (await comms.senders())[address] == made["id"]
    assert (await comms.get(f"/Senders/{made['id']}")).json == made


async def test_an_account_each(comms: "Comms") -> None:
    """Two accounts that ask for one address get a sender each, but not each other's numbers."""
    asked = {"channel": "SMS", "address": "+14155550199"}
    [own] = (await comms.post("/Senders/Search", asked)).json["senders"]
    comms.caller.auth = comms.other_account()
    [others] = (await comms.post("/Senders/Search", asked)).json["senders"]
    assert own["id"] != others["id"]
    taken = await comms.post("/Senders/Search", {"channel": "SMS", "address": FIRST})
    assert taken.json["senders"] == []


async def test_strict_senders(at_comms: "AtComms") -> None:
    """Only what was set up is found; resolving names each address that is not owned."""
    comms = await at_comms(strict_senders=True)
    asked = {"channel": "SMS", "address": "+14155550199"}
    assert (await comms.post("/Senders/Search", asked)).json["senders"] == []
    senders = [asked, {"channel": "RCS", "address": "nobody"}, {"channel": "SMS", "address": FIRST}]
    answer = await comms.post(
        "/Senders/Resolve", {"recipientAddresses": [PERSON], "senderAddresses": senders}
    )
    assert answer.status == 400
    assert comms.faults(answer) == [
        (21606, "$.senderAddresses[0].address"),
        (63007, "$.senderAddresses[1].address"),
    ]


async def test_a_refusal_makes_no_senders(comms: "Comms") -> None:
    """Those beside an address that is refused are not there afterwards."""
    before = await comms.senders()
    named = [{"channel": "SMS", "address": each} for each in ("+14155550177", "no number at all")]
    answer = await comms.post(
        "/Senders/Resolve", {"recipientAddresses": [PERSON], "senderAddresses": named}
    )
    assert comms.faults(answer) == [(21606, "$.senderAddresses[1].address")]
    assert await comms.senders() == before


async def test_a_bought_number_takes_over(comms: "Comms") -> None:
    """The sender that was asked for before keeps its id, and is not there twice."""
    asked = {"channel": "SMS", "address": "+14155550199"}
    [made] = (await comms.post("/Senders/Search", asked)).json["senders"]
    comms.caller.sandbox.tables.numbers["+14155550199"] = Number("+14155550199", DEFAULT_SID)
    found = [each["id"] for each in (await comms.get("/Senders")).json["senders"]]
    assert found.count(made["id"]) == 1
    assert len(found) == 5


# Resolve


async def resolved(comms: "Comms", **asked: Any) -> list[tuple[str, str, int]]:
    """Channel, address and priority of each pair."""
    answer = await comms.post("/Senders/Resolve", {"recipientAddresses": [PERSON], **asked})
    assert answer.status == 200, answer.body
    return [
        (each["from"]["channel"], each["from"]["address"], each["priority"])
        for each in answer.json["results"]
    ]


async def test_the_best_pairs(comms: "Comms") -> None:
    """The recipient's addresses in their order, RCS before SMS; WhatsApp only to WhatsApp."""
    found = await resolved(comms)
    assert [channel for channel, _, _ in found] == ["RCS", "SMS", "SMS"]
    assert [priority for _, _, priority in found] == [0, 1, 1]
    both = [{**PERSON, "channel": "WHATSAPP"}, PERSON, {"address": "a@b.c", "channel": "EMAIL"}]
    found = await resolved(comms, recipientAddresses=both)
    assert [channel for channel, _, _ in found] == ["WHATSAPP", "RCS", "SMS", "SMS"]


async def test_channel_controls(comms: "Comms") -> None:
    """`filterIn` limits, `priority` orders, low first; what it leaves out comes last."""
    rank = [{"channel": "sms", "priority": 3}, {"channel": "RCS", "priority": 7}]
    found = await resolved(comms, channels={"priority": rank})
    assert [(channel, priority) for channel, _, priority in found] == [
        ("SMS", 3),
        ("SMS", 3),
        ("RCS", 7),
    ]
    found = await resolved(comms, channels={"priority": rank[:1]})
    assert [(channel, priority) for channel, _, priority in found][-1] == ("RCS", 4)
    found = await resolved(comms, channels={"filterIn": ["RCS"]})
    assert found == [("RCS", "brand_agent", 0)]
    assert len(await resolved(comms, channels={"filterIn": []})) == 3


async def test_candidates(comms: "Comms") -> None:
    """The senders of a pool, or those that are named; email and push have none here."""
    own = await comms.senders()
    pool = await comms.pool(own[SECOND], own["+14155550103"])
    assert await resolved(comms, senderPoolId=pool["id"]) == [("SMS", SECOND, 0)]
    credential = "comms_credential_01h9krwprkeee8fzqspvwy6nq8"
    named = [
        {"address": FIRST, "channel": "SMS"},
        {"address": "+14155550177", "channel": "SMS"},
        {"address": "a@b.c", "name": "A"},
        {"fcm": credential},
        {"apn": credential},
    ]
    found = await resolved(comms, senderAddresses=named)
    assert {address for _, address, _ in found} == {FIRST, "+14155550177"}


async def test_ten_at_most(comms: "Comms") -> None:
    """However many there are; one that is deactivated is none of them."""
    tables = comms.caller.sandbox.tables
    for digits in range(10, 30):
        number = f"+141555502{digits}"
        tables.numbers[number] = Number(number, DEFAULT_SID)
    assert len(await resolved(comms)) == 10
    del tables.numbers[RCS], tables.numbers[WHATSAPP]
    for number in list(tables.numbers):
        tables.numbers[number] = Number(number, DEFAULT_SID, sms=False)
    assert await resolved(comms) == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"recipientAddresses": None}, [(20001, "$.recipientAddresses")]),
        ({"recipientAddresses": []}, [(20001, "$.recipientAddresses")]),
        ({"recipientAddresses": [PERSON] * 101}, [(20001, "$.recipientAddresses")]),
        (
            {"recipientAddresses": [{"address": "", "channel": "x"}, PERSON]},
            [
                (20001, "$.recipientAddresses[0].address"),
                (20001, "$.recipientAddresses[0].channel"),
            ],
        ),
        (
            {"recipientAddresses": [{**PERSON, "address": "415"}, {"address": "+1"}]},
            [
                (20001, "$.recipientAddresses[1].channel"),
                (21614, "$.recipientAddresses[0].address"),
            ],
        ),
        ({"senderPoolId": "x"}, [(20001, "$.senderPoolId")]),
        ({"senderAddresses": [{"address": FIRST}]}, [(20001, "$.senderAddresses[0]")]),
        (
            {"senderAddresses": [{"address": "x y z 1234567890", "channel": "SMS"}]},
            [(21606, "$.senderAddresses[0].address")],
        ),
        ({"channels": {"filterIn": ["RCS", "RCS"]}}, [(20001, "$.channels.filterIn")]),
        (
            {"channels": {"priority": [{"channel": "RCS", "priority": -1}]}},
            [(20001, "$.channels.priority[0].priority")],
        ),
        (
            {"channels": {"priority": [{"channel": "RCS", "priority": 1}] * 2}},
            [(20001, "$.channels.priority")],
        ),
    ],
)
async def test_refused_resolves(
    comms: "Comms", asked: dict[str, Any], expected: list[tuple[int, str]]
) -> None:
    """Every fault at once, with its place."""
    whole = {"recipientAddresses": [PERSON], **asked}
    answer = await comms.post("/Senders/Resolve", {k: v for k, v in whole.items() if v is not None})
    assert (answer.status, comms.faults(answer)) == (400, expected)


async def test_unknown_pools(comms: "Comms") -> None:
    """404 with the place; a pool and addresses together are refused."""
    pool = "comms_senderpool_01h9krwprkeee8fzqspvwy6nq8"
    asked: dict[str, Any] = {"recipientAddresses": [PERSON], "senderPoolId": pool}
    answer = await comms.post("/Senders/Resolve", asked)
    assert (answer.status, comms.faults(answer)) == (404, [(20404, "$.senderPoolId")])
    both = {**asked, "senderAddresses": [{"address": FIRST, "channel": "SMS"}]}
    answer = await comms.post("/Senders/Resolve", both)
    assert (answer.status, comms.faults(answer)) == (400, [(20001, "$.senderAddresses")])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [(20001, "$.address"), (20001, "$.channel")]),
        ({"address": "", "channel": "FAX"}, [(20001, "$.address"), (20001, "$.channel")]),
        ({"address": FIRST, "channel": "SMS", "pageSize": 1001}, [(20001, "$.pageSize")]),
        ({"address": FIRST, "channel": "SMS", "pageToken": "x"}, [(20001, "$.pageToken")]),
        ([], [(20001, "null")]),
    ],
)
async def test_refused_searches(
    comms: "Comms", asked: Any, expected: list[tuple[int, str]]
) -> None:
    """Both fields must be there, and pages are asked for in the body."""
    answer = await comms.post("/Senders/Search", asked)
    assert (answer.status, sorted(comms.faults(answer))) == (400, expected)
