"""Alerts over the wire: fields, filters, pages, whose they are, and the same as notifications."""

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN, Account
from mockserver.world.schema_files import load
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve, Webhook

ALERTS = "/v1/Alerts"
CHILD = "AC" + "c" * 32
SERVICE = "MG" + "a" * 32


async def listed(caller: "Caller", **query: str) -> list[dict[str, Any]]:
    answer = await caller.get(ALERTS, **query)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["alerts"]
    return found


async def codes(caller: "Caller", **query: str) -> list[int]:
    return [int(alert["error_code"]) for alert in await listed(caller, **query)]


async def test_a_refused_create(monitor: "Caller", refused: Any) -> None:
    """About the account; the single one has the API call and its answer, the secret left out."""
    await refused(monitor, "1")
    [alert] = await listed(monitor)
    assert alert == {
        "account_sid": DEFAULT_SID,
        "alert_text": "LogLevel=ERROR&Msg=Invalid+%27To%27+Phone+Number%3A+1&ErrorCode=21211",
        "api_version": "2010-04-01",
        "date_created": "2026-12-01T00:00:00Z",
        "date_generated": "2026-12-01T00:00:00Z",
        "date_updated": "2026-12-01T00:00:00Z",
        "error_code": "21211",
        "log_level": "error",
        "more_info": "https://www.twilio.com/docs/errors/21211",
        "request_method": "POST",
        "request_url": f"https://api.twilio.com{monitor.path}",
        "resource_sid": DEFAULT_SID,
        "service_sid": None,
        "sid": alert["sid"],
        "url": f"https://monitor.twilio.com/v1/Alerts/{alert['sid']}",
    }
    whole = (await monitor.get(f"{ALERTS}/{alert['sid']}")).json
    assert {name: whole[name] for name in alert} == alert
    assert list(whole) == list(load("monitor/v1/Alert")["properties"])
    assert whole["request_variables"] == "To=1&From=%2B15017122661&Body=Ahoy"
    assert f"Basic {DEFAULT_SID}:***" in dict(parse_qsl(whole["request_headers"])).values()
    assert '"code": 21211' in whole["response_body"]
    assert ("X-Twilio-Error-Code", "21211") in parse_qsl(whole["response_headers"])
    operations = [entry.operation for entry in monitor.journal[-2:]]
    assert operations == ["monitor.v1.ListAlert", "monitor.v1.FetchAlert"]


async def test_a_call_that_the_journal_has_dropped(monitor: "Caller", refused: Any) -> None:
    """What is known of the alert itself stays."""
    await refused(monitor, "1")
    monitor.sandbox.journal.requests.clear()
    [alert] = await listed(monitor)
    assert (alert["request_url"], alert["request_method"]) == (None, None)
    whole = (await monitor.get(f"{ALERTS}/{alert['sid']}")).json
    assert (whole["request_variables"], whole["response_body"]) == (None, None)


async def test_a_message_that_failed(monitor: "Caller", fails: Any) -> None:
    """About the message, and its service; there was no request."""
    sid = await fails(monitor, 30003, MessagingServiceSid=SERVICE, From="+14152000001")
    [alert] = await listed(monitor)
    assert (alert["resource_sid"], alert["service_sid"]) == (sid, SERVICE)
    assert alert["alert_text"] == (
        "LogLevel=ERROR&Msg=Unreachable+destination+handset&ErrorCode=30003"
    )
    assert (alert["request_url"], alert["request_method"]) == (None, None)


async def test_a_webhook_that_failed(serve: "Serve", webhook: "Webhook") -> None:
    """The single one has what was posted, and what was answered."""
    caller = await serve(check_responses=True)
    webhook.answers = [500]
    sid = (await caller.create(StatusCallback=webhook.url)).json["sid"]
    await caller.settled()
    caller.host = "monitor.twilio.com"
    [alert] = await listed(caller)
    assert (alert["resource_sid"], alert["request_url"]) == (sid, webhook.url)
    whole = (await caller.get(f"{ALERTS}/{alert['sid']}")).json
    assert ("MessageStatus", "sent") in parse_qsl(whole["request_variables"])
    assert "X-Twilio-Signature" in dict(parse_qsl(whole["request_headers"]))
    assert whole["response_headers"] == "Content-Length=0"
    assert ("httpResponse", "500") in parse_qsl(whole["alert_text"])


async def test_the_order(monitor: "Caller", refused: Any, fails: Any) -> None:
    """Newest first."""
    await refused(monitor, "1")
    await fails(monitor, 30008)
    await refused(monitor, "3")
    assert await codes(monitor) == [21211, 30008, 21211]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"LogLevel": "error"}, [30007, 30006, 30003]),
        ({"LogLevel": "warning"}, []),
        ({"StartDate": "2026-12-02"}, [30007, 30006]),
        ({"EndDate": "2026-12-02"}, [30006, 30003]),
        ({"StartDate": "2026-12-02", "EndDate": "2026-12-02"}, [30006]),
        ({"StartDate": "2026-12-02T00:00:00Z"}, [30007, 30006]),
        ({"EndDate": "2026-12-01T23:59:59Z"}, [30003]),
        ({"StartDate": "some day"}, [30007, 30006, 30003]),
    ],
)
async def test_filters(
    monitor: "Caller", fails: Any, query: dict[str, str], expected: list[int]
) -> None:
    """By level and time; a date that cannot be read is none."""
    for code in (30003, 30006, 30007):
        await fails(monitor, code, 86_400)
    assert await codes(monitor, **query) == expected


