"""Usage records over the wire: fields, filters, pages, refusals, whose they are."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.domain.usage import CATEGORIES
from mockserver.world.schema_files import load
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

BASE = f"/2010-04-01/Accounts/{DEFAULT_SID}/Usage/Records"
DAY = 86_400_000_000
CHILD = "AC" + "c" * 32


@pytest.fixture
async def manual(serve: "Serve") -> "Caller":
    """A caller whose server checks its own answers, and whose clock stands at 2026-12-01."""
    return await serve(check_responses=True, clock="manual", seed=7)


async def spend(caller: "Caller", days: float, *, messages: int = 1, **form: str) -> None:
    """Send some messages, then let days pass."""
    for _ in range(messages):
        assert (await caller.create(**form)).status == 201
    clock = caller.sandbox.clock
    await caller.sandbox.engine.advance(clock.now() + round(days * DAY))


async def records(caller: "Caller", name: str = "", **query: str) -> list[dict[str, Any]]:
    answer = await caller.get(f"{BASE}{name}.json", **query)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["usage_records"]
    return found


async def test_a_record(manual: "Caller") -> None:
    """Every field, in order, numbers as text; the journal has the published name."""
    await spend(manual, 1, Body="x" * 200, From="12345")
    [record] = await records(manual, Category="sms-outbound-shortcode")
    uris = record.pop("subresource_uris")
    assert record == {
        "account_sid": DEFAULT_SID,
        "api_version": "2010-04-01",
        "as_of": "2026-12-02T00:00:00+00:00",
        "category": "sms-outbound-shortcode",
        "count": "1",
        "count_unit": "messages",
        "description": "Short Code Outbound SMS",
        "end_date": "2026-12-02",
        "price": "0.0158",
        "price_unit": "usd",
        "start_date": "2026-12-01",
        "uri": f"{BASE}.json?Category=sms-outbound-shortcode"
        "&StartDate=2026-12-01&EndDate=2026-12-02",
        "usage": "1",
        "usage_unit": "messages",
    }
    assert uris["this_month"] == f"{BASE}/ThisMonth.json?Category=sms-outbound-shortcode"
    assert manual.journal[-1].operation == "api.v2010.ListUsageRecord"
    assert manual.journal[-1].warnings == []


async def test_key_order(manual: "Caller") -> None:
    """As captured."""
    [first, *_] = await records(manual)
    assert list(first) == load("api/2010-04-01/UsageRecord")["required"]
    subresources = load("api/2010-04-01/UsageRecord")["properties"]["subresource_uris"]
    assert list(first["subresource_uris"]) == subresources["required"]


async def test_every_category(manual: "Caller") -> None:
    """One record each, also where there is nothing; the total has a price alone."""
    found = await records(manual)
    assert [record["category"] for record in found] == list(CATEGORIES)
    assert {record["price"] for record in found} == {"0"}
    total = found[-1]
    assert (total["count"], total["count_unit"]) == (None, "")
    assert (total["usage"], total["usage_unit"]) == ("0", "usd")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", [("2026-12-01", "2027-01-02", "6")]),
        ("/AllTime", [("2026-12-01", "2027-01-02", "6")]),
        ("/Monthly", [("2027-01-01", "2027-01-02", "3"), ("2026-12-01", "2026-12-31", "3")]),
        ("/Yearly", [("2027-01-01", "2027-01-02", "3"), ("2026-12-01", "2026-12-31", "3")]),
        ("/Today", [("2027-01-02", "2027-01-02", "1")]),
        ("/Yesterday", [("2027-01-01", "2027-01-01", "2")]),
        ("/ThisMonth", [("2027-01-01", "2027-01-02", "3")]),
        ("/LastMonth", [("2026-12-01", "2026-12-31", "3")]),
    ],
)
async def test_periods(manual: "Caller", name: str, expected: list[tuple[str, str, str]]) -> None:
    """By the sandbox's clock, in GMT, the newest first."""
    await spend(manual, 31, messages=3)
    await spend(manual, 1, messages=2)
    await spend(manual, 0.5)
    found = await records(manual, name, Category="sms")
    assert [(x["start_date"], x["end_date"], x["count"]) for x in found] == expected
    assert manual.journal[-1].operation == f"api.v2010.ListUsageRecord{name[1:]}"


async def test_days(manual: "Caller") -> None:
    """One record a day, those without messages too."""
    for count in (1, 0, 2):
        await spend(manual, 1, messages=count)
    found = await records(manual, "/Daily", Category="sms-outbound-longcode")
    assert [(x["start_date"], x["count"]) for x in found] == [
        ("2026-12-04", "0"),
        ("2026-12-03", "2"),
        ("2026-12-02", "0"),
        ("2026-12-01", "1"),
    ]
    assert all(x["start_date"] == x["end_date"] for x in found)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"StartDate": "2026-12-02"}, "2"),
        ({"EndDate": "2026-12-01"}, "1"),
        ({"StartDate": "2026-12-01", "EndDate": "2026-12-02"}, "1"),
        ({"StartDate": "-1days"}, "2"),
        ({"StartDate": "-3days", "EndDate": "-2days"}, "1"),
        ({"EndDate": "+30days"}, "3"),
        ({"StartDate": "2026-12-03T12:00:00Z"}, "2"),
    ],
)
async def test_dates(manual: "Caller", query: dict[str, str], count: str) -> None:
    """Days, or offsets from today; both ends are included."""
    for messages in (1, 0, 2):
        await spend(manual, 1, messages=messages)
    [record] = await records(manual, Category="sms", **query)
    assert record["count"] == count


