"""What the journal keeps of an API call."""

from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.edge.http.recorder import reply_of

if TYPE_CHECKING:
    from tests.edge.conftest import Caller


async def test_a_request_and_its_answer(api: "Caller") -> None:
    """Both as they were on the wire, the secret left out."""
    answer = await api.create(Body="Ahoy")
    [entry] = api.journal
    assert (entry.method, entry.host, entry.path) == ("POST", "api.twilio.com", api.path)
    assert entry.operation == "api.v2010.CreateMessage"
    assert entry.account_sid == DEFAULT_SID
    assert entry.body == b"To=%2B14155552671&From=%2B15017122661&Body=Ahoy"
    assert dict(entry.headers)[b"Authorization"] == f"Basic {DEFAULT_SID}:***".encode()
    assert (entry.status, entry.reply_body) == (201, answer.body)
    reply, headers = reply_of(entry)
    assert (reply.status, reply.body) == (201, answer.body)
    assert {**headers, "Date": ""} == {**dict(answer.headers), "Date": ""}


@pytest.mark.parametrize("query", ["", "?PageSize=1&Page=0"])
async def test_a_request_that_named_the_whole_url(api: "Caller", query: str) -> None:
    """Stands there as any other: a proxy's request line is not the program's doing."""
    await api.get(f"http://api.twilio.com{api.path}{query}")
    [entry] = api.journal
    assert (entry.host, entry.path) == ("api.twilio.com", f"{api.path}{query}")
    assert entry.served


async def test_a_refusal(api: "Caller") -> None:
    """With its code."""
    await api.create(To="-")
    assert [(entry.status, entry.error) for entry in api.journal] == [(400, 21604)]


async def test_a_request_that_was_not_admitted(api: "Caller") -> None:
    """It is in the journal of the sandbox that its path or its user names, else of the first."""
    api.auth = None
    await api.get()
    await api.get("/nowhere")
    assert [entry.status for entry in api.journal] == [401, 404]


async def test_unknown_parameters(api: "Caller") -> None:
    """They are ignored, as at Twilio, and noted with the nearest name."""
    await api.post({"to": "+14155552671", "Boddy": "x", "Frobnicate": "y"})
    ignored = "is not a parameter of this call and was ignored"
    assert api.journal[0].warnings == [
        f"`to` {ignored}: did you mean `To`?",
        f"`Boddy` {ignored}: did you mean `Body`?",
        f"`Frobnicate` {ignored}",
    ]


async def test_long_bodies_are_cut(api: "Caller") -> None:
    """At 4 kB; the true length stays known."""
    answer = await api.create(Body="x" * 1600, Tags="y" * 5_000)
    [entry] = api.journal
    assert len(entry.body) == 4_096
    assert entry.body_length > 6_600
    assert entry.reply_length == len(answer.body)