async def test_a_level_that_there_is_not(monitor: "Caller", refused: Any) -> None:
    """It finds nothing, and the journal says why."""
    await refused(monitor, "1")
    assert await codes(monitor, LogLevel="fatal") == []
    assert "`fatal` is no LogLevel" in monitor.journal[-1].warnings[0]


async def test_pages(monitor: "Caller", refused: Any) -> None:
    """There and back, with the filters in every address."""
    await refused(monitor, *"12345")
    everything = [alert["sid"] for alert in await listed(monitor)]
    path = f"{ALERTS}?LogLevel=error&PageSize=2"
    found, pages = [], 0
    while path:
        page = (await monitor.get(path)).json
        meta, pages = page["meta"], pages + 1
        found += [alert["sid"] for alert in page["alerts"]]
        assert (meta["key"], meta["page_size"], meta["page"]) == ("alerts", 2, pages - 1)
        assert "LogLevel=error&PageSize=2" in meta["url"]
        path = (meta["next_page_url"] or "").removeprefix("https://monitor.twilio.com")
    assert (found, pages) == (everything, 3)
    back = meta["previous_page_url"].removeprefix("https://monitor.twilio.com")
    shown = [alert["sid"] for alert in (await monitor.get(back)).json["alerts"]]
    assert shown == everything[2:4]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("Page=1", 70002),
        (f"Page=1&PageToken=PANO{'0' * 32}", 21481),
        ("PageToken=x", 21481),
        ("PageSize=1001", 20007),
    ],
)
async def test_refused_pages(monitor: "Caller", query: str, code: int) -> None:
    """As on all hosts but api."""
    answer = await monitor.get(f"{ALERTS}?{query}")
    assert (answer.status, answer.code) == (400, code)


async def test_unknown_ones(monitor: "Caller") -> None:
    """404 without the version; other methods are not there."""
    answer = await monitor.get(f"{ALERTS}/NO{'0' * 32}")
    assert (answer.status, answer.code) == (404, 20404)
    assert answer.json["message"] == f"The requested resource /Alerts/NO{'0' * 32} was not found"
    assert (await monitor.call("DELETE", f"{ALERTS}/NO{'0' * 32}")).code == 20004
    assert (await monitor.get("/v1/Events")).code == 20404
    assert "which this mock does not serve" in monitor.journal[-1].warnings[0]


async def test_whose_they_are(monitor: "Caller", refused: Any) -> None:
    """A parent does not see its subaccounts', nor they its."""
    monitor.sandbox.accounts.set_up(Account(CHILD, "t" * 32, owner_account_sid=DEFAULT_SID), Unit())
    await refused(monitor, "1")
    [own] = await listed(monitor)
    monitor.auth = f"{CHILD}:{'t' * 32}"
    assert await listed(monitor) == []
    assert (await monitor.get(f"{ALERTS}/{own['sid']}")).code == 20404
    monitor.account = CHILD
    await refused(monitor, "2")
    assert [alert["account_sid"] for alert in await listed(monitor)] == [CHILD]
    monitor.auth = f"{DEFAULT_SID}:{DEFAULT_TOKEN}"
    assert [alert["sid"] for alert in await listed(monitor)] == [own["sid"]]


async def test_test_credentials(serve: "Serve") -> None:
    """They may not read them."""
    caller = await serve(account=(Account(CHILD, "t" * 32, mode="test"),))
    caller.host, caller.auth = "monitor.twilio.com", f"{CHILD}:{'t' * 32}"
    answer = await caller.get(ALERTS)
    assert (answer.status, answer.code) == (403, 20008)


@pytest.mark.parametrize(
    ("host", "prefix", "base"),
    [
        ("monitor.dublin.ie1.twilio.com", "", "https://monitor.dublin.ie1.twilio.com"),
        ("localhost:2010", "/monitor", "http://localhost:2010/monitor"),
    ],
)
async def test_other_ways_there(
    monitor: "Caller", refused: Any, host: str, prefix: str, base: str
) -> None:
    """Regions, and the short name as the first segment."""
    await refused(monitor, "1")
    monitor.host = host
    page = (await monitor.get(f"{prefix}{ALERTS}")).json
    assert page["meta"]["url"] == f"{base}/v1/Alerts?PageSize=50&Page=0"
    assert page["alerts"][0]["url"].startswith(f"{base}/v1/Alerts/NO")


async def test_a_reset_forgets_them(monitor: "Caller", refused: Any) -> None:
    """With everything else."""
    await refused(monitor, "1")
    monitor.sandbox.reset()
    assert await listed(monitor) == []
