"""Which host a request is for, what is not served, and the methods."""

import asyncio
import logging
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.faults import ErrorFault, FaultRule, StatusFault, When
from mockserver.world.sandboxes import Order

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Line

MESSAGES = f"/2010-04-01/Accounts/{DEFAULT_SID}/Messages.json"
CALLS = MESSAGES.replace("Messages", "Calls")


# -- which host ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "prefix"),
    [
        ("api.twilio.com", ""),
        ("API.Twilio.COM", ""),
        ("api.twilio.com:443", ""),
        ("api.twilio.com.", ""),
        ("api.ie1.twilio.com", ""),
        ("api.dublin.ie1.twilio.com", ""),
        ("localhost:2010", ""),
        ("my-app.test", ""),
        ("localhost:2010", "/api"),
    ],
)
async def test_the_api_host(api: "Caller", host: str, prefix: str) -> None:
    """By the Host header, with edge and region; else by prefix; `/2010-04-01` always means it."""
    api.host = host
    answer = await api.get(prefix + MESSAGES)
    assert answer.status == 200
    assert answer.header("X-API-Domain") == "api.twilio.com"


async def test_the_uris_of_a_list_lead_to_it_again(api: "Caller") -> None:
    """A client that came by the prefix `/api` puts its own base before them."""
    api.host = "localhost"
    for _ in range(2):
        await api.create()
    page = (await api.get(f"/api{MESSAGES}", PageSize="1")).json
    assert page["uri"] == f"{MESSAGES}?PageSize=1&Page=0"
    assert page["next_page_uri"].startswith(f"{MESSAGES}?PageSize=1&Page=1&PageToken=PASM")


@pytest.mark.parametrize(
    ("host", "path", "said"),
    [
        ("verify.twilio.com", "/v2/Services", "verify.twilio.com/v2/Services"),
        ("verify.ashburn.us1.twilio.com", "/v2/Services", "verify.twilio.com/v2/Services"),
        ("messaging.twilio.com", "/v1/Nowhere", "messaging.twilio.com/v1/Nowhere"),
        ("localhost", "/messaging/v1/Nowhere", "messaging.twilio.com/v1/Nowhere"),
        ("localhost", "/notify/v1/Nowhere", "notify.twilio.com/v1/Nowhere"),
        ("messaging.twilio.com", MESSAGES, f"messaging.twilio.com{MESSAGES}"),
        ("api.twilio.com", CALLS, f"api.twilio.com{CALLS}"),
        ("api.twilio.com", "/_mock/health", "api.twilio.com/_mock/health"),
    ],
)
async def test_what_is_twilios_but_not_served(
    api: "Caller", caplog: pytest.LogCaptureFixture, host: str, path: str, said: str
) -> None:
    """Twilio's own 404; log and journal say plainly what the program called."""
    api.host = host
    with caplog.at_level(logging.WARNING, "mockserver"):
        answer = await api.call("POST", path, b"To=me")
    assert (answer.status, answer.reason, answer.code) == (404, "NOT FOUND", 20404)
    [entry] = api.journal
    assert entry.warnings == [f"your program called POST {said}, which this mock does not serve"]
    assert caplog.messages == entry.warnings
    assert (entry.served, entry.body) == (False, b"To=me")


