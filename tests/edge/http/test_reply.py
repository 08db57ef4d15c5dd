"""The headers of an answer, in the order of facts 2.4."""

import re
from typing import TYPE_CHECKING

import pytest

from mockserver.domain.sids import is_sid

if TYPE_CHECKING:
    from tests.edge.conftest import Caller

ORDER = (
    "Date",
    "Content-Type",
    "Content-Length",
    "Connection",
    "Twilio-Concurrent-Requests",
    "Twilio-Request-Id",
    "Twilio-Request-Duration",
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Expose-Headers",
    "Access-Control-Allow-Credentials",
    "X-Powered-By",
    "X-Shenanigans",
    "X-Home-Region",
    "X-API-Domain",
    "Strict-Transport-Security",
    "Server",
)

CONSTANT = {
    "Content-Type": "application/json",
    "Connection": "keep-alive",
    "Twilio-Concurrent-Requests": "1",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, If-Match, "
    "If-Modified-Since, If-None-Match, If-Unmodified-Since, Idempotency-Key",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Expose-Headers": "ETag",
    "Access-Control-Allow-Credentials": "true",
    "X-Powered-By": "AT-5000",
    "X-Shenanigans": "none",
    "X-Home-Region": "us1",
    "X-API-Domain": "api.twilio.com",
    "Strict-Transport-Security": "max-age=31536000",
}


async def test_the_headers_of_an_answer(api: "Caller") -> None:
    """Those that were captured, in their order, and `Server`, which is ours."""
    answer = await api.create()
    assert tuple(name for name, _ in answer.headers) == ORDER
    assert CONSTANT.items() <= dict(answer.headers).items()
    assert re.fullmatch(r"[0-9]+\.[0-9]{3}", answer.header("Twilio-Request-Duration") or "")
    date = r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT"
    assert re.fullmatch(date, answer.header("Date") or "")
    assert (answer.header("Server") or "").startswith("twilio-mockserver/")


async def test_the_headers_of_a_refusal(api: "Caller") -> None:
    """The same, then the error's code, then the challenge where there is one."""
    refused = await api.create(To="-")
    assert tuple(name for name, _ in refused.headers) == (*ORDER, "X-Twilio-Error-Code")
    api.auth = None
    unknown = await api.get()
    extra = ("X-Twilio-Error-Code", "WWW-Authenticate")
    assert tuple(name for name, _ in unknown.headers) == (*ORDER, *extra)


async def test_the_headers_of_a_broken_request(api: "Caller") -> None:
    """The same, too, but for the connection, which ends."""
    line = await api.line()
    await line.send(b"garbage\r\n\r\n")
    answer = await line.answer()
    assert tuple(name for name, _ in answer.headers) == (*ORDER, "X-Twilio-Error-Code")
    assert answer.header("Connection") == "close"


async def test_no_content(api: "Caller") -> None:
    """204 has neither a type nor a length."""
    uri = (await api.create()).json["uri"]
    await api.settled()
    answer = await api.call("DELETE", uri)
    assert (answer.status, answer.reason, answer.body) == (204, "NO CONTENT", b"")
    expected = [name for name in ORDER if not name.startswith("Content-")]
    assert [name for name, _ in answer.headers] == expected


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({}, "CREATED"),
        ({"To": "-"}, "BAD REQUEST"),
        ({"From": "+15005550008"}, "TOO MANY REQUESTS"),
    ],
)
async def test_reasons_are_in_upper_case(api: "Caller", form: dict[str, str], reason: str) -> None:
    """As captured: `201 CREATED`."""
    assert (await api.create(**form)).reason == reason


async def test_the_request_id_of_a_created_message(api: "Caller") -> None:
    """`RQ` and the hex part of its SID."""
    answer = await api.create()
    assert answer.header("Twilio-Request-Id") == "RQ" + answer.json["sid"][2:]


async def test_other_request_ids(api: "Caller") -> None:
    """`RQ` and 32 hex digits, a new one each time; the journal has the same."""
    answers = [await api.get(), await api.get("/nowhere"), await api.create(To="-")]
    ids = [answer.header("Twilio-Request-Id") or "" for answer in answers]
    assert all(is_sid(each, "RQ") for each in ids)
    assert len(set(ids)) == 3
    assert [entry.request_id for entry in api.journal] == ids