async def test_a_plus_that_was_not_encoded(manual: "Caller") -> None:
    """It comes as a space, and is meant all the same."""
    answer = await manual.get(f"{BASE}.json?Category=sms&EndDate=+2days")
    assert answer.json["usage_records"][0]["end_date"] == "2026-12-03"


@pytest.mark.parametrize(
    ("query", "status", "code", "said"),
    [
        ("StartDate=barfoobaz", 400, 20001, "Invalid StartDate"),
        ("EndDate=2026-13-01", 400, 20001, "Invalid EndDate"),
        ("StartDate=2026-12-02&EndDate=2026-12-01", 404, 20404, f"{BASE}.json was not found"),
        ("Category=s%20ms", 400, 20001, "Category must be"),
        ("PageSize=1001", 400, 20007, "Page size"),
        ("Page=1", 400, 20001, "PageToken is required"),
        (f"Page=1&PageToken=PASM{'a' * 32}", 400, 21481, ""),
        (f"Page=1&PageToken=PAUR{'0' * 32}", 400, 21481, ""),
        (f"Page=1&PageToken=PBUR{'f' * 32}", 400, 21481, ""),
    ],
)
async def test_refusals(manual: "Caller", query: str, status: int, code: int, said: str) -> None:
    """Dates as captured in 2016; pages as everywhere."""
    answer = await manual.get(f"{BASE}.json?{query}")
    assert (answer.status, answer.code) == (status, code)
    assert said in answer.json["message"]


async def test_categories_of_other_products(manual: "Caller") -> None:
    """They have a record of nothing, and the journal says so."""
    [record] = await records(manual, Category="pfax-minutes")
    assert (record["category"], record["count"], record["price"]) == ("pfax-minutes", "0", "0")
    await records(manual, Category="sms-outbond")
    assert [entry.warnings for entry in manual.journal] == [
        ["this mock counts no usage of category `pfax-minutes`"],
        ["this mock counts no usage of category `sms-outbond`: did you mean `sms-outbound`?"],
    ]


async def test_pages(manual: "Caller") -> None:
    """There and back, over days and categories; nothing twice, nothing left out."""
    await spend(manual, 3)
    everything = await records(manual, "/Daily", PageSize="1000")
    assert len(everything) == 4 * len(CATEGORIES)
    found, uri = [], f"{BASE}/Daily.json?PageSize=30"
    while uri:
        page = (await manual.get(uri)).json
        found += page["usage_records"]
        uri, back = page["next_page_uri"], page["previous_page_uri"]
    assert found == everything
    before = (await manual.get(back)).json["usage_records"]
    assert before == everything[-len(page["usage_records"]) - 30 :][:30]


async def test_no_days_no_records(manual: "Caller") -> None:
    """An empty page."""
    page = (await manual.get(f"{BASE}/Daily.json?StartDate=%2B5days")).json
    assert (page["usage_records"], page["next_page_uri"]) == ([], None)


async def test_subaccounts(manual: "Caller") -> None:
    """The parent's records include them unless it says otherwise; theirs are their own."""
    manual.sandbox.accounts.set_up(Account(CHILD, "t", owner_account_sid=DEFAULT_SID), Unit())
    await spend(manual, 1)
    child = manual.path.replace(DEFAULT_SID, CHILD)
    await manual.post({"To": "+14155552671", "From": "+15017122661", "Body": "x"}, child)
    await spend(manual, 1, messages=0)
    both = await records(manual, Category="sms")
    alone = await records(manual, Category="sms", IncludeSubaccounts="false")
    assert (both[0]["count"], alone[0]["count"]) == ("2", "1")
    answer = await manual.get(f"{BASE.replace(DEFAULT_SID, CHILD)}.json", Category="sms")
    [record] = answer.json["usage_records"]
    assert (record["count"], record["account_sid"]) == ("1", CHILD)


async def test_an_account_that_nobody_knows(manual: "Caller") -> None:
    """It has used nothing, today."""
    manual.auth = f"{CHILD}:secret"
    answer = await manual.get(f"{BASE.replace(DEFAULT_SID, CHILD)}/Daily.json", Category="sms")
    [record] = answer.json["usage_records"]
    assert (record["count"], record["start_date"]) == ("0", "2026-12-01")


async def test_test_credentials(serve: "Serve") -> None:
    """They may not read it."""
    caller = await serve(account=(Account(CHILD, "t" * 32, mode="test"),))
    caller.auth = f"{CHILD}:{'t' * 32}"
    answer = await caller.get(f"{BASE.replace(DEFAULT_SID, CHILD)}.json")
    assert (answer.status, answer.code) == (403, 20008)


async def test_xml(manual: "Caller") -> None:
    """Without `.json`."""
    answer = await manual.get(BASE, Category="sms")
    assert b"<UsageRecords page=" in answer.body
    assert b"<UsageRecord><AccountSid>" in answer.body