@pytest.mark.parametrize("path", ["SMS/Messages.json", f"SMS/Messages/SM{'0' * 32}.json"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_is_gone(api: "Caller", method: str, path: str) -> None:
    """What messages were called before there was MMS: 410, and a word in the journal."""
    path = f"/2010-04-01/Accounts/{DEFAULT_SID}/{path}"
    answer = await api.call(method, path, b"To=me")
    assert (answer.status, answer.reason, answer.json) == (
        410,
        "GONE",
        {
            "code": 20410,
            "message": "Gone",
            "more_info": "https://www.twilio.com/docs/errors/20410",
            "status": 410,
        },
    )
    [entry] = api.journal
    assert entry.warnings == [
        f"your program called {method} api.twilio.com{path}, which this mock does not serve"
    ]


@pytest.mark.parametrize(
    "path",
    [
        f"/2010-04-01/Accounts/{DEFAULT_SID}/SMS",
        f"/2010-04-01/Accounts/{DEFAULT_SID}/SMS/Nowhere.json",
        f"/2010-04-01/Accounts/{DEFAULT_SID}/Nowhere/SMS/Messages.json",
        f"/2008-08-01/Accounts/{DEFAULT_SID}/SMS/Messages.json",
        "/2010-04-01",
        "/",
    ],
)
async def test_what_stands_beside_it(api: "Caller", path: str) -> None:
    """404 as ever."""
    answer = await api.get(path)
    assert answer.status == 404


@pytest.mark.parametrize("path", ["/", "/v1/Services", "/v2/Services", "/Messages.json", "/_mocks"])
async def test_nothing_is_guessed(api: "Caller", path: str) -> None:
    """With neither host nor prefix it is 404, and the journal says what to send."""
    api.host = "localhost"
    answer = await api.call("GET", path)
    assert (answer.status, answer.code) == (404, 20404)
    assert answer.json["message"] == f"The requested resource {path} was not found"
    assert "names no Twilio product: send the Host header" in api.journal[0].warnings[0]


@pytest.mark.parametrize(
    "path",
    [
        "/2010-04-01/Accounts/invalid_sid/Messages.json",
        "/2010-04-01/Accounts/*/Messages.json",
        f"/2010-04-01/Accounts/{DEFAULT_SID}/messages.json",
        f"/2010-04-01/Accounts/{DEFAULT_SID}/Messages/*.json",
        f"/2010-04-01/Accounts/{DEFAULT_SID}/Messages/{DEFAULT_SID}.json",
        f"/2010-04-01/Accounts/{DEFAULT_SID}/Messages/SM{'0' * 32}.json",
        f"/2010-04-01/Accounts/{DEFAULT_SID}/Messages/%ff%00.json",
        f"/2008-08-01/Accounts/{DEFAULT_SID}/Messages.json",
        "//",
    ],
)
async def test_nothing_is_there(api: "Caller", path: str) -> None:
    """404 with 20404, naming the path as it was sent; the case of letters counts."""
    answer = await api.get(path)
    assert (answer.status, answer.code) == (404, 20404)
    assert answer.json["message"] == f"The requested resource {path} was not found"
    assert list(answer.json) == ["code", "message", "more_info", "status"]


async def test_an_account_that_is_no_sid(api: "Caller") -> None:
    """The journal says what is wrong with the path, which is served otherwise."""
    await api.get("/2010-04-01/Accounts/invalid_sid/Messages.json")
    [entry] = api.journal
    assert entry.served
    assert "'invalid_sid'" in entry.warnings[0]
    assert "is no Account SID" in entry.warnings[0]


@pytest.mark.parametrize(
    ("host", "path", "named"),
    [
        ("verify.twilio.com", "/v2/Services", "/Services"),
        ("localhost", "/verify/v2/Services", "/Services"),
        ("lookups.twilio.com", "/v1/PhoneNumbers/+14155552671", "/PhoneNumbers/+14155552671"),
        ("nowhere.twilio.com", "/voice/v1", "/voice/v1"),
        ("localhost", "/notify/v1/Nowhere", "/Nowhere"),
        ("messaging.twilio.com", "/v1/Nowhere", "/Nowhere"),
        ("localhost", "/messaging/v1/Nowhere", "/Nowhere"),
        ("messaging.twilio.com", "/v2/Things", "/v2/Things"),
        ("messaging.twilio.com", "/v1", "/v1"),
        ("localhost", "/api/2010-04-01/Nowhere.json", "/api/2010-04-01/Nowhere.json"),
    ],
)
async def test_how_a_404_names_the_path(api: "Caller", host: str, path: str, named: str) -> None:
    """As it was sent; on the hosts beside the api without prefix and version."""
    api.host = host
    answer = await api.get(path)
    assert answer.code == 20404
    assert answer.json["message"] == f"The requested resource {named} was not found"


async def test_a_fault_with_20404_names_the_path_so_too(api: "Caller") -> None:
    """Whoever raises it."""
    api.sandbox.rules.add(fault(ErrorFault(20404)))
    api.host = "messaging.twilio.com"
    answer = await api.get("/v1/Services")
    assert answer.json["message"] == "The requested resource /Services was not found"


async def test_whose_journal_a_refused_request_is_in(api: "Caller") -> None:
    """Its account's, by the path, else by the credentials; else the sandbox `default` has it."""
    box = api.server.sandboxes.make(Order())
    sid = box.accounts.first_sid
    api.host = "messaging.twilio.com"
    for auth, path in (
        (f"{sid}:wrong", "/v1/Services"),
        (f"{sid}:wrong", "/v1/Nothing"),
        ("me:you", f"/v1/{sid}"),
    ):
        api.auth = auth
        assert (await api.get(path)).status in (401, 404)
    assert [entry.status for entry in box.journal.requests] == [401, 404, 404]
    api.auth = "me:you"
    assert (await api.get("/v1/Services")).status == 401
    assert [entry.status for entry in api.journal] == [401]


async def test_a_query_is_no_part_of_the_path(api: "Caller") -> None:
    """The text of a 404 leaves it out."""
    answer = await api.get("/2010-04-01/Nowhere.json?x=1")
    assert answer.json["message"] == "The requested resource /2010-04-01/Nowhere.json was not found"


async def test_not_found_as_xml(api: "Caller") -> None:
    """A path of the API without `.json` has its 404 in XML."""
    path = f"/2010-04-01/Accounts/{DEFAULT_SID}/Messages/SM{'0' * 32}"
    answer = await api.get(path)
    assert (answer.status, answer.header("Content-Type")) == (404, "application/xml")
    problem = ElementTree.fromstring(answer.body)[0]
    assert [(part.tag, part.text) for part in problem] == [
        ("Code", "20404"),
        ("Message", f"The requested resource {path} was not found"),
        ("MoreInfo", "https://www.twilio.com/docs/errors/20404"),
        ("Status", "404"),
    ]


# -- methods ---------------------------------------------------------------------------------------

ONE = MESSAGES.replace(".json", f"/SM{'0' * 32}.json")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", MESSAGES, "GET, HEAD, POST"),
        ("PUT", MESSAGES, "GET, HEAD, POST"),
        ("PATCH", ONE, "DELETE, GET, HEAD, POST"),
        ("TRACE", ONE, "DELETE, GET, HEAD, POST"),
        ("PURGE", MESSAGES, "GET, HEAD, POST"),
    ],
)
async def test_a_method_that_is_not_served(
    api: "Caller", method: str, path: str, allow: str
) -> None:
    """405 with 20004 and `Allow`."""
    answer = await api.call(method, path)
    assert (answer.status, answer.reason, answer.code) == (405, "METHOD NOT ALLOWED", 20004)
    assert answer.json["message"] == "Method not allowed"
    assert answer.header("Allow") == allow


