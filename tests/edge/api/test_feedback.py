"""Message Feedback: what a report answers, and what is kept of it."""

from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.domain.addresses import parse_from, parse_to
from mockserver.domain.message import SECOND
from mockserver.world.inbound import Text
from mockserver.world.schema_files import load

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

BORN = "Tue, 01 Dec 2026 00:00:00 +0000"


@pytest.fixture
async def manual(serve: "Serve") -> "Caller":
    """A caller whose server checks its own answers, and whose clock stands still."""
    return await serve(check_responses=True, clock="manual", seed=7)


async def make(caller: "Caller") -> str:
    """A message; the path of its feedback."""
    uri: str = (await caller.create()).json["uri"]
    return uri.replace(".json", "/Feedback.json")


async def test_a_report(manual: "Caller") -> None:
    """200 with every field, in order; the journal has the published name."""
    path = await make(manual)
    answer = await manual.post({"Outcome": "unconfirmed"}, path)
    assert (answer.status, answer.reason) == (200, "OK")
    sid = path.split("/")[-2]
    assert list(answer.json.items()) == [
        ("account_sid", DEFAULT_SID),
        ("message_sid", sid),
        ("outcome", "unconfirmed"),
        ("date_created", BORN),
        ("date_updated", BORN),
        ("uri", path),
    ]
    Draft202012Validator(load("api/2010-04-01/Feedback")).validate(answer.json)
    assert list(answer.json) == load("api/2010-04-01/Feedback")["required"]
    entry = manual.journal[-1]
    assert (entry.operation, entry.warnings) == ("api.v2010.CreateMessageFeedback", [])


@pytest.mark.parametrize("form", [{}, {"Outcome": ""}, {"Outcome": "confirmed"}])
async def test_confirmed_by_default(manual: "Caller", form: dict[str, str]) -> None:
    """Without an outcome, or with an empty one."""
    answer = await manual.post(form, await make(manual))
    assert (answer.status, answer.json["outcome"]) == (200, "confirmed")


async def test_again(manual: "Caller") -> None:
    """The outcome is replaced; the first report's date stays."""
    path = await make(manual)
    await manual.post({"Outcome": "unconfirmed"}, path)
    engine = manual.sandbox.engine
    await engine.advance(engine.clock.now() + 90 * SECOND)
    again = (await manual.post({}, path)).json
    assert (again["outcome"], again["date_created"], again["date_updated"]) == (
        "confirmed",
        BORN,
        "Tue, 01 Dec 2026 00:01:30 +0000",
    )
    assert [each.outcome for each in manual.sandbox.tables.feedback.values()] == ["confirmed"]


@pytest.mark.parametrize("outcome", ["Confirmed", "true", "failed", "confirmed "])
async def test_any_other_outcome(manual: "Caller", outcome: str) -> None:
    """400 with 20001 and a word about what may be; nothing is kept."""
    answer = await manual.post({"Outcome": outcome}, await make(manual))
    assert (answer.status, answer.code) == (400, 20001)
    assert answer.json["message"] == "Bad request: Outcome must be 'confirmed' or 'unconfirmed'"
    assert not manual.sandbox.tables.feedback


async def test_a_message_that_is_not_there(manual: "Caller") -> None:
    """404 with 20404, before the outcome is looked at."""
    path = manual.path.replace(".json", f"/SM{'0' * 32}/Feedback.json")
    answer = await manual.post({"Outcome": "nonsense"}, path)
    assert (answer.status, answer.code) == (404, 20404)
    assert answer.json["message"] == f"The requested resource {path} was not found"


async def test_an_inbound_message(manual: "Caller") -> None:
    """May be confirmed as any other."""
    text = Text(parse_from("+14155552671"), parse_to("+15017122661"), "Hello")
    sid = (await manual.sandbox.inbound.receive(text)).message.sid
    path = manual.path.replace(".json", f"/{sid}/Feedback.json")
    assert (await manual.post({}, path)).json["message_sid"] == sid


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
async def test_there_is_no_reading_it(manual: "Caller", method: str) -> None:
    """405 with 20004."""
    answer = await manual.call(method, await make(manual))
    assert (answer.status, answer.code, answer.header("Allow")) == (405, 20004, "POST")


async def test_as_xml(manual: "Caller") -> None:
    """A path without `.json` answers with the element `Feedback`."""
    path = (await make(manual)).removesuffix(".json")
    answer = await manual.post({}, path)
    assert answer.header("Content-Type") == "application/xml"
    feedback = ElementTree.fromstring(answer.body)[0]
    assert feedback.tag == "Feedback"
    assert (feedback.findtext("Outcome"), feedback.findtext("Uri")) == ("confirmed", path)


async def test_test_credentials(serve: "Serve") -> None:
    """403 with 20008."""
    test = Account("AC" + "c" * 32, "t" * 32, mode="test")
    api = await serve(account=(test,))
    api.account, api.auth = test.sid, f"{test.sid}:{test.auth_token}"
    answer = await api.post({}, api.path.replace(".json", f"/SM{'0' * 32}/Feedback.json"))
    assert (answer.status, answer.code) == (403, 20008)


async def test_another_account(manual: "Caller") -> None:
    """A message is only its own account's."""
    path = await make(manual)
    stranger = "AC" + "5" * 32
    manual.auth = f"{stranger}:token"
    assert (await manual.post({}, path)).status == 401
    assert (await manual.post({}, path.replace(DEFAULT_SID, stranger))).status == 404
