"""Usage, notifications and alerts: the official client, and Twilio's published descriptions."""

import json
import urllib.parse
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from twilio.base.exceptions import TwilioException, TwilioRestException

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage, Stage, ToMock

OAI = Path(__file__).parents[3] / "shared/oai"
ME, YOU = "+15017122661", "+14155552671"
FAILS: Final = {"delivery": [{"outcome": "undelivered", "error_code": 30003}]}
PERIODS: Final = {
    "all_time": "AllTime",
    "daily": "Daily",
    "last_month": "LastMonth",
    "monthly": "Monthly",
    "this_month": "ThisMonth",
    "today": "Today",
    "yearly": "Yearly",
    "yesterday": "Yesterday",
}


@pytest.fixture
def on(stage: "MakeStage") -> "Stage":
    """A sandbox at 2026-12-01 whose messages all fail; two days on, it has sent three."""
    on = stage(FAILS, seed=7)
    for body, days in (("x" * 200, 1), ("y", 1), ("z", 0.5)):
        on.client.messages.create(to=YOU, from_=ME, body=body)
        on.advance(seconds=days * 86_400)
    return on


# -- the client ------------------------------------------------------------------------------------


def test_usage(on: "Stage") -> None:
    """As the library types it."""
    [record] = on.client.usage.records.list(category="sms-outbound-longcode")
    assert (record.count, record.usage, record.price) == ("3", "3", Decimal("0.0316"))
    assert (record.start_date, record.end_date) == (date(2026, 12, 1), date(2026, 12, 3))
    [total] = on.client.usage.records.list(category="totalprice", include_subaccounts=False)
    assert (total.price, total.count) == (Decimal("0.0316"), None)


@pytest.mark.parametrize(
    ("period", "counts"),
    [
        ("all_time", "3"),
        ("daily", "111"),
        ("last_month", "0"),
        ("monthly", "3"),
        ("this_month", "3"),
        ("today", "1"),
        ("yearly", "3"),
        ("yesterday", "1"),
    ],
)
def test_periods(on: "Stage", period: str, counts: str) -> None:
    """Each of the library's."""
    found = getattr(on.client.usage.records, period).list(category="sms")
    assert "".join(record.count for record in found) == counts


def test_dates(on: "Stage") -> None:
    """A date, or text with an offset."""
    records = on.client.usage.records
    for start in (date(2026, 12, 2), "-1days"):
        [record] = records.list(category="sms", start_date=start, end_date="+1days")
        assert (record.count, record.end_date) == ("2", date(2026, 12, 4))
    with pytest.raises(TwilioException, match="Invalid StartDate"):
        records.list(start_date="barfoobaz")


def test_streams(on: "Stage") -> None:
    """Over all pages, nothing twice."""
    daily = on.client.usage.records.daily
    found = [(record.category, record.start_date) for record in daily.stream(page_size=7)]
    assert len(found) == len(set(found)) == len(daily.list(page_size=1_000))


def test_triggers(on: "Stage") -> None:
    """Make, fetch, change, list, delete; each answer fits the description."""
    published, triggers = Published("twilio_api_v2010.json"), on.client.usage.triggers
    made = triggers.create(
        callback_url="https://example.com/", trigger_value="+30", usage_category="sms"
    )
    assert (made.current_value, made.trigger_value, made.date_fired) == ("3", "33", None)
    assert made.update(friendly_name="Hot").friendly_name == "Hot"
    path = "/2010-04-01/Accounts/{AccountSid}/Usage/Triggers"
    url = f"https://api.twilio.com{_at(on, path)}"
    published.check(f"{path}.json", json.loads(on.client.request("GET", f"{url}.json").text))
    single = json.loads(on.client.request("GET", f"{url}/{made.sid}.json").text)
    published.check(f"{path}/{{Sid}}.json", single)
    assert [each.sid for each in triggers.list(trigger_by="usage")] == [made.sid]
    assert triggers(made.sid).delete() is True
    assert triggers.list() == []


