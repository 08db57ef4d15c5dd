"""Redact, cancel, delete."""

from typing import TYPE_CHECKING

import pytest

from mockserver.domain.faults import DeliveryRule, When

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

SERVICE = "MG" + "a" * 32
NOWHERE = "SM" + "0" * 32


@pytest.fixture
async def manual(serve: "Serve") -> "Caller":
    """Time stands still."""
    return await serve(clock="manual", seed=1)


async def at(api: "Caller", status: str) -> str:
    """The URI of a message that is in a status, on a clock that stands still."""
    schedule = {"From": "-", "MessagingServiceSid": SERVICE, "ScheduleType": "fixed"}
    forms = {
        "scheduled": {**schedule, "SendAt": "2026-12-01T01:00:00Z"},
        "accepted": {"From": "-", "MessagingServiceSid": SERVICE},
    }
    created = (await api.create(**forms.get(status, {}))).json
    if created["status"] != status:
        message = api.sandbox.tables.messages.get(created["sid"])
        assert message is not None
        await api.sandbox.messages.force(message, status, 30003 if status == "failed" else 0)
    assert (await api.get(created["uri"])).json["status"] == status
    return str(created["uri"])


# -- redact ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["sent", "delivered", "undelivered", "failed"])
async def test_redact(manual: "Caller", status: str) -> None:
    """An empty `Body` empties the body and changes nothing else but the date of update."""
    uri = await at(manual, status)
    before = (await manual.get(uri)).json
    answer = await manual.call("POST", uri, b"Body=")
    assert answer.status == 200
    assert answer.json == {**before, "body": ""}
    assert (await manual.get(uri)).json == answer.json


async def test_redaction_is_dated(manual: "Caller") -> None:
    """`date_updated` moves."""
    uri = await at(manual, "delivered")
    await manual.sandbox.engine.advance(manual.sandbox.clock.now() + 5_000_000)
    answer = (await manual.call("POST", uri, b"Body=")).json
    assert answer["date_updated"] == "Tue, 01 Dec 2026 00:00:05 +0000"
    assert answer["date_created"] == "Tue, 01 Dec 2026 00:00:00 +0000"


@pytest.mark.parametrize("status", ["queued", "accepted", "scheduled", "sending"])
async def test_redact_too_early(manual: "Caller", status: str) -> None:
    """409 with 20009 until it is sent."""
    uri = await at(manual, status)
    answer = await manual.call("POST", uri, b"Body=")
    assert (answer.status, answer.reason, answer.code) == (409, "CONFLICT", 20009)
    assert answer.json["message"] == f"Cannot delete message in state {status.upper()}"


@pytest.mark.parametrize(
    "form",
    [b"", b"Body=text", b"Body=+", b"Status=sent", b"Status=", b"Body=&Status=canceled", b"To=x"],
)
async def test_an_update_that_there_is_not(api: "Caller", form: bytes) -> None:
    """400 with 30400."""
    uri = (await api.create()).json["uri"]
    answer = await api.call("POST", uri, form)
    assert (answer.status, answer.code) == (400, 30400)
    assert answer.json["message"] == "Parameters are not valid"


# -- cancel ----------------------------------------------------------------------------------------


async def test_cancel(manual: "Caller") -> None:
    """A scheduled message becomes `canceled` and stays so."""
    uri = await at(manual, "scheduled")
    answer = await manual.call("POST", uri, b"Status=canceled")
    expected = {
        "status": "canceled",
        "from": None,
        "date_sent": None,
        "num_segments": "0",
        "price": None,
        "price_unit": None,
        "error_code": None,
    }
    assert answer.status == 200
    assert expected.items() <= answer.json.items()
    await manual.sandbox.engine.advance(manual.sandbox.clock.now() + 7_200_000_000)
    assert (await manual.get(uri)).json["status"] == "canceled"


@pytest.mark.parametrize("status", ["queued", "accepted", "sent", "delivered", "canceled"])
async def test_cancel_too_late(manual: "Caller", status: str) -> None:
    """409 with 30409 for a message that is not scheduled."""
    uri = await at(manual, "scheduled" if status == "canceled" else status)
    if status == "canceled":
        await manual.call("POST", uri, b"Status=canceled")
    answer = await manual.call("POST", uri, b"Status=canceled")
    assert (answer.status, answer.code) == (409, 30409)
    assert answer.json["message"] == "This message cannot be canceled"


async def test_cancel_then_redact(manual: "Caller") -> None:
    """One after the other."""
    uri = await at(manual, "scheduled")
    await manual.call("POST", uri, b"Status=canceled")
    answer = await manual.call("POST", uri, b"Body=")
    assert (answer.status, answer.json["body"]) == (200, "")


# -- delete ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["delivered", "undelivered", "failed", "read"])
async def test_delete(manual: "Caller", status: str) -> None:
    """204; then it is gone, from lists too, and a second time it is 404."""
    uri = await at(manual, status)
    answer = await manual.call("DELETE", uri)
    assert (answer.status, answer.body) == (204, b"")
    assert (await manual.get(uri)).code == 20404
    assert (await manual.call("DELETE", uri)).code == 20404
    assert await manual.sids() == []


@pytest.mark.parametrize("status", ["queued", "accepted", "scheduled", "sending", "sent"])
async def test_delete_too_early(manual: "Caller", status: str) -> None:
    """409 with 20009, the state in upper case; the message stays."""
    uri = await at(manual, status)
    answer = await manual.call("DELETE", uri)
    assert (answer.status, answer.code) == (409, 20009)
    assert answer.json["message"] == f"Cannot delete message in state {status.upper()}"
    assert (await manual.get(uri)).status == 200


async def test_delete_what_stays_sent(manual: "Caller") -> None:
    """Without a receipt it may be deleted an hour after it was sent."""
    manual.sandbox.rules.add(DeliveryRule("d", When(), "sent"))
    uri = await at(manual, "sent")
    engine, clock = manual.sandbox.engine, manual.sandbox.clock
    await engine.advance(clock.now() + 3_599_000_000)
    assert (await manual.call("DELETE", uri)).code == 20009
    await engine.advance(clock.now() + 1_000_000)
    assert (await manual.call("DELETE", uri)).status == 204


async def test_a_deleted_sid_does_not_come_back(manual: "Caller") -> None:
    """The same message again has another one."""
    uri = await at(manual, "delivered")
    await manual.call("DELETE", uri)
    assert (await manual.create()).json["uri"] != uri


# -- whose -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("sid", [NOWHERE, "SM1", "MM" + "0" * 32, "AC" + "0" * 32])
async def test_an_unknown_message(api: "Caller", method: str, sid: str) -> None:
    """404 with 20404 and its path."""
    path = api.path.replace(".json", f"/{sid}.json")
    answer = await api.call(method, path, b"Body=" if method == "POST" else None)
    assert (answer.status, answer.code) == (404, 20404)
    assert answer.json["message"] == f"The requested resource {path} was not found"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_another_accounts_message(api: "Caller", method: str) -> None:
    """It is not found."""
    sid = (await api.create()).json["sid"]
    api.account = "AC" + "5" * 32
    api.auth = f"{api.account}:token"
    path = api.path.replace(".json", f"/{sid}.json")
    answer = await api.call(method, path, b"Body=" if method == "POST" else None)
    assert (answer.status, answer.code) == (404, 20404)