async def test_a_method_that_is_not_served_as_xml(api: "Caller") -> None:
    """A path without `.json`."""
    answer = await api.call("DELETE", MESSAGES.removesuffix(".json"))
    assert answer.status == 405
    assert b"<Code>20004</Code><Message>Method not allowed</Message>" in answer.body


async def test_options(api: "Caller") -> None:
    """204 for a browser's preflight, which has no credentials; with the headers of CORS."""
    answer = await api.call("OPTIONS", headers={"Authorization": None})
    assert (answer.status, answer.body, answer.header("Allow")) == (204, b"", "GET, HEAD, POST")
    assert answer.header("Access-Control-Allow-Origin") == "*"
    assert answer.header("Access-Control-Allow-Methods") == "GET, POST, DELETE, OPTIONS"
    assert answer.header("Content-Length") is None
    assert answer.header("Content-Type") is None


async def test_head(api: "Caller") -> None:
    """As GET, with the length of what is left out."""
    created = (await api.create()).json
    await api.settled()
    path = created["uri"]
    head, get = await api.call("HEAD", path), await api.call("GET", path)
    assert (head.status, head.body) == (200, b"")
    assert head.header("Content-Length") == str(len(get.body))
    assert head.header("Content-Type") == "application/json"
    api.auth = None
    assert (await api.call("HEAD", path)).status == 401