def test_alerts(on: "Stage") -> None:
    """List, filter, page, fetch."""
    alerts = on.client.monitor.v1.alerts
    with pytest.raises(TwilioRestException):
        on.client.messages.create(to="me", from_=ME, body="x")
    found = alerts.list(page_size=2)
    assert [alert.error_code for alert in found] == ["21211", "30003", "30003", "30003"]
    assert isinstance(found[0].date_generated, datetime)
    assert len(alerts.list(start_date=date(2026, 12, 3))) == 2
    noon = datetime(2026, 12, 2, 12, tzinfo=UTC)
    assert len(alerts.list(log_level="error", end_date=noon)) == 2
    whole = alerts(found[0].sid).fetch()
    assert (whole.request_method, whole.resource_sid) == ("POST", on.account_sid)
    assert dict(urllib.parse.parse_qsl(whole.request_variables))["To"] == "me"
    with pytest.raises(TwilioRestException) as missing:
        alerts("NO" + "0" * 32).fetch()
    assert (missing.value.status, missing.value.code) == (404, 20404)


def test_notifications(on: "Stage") -> None:
    """The same, as the older resource has them."""
    notifications = on.client.notifications
    found = notifications.list(page_size=2, log=0)
    assert [each.error_code for each in found] == ["30003"] * 3
    assert [each.sid for each in found] == [each.sid for each in on.client.monitor.v1.alerts.list()]
    assert len(notifications.list(message_date=date(2026, 12, 2))) == 1
    assert len(notifications.list(message_date_after=date(2026, 12, 2))) == 2
    assert len(notifications.list(message_date_before=date(2026, 12, 2))) == 2
    assert notifications(found[0].sid).fetch().message_text == found[0].message_text


def test_the_control_api_shows_them_too(on: "Stage") -> None:
    """Oldest first, with their level."""
    shown = on.control("GET", "/alerts")
    assert (shown["total"], shown["dropped"]) == (3, 0)
    assert {alert["level"] for alert in shown["alerts"]} == {"error"}
    assert [alert["sid"] for alert in reversed(shown["alerts"])] == [
        alert.sid for alert in on.client.monitor.v1.alerts.list()
    ]


def test_sandboxes_are_apart(on: "Stage", stage: "MakeStage") -> None:
    """Another one has neither usage nor alerts."""
    other = stage()
    assert [each.count for each in other.client.usage.records.list(category="sms")] == ["0"]
    assert other.client.monitor.v1.alerts.list() == []


def test_equal_runs(stage: "MakeStage") -> None:
    """One seed, one story: SIDs of alerts, and all of the usage."""
    stories = []
    for _ in range(2):
        on = stage(FAILS, seed=7)
        on.client.messages.create(to=YOU, from_=ME, body="x")
        on.advance(seconds=60)
        alerts = [(alert.sid, alert.alert_text) for alert in on.client.monitor.v1.alerts.list()]
        usage = [(each.category, each.price) for each in on.client.usage.records.list()]
        stories.append((alerts, usage))
    assert stories[0] == stories[1]


# -- the published descriptions --------------------------------------------------------------------


