"""Notifications: Monitor's alerts as the v2010 API shows them."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.domain.faults import DeliveryRule, When
from mockserver.world.journal import Alert
from mockserver.world.schema_files import load
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

BASE = f"/2010-04-01/Accounts/{DEFAULT_SID}/Notifications"
CHILD = "AC" + "c" * 32
DAY = 86_400_000_000


@pytest.fixture
async def manual(serve: "Serve") -> "Caller":
    """A caller whose server checks its own answers, and whose clock stands still."""
    return await serve(check_responses=True, clock="manual", seed=7)


async def listed(caller: "Caller", **query: str) -> list[dict[str, Any]]:
    answer = await caller.get(f"{BASE}.json", **query)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["notifications"]
    return found


async def test_a_refused_create(manual: "Caller") -> None:
    """Every field, in order; the single one has the API call and its answer."""
    assert (await manual.create(To="1")).code == 21211
    [found] = await listed(manual)
    at = "Tue, 01 Dec 2026 00:00:00 +0000"
    assert list(found.items()) == [
        ("account_sid", DEFAULT_SID),
        ("api_version", "2010-04-01"),
        ("call_sid", None),
        ("date_created", at),
        ("date_updated", at),
        ("error_code", "21211"),
        ("log", "0"),
        ("message_date", at),
        ("message_text", "LogLevel=ERROR&Msg=Invalid+%27To%27+Phone+Number%3A+1&ErrorCode=21211"),
        ("more_info", "https://www.twilio.com/docs/errors/21211"),
        ("request_method", "POST"),
        ("request_url", f"https://api.twilio.com{manual.path}"),
        ("sid", found["sid"]),
        ("uri", f"{BASE}/{found['sid']}.json"),
    ]
    whole = (await manual.get(found["uri"])).json
    assert list(whole) == list(load("api/2010-04-01/Notification")["properties"])
    assert whole["request_variables"] == "To=1&From=%2B15017122661&Body=Ahoy"
    assert '"code": 21211' in whole["response_body"]
    operations = [entry.operation for entry in manual.journal[-2:]]
    assert operations == ["api.v2010.ListNotification", "api.v2010.FetchNotification"]


async def test_a_message_that_failed(manual: "Caller") -> None:
    """There was no request: the method is null, the rest is empty."""
    manual.sandbox.rules.add(DeliveryRule("d", When(), "failed", 30008))
    await manual.create()
    await manual.sandbox.engine.advance(manual.sandbox.clock.now() + DAY)
    [found] = await listed(manual)
    whole = (await manual.get(found["uri"])).json
    assert (whole["request_method"], whole["request_url"], whole["response_body"]) == (None, "", "")
    assert whole["error_code"] == "30008"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [11200, 21609, 11200]),
        ({"Log": "0"}, [11200, 11200]),
        ({"Log": "1"}, [21609]),
        ({"Log": "2"}, []),
        ({"MessageDate": "2026-12-02"}, [21609]),
        ({"MessageDate": "2026-12-02T10:00:00Z"}, [21609]),
        ({"MessageDate<": "2026-12-02"}, [21609, 11200]),
        ({"MessageDate>": "2026-12-02"}, [11200, 21609]),
        ({"MessageDate>": "2026-12-02", "MessageDate<": "2026-12-02"}, [21609]),
        ({"MessageDate": "some day"}, [11200, 21609, 11200]),
    ],
)
async def test_filters(manual: "Caller", query: dict[str, str], expected: list[int]) -> None:
    """By level and day, as lists of messages are."""
    start = manual.sandbox.clock.now()
    for day, code in enumerate((11200, 21609, 11200)):
        sid = f"NO{day:032x}"
        alert = Alert(sid, start + day * DAY, code, "", DEFAULT_SID, account_sid=DEFAULT_SID)
        manual.sandbox.journal.alerts.append(alert)
    assert [int(each["error_code"]) for each in await listed(manual, **query)] == expected


async def test_pages(manual: "Caller") -> None:
    """There and back."""
    for number in range(5):
        await manual.create(To=str(number))
    everything = [each["sid"] for each in await listed(manual)]
    found, uri = [], f"{BASE}.json?Log=0&PageSize=2"
    while uri:
        page = (await manual.get(uri)).json
        found += [each["sid"] for each in page["notifications"]]
        uri, back = page["next_page_uri"], page["previous_page_uri"]
    assert found == everything
    shown = (await manual.get(back)).json["notifications"]
    assert [each["sid"] for each in shown] == everything[2:4]


@pytest.mark.parametrize(
    ("query", "code"),
    [("Page=1", 20001), (f"Page=1&PageToken=PANO{'0' * 32}", 21481), ("PageSize=1001", 20007)],
)
async def test_refused_pages(manual: "Caller", query: str, code: int) -> None:
    """As everywhere on this host."""
    answer = await manual.get(f"{BASE}.json?{query}")
    assert (answer.status, answer.code) == (400, code)


async def test_whose_they_are(manual: "Caller") -> None:
    """A subaccount's are at its own address, where its parent may look."""
    manual.sandbox.accounts.set_up(Account(CHILD, "t" * 32, owner_account_sid=DEFAULT_SID), Unit())
    path = manual.path.replace(DEFAULT_SID, CHILD)
    assert (await manual.post({"To": "1", "From": "2", "Body": "x"}, path)).status == 400
    assert await listed(manual) == []
    [found] = (await manual.get(f"{BASE.replace(DEFAULT_SID, CHILD)}.json")).json["notifications"]
    assert found["account_sid"] == CHILD
    assert (await manual.get(f"{BASE}/{found['sid']}.json")).code == 20404


async def test_unknown_ones(manual: "Caller") -> None:
    """404; they cannot be deleted."""
    path = f"{BASE}/NO{'0' * 32}.json"
    assert (await manual.get(path)).code == 20404
    assert (await manual.call("DELETE", path)).code == 20004


async def test_xml(manual: "Caller") -> None:
    """Without `.json`."""
    await manual.create(To="1")
    answer = await manual.get(BASE)
    assert answer.body.startswith(b"<?xml version='1.0'")
    assert b"<Notification><AccountSid>" in answer.body
    [found] = await listed(manual)
    answer = await manual.get(f"{BASE}/{found['sid']}")
    assert b"<TwilioResponse><Notification><AccountSid>" in answer.body