async def test_a_connection_serves_many_requests(api: "Caller") -> None:
    """Answers come in the order of the requests, also when those come all at once."""
    line = await api.line()
    await line.send(api.head("GET", MESSAGES) + api.head("HEAD", MESSAGES) + api.head("GET", "/"))
    assert (await line.answer()).status == 200
    assert (await line.answer(head=True)).status == 200
    assert (await line.answer()).status == 404


async def test_a_connection_is_closed_on_request(api: "Caller") -> None:
    """`Connection: close` is answered with the same, and kept."""
    line = await api.line()
    await line.send(api.head("GET", MESSAGES, {"Connection": "close"}))
    assert (await line.answer()).header("Connection") == "close"
    assert await line.rest() == b""


# -- how many at once ------------------------------------------------------------------------------


async def test_requests_under_way_are_counted(api: "Caller") -> None:
    """`Twilio-Concurrent-Requests` counts the account's requests, the answered one included."""
    form = b"To=%2B14155552671&From=%2B15017122661&Body=Ahoy"
    slow = await api.line()
    await slow.send(api.head("POST", MESSAGES, None, len(form)) + form[:5])
    fast = await api.line()
    counts = {await _count(api, fast) for _ in range(20)}
    assert counts <= {"1", "2"}
    assert "2" in counts
    await slow.send(form[5:])
    answer = await slow.answer()
    assert (answer.status, answer.header("Twilio-Concurrent-Requests")) == (201, "1")
    assert await _count(api, fast) == "1"


async def _count(api: "Caller", line: "Line") -> str | None:
    await line.send(api.head("GET", MESSAGES))
    return (await line.answer()).header("Twilio-Concurrent-Requests")


async def test_requests_whose_path_names_no_account(api: "Caller") -> None:
    """They are counted by their credentials."""
    api.host = "messaging.twilio.com"
    slow = await api.line()
    await slow.send(api.head("POST", "/v1/Services", None, 100))
    seen = {(await api.get("/v1/Services")).header("Twilio-Concurrent-Requests") for _ in range(20)}
    assert seen <= {"1", "2"}
    assert "2" in seen
    api.auth = f"{'AC' + '5' * 32}:token"
    assert (await api.get("/v1/Services")).header("Twilio-Concurrent-Requests") == "1"


async def test_accounts_are_counted_apart(api: "Caller") -> None:
    """Another account's request is not counted."""
    slow = await api.line()
    await slow.send(api.head("POST", MESSAGES, None, 100))
    api.account = "AC" + "5" * 32
    api.auth = f"{api.account}:token"
    answers = await asyncio.gather(*(api.get() for _ in range(5)))
    assert {a.status for a in answers} == {200}
    assert (await api.get()).header("Twilio-Concurrent-Requests") == "1"


# -- faults ----------------------------------------------------------------------------------------


def fault(then: ErrorFault | StatusFault) -> FaultRule:
    return FaultRule("fault-1", When(), then)


async def test_a_fault_with_one_of_twilios_codes(api: "Caller") -> None:
    """Text and status as in the catalogue, whatever parameters the request has."""
    api.sandbox.rules.add(fault(ErrorFault(21211)))
    form = {"To": "+14155552671", "self": "x", "problem": "y", "said": "z", "path": "/"}
    answer = await api.post(form)
    assert (answer.status, answer.code) == (400, 21211)
    assert api.journal[-1].fault == "fault-1"
    assert len(api.sandbox.tables.messages) == 0


@pytest.mark.parametrize("path", [MESSAGES, MESSAGES.removesuffix(".json")])
async def test_a_fault_with_a_bare_status(api: "Caller", path: str) -> None:
    """The body as told, also on a path that would be answered in XML."""
    api.sandbox.rules.add(fault(StatusFault(503, "try later")))
    answer = await api.get(path)
    assert (answer.status, answer.body) == (503, b"try later")
    assert answer.header("Content-Type") == "text/plain"
