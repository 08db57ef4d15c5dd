"""Usage triggers over the wire: their life, what they show, and how they are refused."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.world.schema_files import load
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

BASE = f"/2010-04-01/Accounts/{DEFAULT_SID}/Usage/Triggers"
CHILD = "AC" + "c" * 32
USUAL = {
    "CallbackUrl": "https://example.com/hot",
    "TriggerValue": "50",
    "UsageCategory": "sms-outbound",
}
DAY = 86_400_000_000


@pytest.fixture
async def manual(serve: "Serve") -> "Caller":
    """A caller whose server checks its own answers, and whose clock stands at 2026-12-01."""
    return await serve(check_responses=True, clock="manual", seed=7)


async def made(caller: "Caller", **changes: str) -> dict[str, Any]:
    answer = await caller.post({**USUAL, **changes}, f"{BASE}.json")
    assert answer.status == 201, answer.body
    trigger: dict[str, Any] = answer.json
    return trigger


async def pass_days(caller: "Caller", days: float) -> None:
    await caller.sandbox.engine.advance(caller.sandbox.clock.now() + round(days * DAY))


async def test_a_trigger(manual: "Caller") -> None:
    """Every field, in order; the journal has the published name."""
    trigger = await made(manual)
    born, sid = "Tue, 01 Dec 2026 00:00:00 +0000", trigger["sid"]
    assert list(trigger.items()) == [
        ("account_sid", DEFAULT_SID),
        ("api_version", "2010-04-01"),
        ("callback_method", "POST"),
        ("callback_url", "https://example.com/hot"),
        ("current_value", "0"),
        ("date_created", born),
        ("date_fired", None),
        ("date_updated", born),
        ("friendly_name", None),
        ("recurring", "alltime"),
        ("sid", sid),
        ("trigger_by", "usage"),
        ("trigger_value", "50"),
        ("uri", f"{BASE}/{sid}.json"),
        ("usage_category", "sms-outbound"),
        (
            "usage_record_uri",
            f"{BASE.replace('Triggers', 'Records')}.json?Category=sms-outbound",
        ),
    ]
    assert list(trigger) == load("api/2010-04-01/UsageTrigger")["required"]
    assert manual.journal[-1].operation == "api.v2010.CreateUsageTrigger"


async def test_its_life(manual: "Caller") -> None:
    """Fetched, changed, deleted; the threshold cannot be changed."""
    trigger = await made(manual, FriendlyName="Hot", CallbackMethod="GET")
    assert (await manual.get(trigger["uri"])).json == trigger
    await pass_days(manual, 1)
    form = {"FriendlyName": "Cold", "CallbackUrl": "http://example.org/", "TriggerValue": "9"}
    changed = (await manual.post(form, trigger["uri"])).json
    assert changed == {
        **trigger,
        "friendly_name": "Cold",
        "callback_url": "http://example.org/",
        "date_updated": "Wed, 02 Dec 2026 00:00:00 +0000",
    }
    assert "`TriggerValue` is not a parameter" in manual.journal[-1].warnings[0]
    assert (await manual.call("DELETE", trigger["uri"])).status == 204
    for method in ("GET", "POST", "DELETE"):
        assert (await manual.call(method, trigger["uri"])).code == 20404


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, "3"),
        ({"TriggerBy": "count"}, "3"),
        ({"TriggerBy": "price"}, "0.0237"),
        ({"UsageCategory": "totalprice"}, "0.0237"),
        ({"Recurring": "alltime"}, "3"),
        ({"Recurring": "daily"}, "1"),
        ({"Recurring": "monthly"}, "2"),
        ({"Recurring": "yearly"}, "2"),
        ({"UsageCategory": "calls"}, "0"),
    ],
)
async def test_what_is_used_now(manual: "Caller", form: dict[str, str], expected: str) -> None:
    """Since ever, or in the present day, month or year."""
    for days in (31, 1, 0.5):
        await manual.create()
        await pass_days(manual, days)
    trigger = await made(manual, **form)
    assert trigger["current_value"] == expected
    assert (await manual.get(f"{BASE}.json")).json["usage_triggers"] == [trigger]


async def test_offsets(manual: "Caller") -> None:
    """So much more than is used when it is made."""
    await manual.create()
    await pass_days(manual, 1)
    assert (await made(manual, TriggerValue="+30"))["trigger_value"] == "31"
    by_price = await made(manual, TriggerValue="+0.5", TriggerBy="price")
    assert by_price["trigger_value"] == "0.5079"


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"CallbackUrl": ""}, 20001, "Missing required parameter CallbackUrl"),
        ({"TriggerValue": ""}, 20001, "Missing required parameter TriggerValue"),
        ({"UsageCategory": ""}, 20001, "Missing required parameter UsageCategory"),
        ({"TriggerValue": "-1"}, 20001, "positive number"),
        ({"TriggerValue": "0"}, 20001, "positive number"),
        ({"TriggerValue": "many"}, 20001, "positive number"),
        ({"TriggerValue": "NaN"}, 20001, "positive number"),
        ({"UsageCategory": "a b"}, 20001, "usage category"),
        ({"CallbackUrl": "example.com"}, 20422, ""),
        ({"CallbackMethod": "PUT"}, 20422, ""),
        ({"Recurring": "weekly"}, 20422, ""),
        ({"TriggerBy": "weight"}, 20422, ""),
        ({"FriendlyName": "x" * 65}, 20002, ""),
    ],
)
async def test_refusals(manual: "Caller", changes: dict[str, str], code: int, said: str) -> None:
    """Nothing is made."""
    answer = await manual.post({**USUAL, **changes}, f"{BASE}.json")
    assert (answer.status, answer.code) == (400, code)
    assert said in answer.json["message"]
    assert not manual.sandbox.tables.usage_triggers


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "dmx-"),
        ("Recurring=daily", "d"),
        ("Recurring=alltime", "x-"),
        ("Recurring=", "x-"),
        ("TriggerBy=price", "m"),
        ("UsageCategory=mms", "x"),
        ("Recurring=weekly", ""),
    ],
)
async def test_lists(manual: "Caller", query: str, expected: str) -> None:
    """Newest first, by their filters."""
    await made(manual, FriendlyName="-")
    await made(manual, FriendlyName="x", Recurring="alltime", UsageCategory="mms")
    await made(manual, FriendlyName="m", Recurring="monthly", TriggerBy="price")
    await made(manual, FriendlyName="d", Recurring="daily")
    page = (await manual.get(f"{BASE}.json?{query}")).json
    assert "".join(each["friendly_name"] for each in page["usage_triggers"]) == expected


async def test_pages(manual: "Caller") -> None:
    """Nothing twice, nothing left out, also where one was deleted meanwhile."""
    sids = [(await made(manual))["sid"] for _ in range(5)]
    first = (await manual.get(f"{BASE}.json?PageSize=2")).json
    await manual.call("DELETE", f"{BASE}/{sids[3]}.json")
    second = (await manual.get(first["next_page_uri"])).json
    shown = [each["sid"] for page in (first, second) for each in page["usage_triggers"]]
    assert shown == sids[:0:-1]


async def test_whose_they_are(manual: "Caller") -> None:
    """A subaccount's are its own."""
    manual.sandbox.accounts.set_up(Account(CHILD, "t" * 32, owner_account_sid=DEFAULT_SID), Unit())
    answer = await manual.post(USUAL, f"{BASE.replace(DEFAULT_SID, CHILD)}.json")
    assert answer.json["account_sid"] == CHILD
    assert (await manual.get(f"{BASE}.json")).json["usage_triggers"] == []
    assert (await manual.get(f"{BASE}/{answer.json['sid']}.json")).code == 20404


async def test_a_fork_has_them(manual: "Caller") -> None:
    """Snapshots carry them, under the account's other name."""
    trigger = await made(manual, FriendlyName="Hot")
    taken = manual.sandbox.snapshot()
    manual.sandbox.restore(taken, manual.sandbox.rules.scenario)
    assert (await manual.get(trigger["uri"])).json == trigger


async def test_xml(manual: "Caller") -> None:
    """Without `.json`."""
    trigger = await made(manual)
    answer = await manual.get(trigger["uri"].removesuffix(".json"))
    assert b"<TwilioResponse><UsageTrigger><AccountSid>" in answer.body


async def test_a_json_body_is_no_form(manual: "Caller") -> None:
    """It is not read, and the journal says so."""
    kind = {"Content-Type": "application/json"}
    answer = await manual.call("POST", f"{BASE}.json", json.dumps(USUAL).encode(), kind)
    assert answer.code == 20001
    assert "which this API does not read" in manual.journal[-1].warnings[0]