class Published:
    """One of Twilio's descriptions; its `nullable` becomes what JSON Schema has for it."""

    def __init__(self, name: str) -> None:
        path = OAI / name
        if not path.exists():
            pytest.skip(f"the published description is not here: {name}")
        self._document = json.loads(path.read_text(encoding="utf-8"))

    def check(self, path: str, answer: Any) -> None:
        """An answer to a GET; a list's records have all fields that are described."""
        operation = self._document["paths"][path]["get"]
        [content] = operation["responses"]["200"]["content"].values()
        schema = self._plain(content["schema"])
        Draft4Validator(schema).validate(answer)
        assert set(answer) == set(schema["properties"])
        for name, value in answer.items():
            if isinstance(value, list):
                assert value, "there is nothing to check"
                known = set(schema["properties"][name]["items"]["properties"])
                assert all(set(record) == known for record in value)

    def _plain(self, schema: Any) -> Any:
        if isinstance(schema, list):
            return [self._plain(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return self._plain(
                self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            )
        plain = {name: self._plain(part) for name, part in schema.items() if name != "nullable"}
        if "price" in plain.get("properties", {}):
            plain["properties"]["price"] = {"type": "string"}  # so it is in their own samples
        return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain


def test_published_usage(on: "Stage") -> None:
    """Every list of records."""
    published = Published("twilio_api_v2010.json")
    for name in ("", *(f"/{each}" for each in PERIODS.values())):
        path = f"/2010-04-01/Accounts/{{AccountSid}}/Usage/Records{name}.json"
        answer = on.client.request("GET", f"https://api.twilio.com{_at(on, path)}")
        published.check(path, json.loads(answer.text))


def test_published_notifications(on: "Stage") -> None:
    """List and single one."""
    published = Published("twilio_api_v2010.json")
    path = "/2010-04-01/Accounts/{AccountSid}/Notifications"
    url = f"https://api.twilio.com{_at(on, path)}"
    listed = json.loads(on.client.request("GET", f"{url}.json").text)
    published.check(f"{path}.json", listed)
    sid = listed["notifications"][0]["sid"]
    single = json.loads(on.client.request("GET", f"{url}/{sid}.json").text)
    published.check(f"{path}/{{Sid}}.json", single)


def test_published_alerts(on: "Stage") -> None:
    """List and single one, of a message and of an API call."""
    published = Published("twilio_monitor_v1.json")
    with pytest.raises(TwilioRestException):
        on.client.messages.create(to="me", from_=ME, body="x")
    url = "https://monitor.twilio.com/v1/Alerts"
    listed = json.loads(on.client.request("GET", url).text)
    published.check("/v1/Alerts", listed)
    for alert in listed["alerts"]:
        single = json.loads(on.client.request("GET", f"{url}/{alert['sid']}").text)
        published.check("/v1/Alerts/{Sid}", single)


def _at(on: "Stage", path: str) -> str:
    return path.replace("{AccountSid}", on.account_sid)


# -- whatever is asked -----------------------------------------------------------------------------

TEXT = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.sampled_from(["-1days", "9999-12-31", "0001-01-01", "sms", "calls", "3", "error", "0"]),
    st.from_regex(r"P[AB](UR|NO)[0-9a-f]{32}", fullmatch=True),
)
NAMES = ("Category", "StartDate", "EndDate", "IncludeSubaccounts", "PageToken", "Page", "PageSize")
QUERY = st.dictionaries(
    st.sampled_from([*NAMES, "LogLevel", "Log", "MessageDate", "MessageDate<", "MessageDate>"]),
    TEXT,
    max_size=4,
)


@pytest.fixture
def ask(on: "Stage", http: "ToMock") -> Callable[[str, dict[str, str]], int]:
    """`ask(path, query)`: the status."""

    def ask(path: str, query: dict[str, str]) -> int:
        host = "monitor" if path.startswith("/v1") else "api"
        where = f"https://{host}.twilio.com{_at(on, path)}?{urllib.parse.urlencode(query)}"
        status: int = on.client.request("GET", where).status_code
        return status

    return ask


@given(
    st.sampled_from(
        [
            "/v1/Alerts",
            "/2010-04-01/Accounts/{AccountSid}/Notifications.json",
            "/2010-04-01/Accounts/{AccountSid}/Usage/Records.json",
            "/2010-04-01/Accounts/{AccountSid}/Usage/Records/Daily.json",
            "/2010-04-01/Accounts/{AccountSid}/Usage/Records/Monthly",
            "/2010-04-01/Accounts/{AccountSid}/Usage/Records/LastMonth.json",
        ]
    ),
    QUERY,
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked(
    ask: Callable[[str, dict[str, str]], int], path: str, query: dict[str, str]
) -> None:
    """It is answered, or refused."""
    assert ask(path, query) in (200, 400, 404)
