"""Ways in which programs call `POST /Messages`, each of which somebody's program has."""

import gzip
import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import aiohttp
import pytest
import requests

if TYPE_CHECKING:
    from tests.contract.comms.conftest import MakeProgram, Told

NUMBER, SENDER = "+14155552671", {"address": "+15017122661", "channel": "SMS"}
ONE: Final[dict[str, Any]] = {
    "from": SENDER,
    "to": [{"address": NUMBER, "channel": "PHONE", "variables": {"name": "Ada"}}],
    "content": {"text": "Hi {{ name | default: 'there' }}"},
}
ENDED: Final = ("COMPLETED", "CANCELED")


# How they find the operation


def by_body(told: "Told") -> str:
    """As the reference has it, and an application was seen to do it."""
    return str(told.json["operationId"])


def by_headers(told: "Told") -> str:
    """As the overview has it; an application looks for either name."""
    return told.headers.get("operation-id") or told.headers["operationid"]


def by_either(told: "Told") -> str:
    """As a strict client does: an error where header and body disagree."""
    header, body = by_headers(told), by_body(told)
    assert header == body
    where = {told.json["operationLocation"], told.headers["operationlocation"]}
    assert where == {told.headers["operation-location"]}
    return header


@pytest.mark.parametrize("find", [by_body, by_headers, by_either])
def test_each_finds_the_operation(program: "MakeProgram", find: Any) -> None:
    """With the usual setting, whichever of Twilio's pages a program was written after."""
    mine = program(clock="instant")
    told = mine.post(ONE)
    assert told.status == 202
    assert mine.get(f"/Messages/Operations/{find(told)}").json["id"] == find(told)


@pytest.mark.parametrize(("style", "find"), [("headers", by_headers), ("body", by_body)])
def test_with_one_of_the_carriers(program: "MakeProgram", style: str, find: Any) -> None:
    """Each of the other settings serves who goes by the page that it is after."""
    mine = program({"options": {"comms_accept_style": style}}, clock="instant")
    told = mine.post(ONE)
    assert told.status == 202
    assert bool(told.body) == (style == "body")
    assert mine.get(f"/Messages/Operations/{find(told)}").status == 200


@pytest.mark.parametrize("prefix", ["/v1", "/preview"])
def test_a_strict_reader_of_locations(program: "MakeProgram", prefix: str) -> None:
    """Absolute, of the scheme, host, port and base that it was configured with, and no more."""
    mine = program(clock="instant")
    told = mine.post(ONE, f"{mine.root}{prefix}/Messages")
    where = urlsplit(told.json["operationLocation"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == (
        f"{mine.root}{prefix}/Messages/Operations/{by_body(told)}"
    )
    assert (where.query, where.fragment) == ("", "")
    assert re.fullmatch(r"comms_operation_[0-7][a-hjkmnpqrstv-z0-9]{25,34}", by_body(told))
    followed = mine.get(told.json["operationLocation"])
    assert (followed.status, followed.json["id"]) == (200, by_body(told))


def test_who_asks_at_once(program: "MakeProgram") -> None:
    """The operation is there within milliseconds, and ends; nobody sees a 404."""
    mine = program(clock="real")
    seen = set()
    told = mine.post(ONE)
    for _ in range(20):
        answer = mine.get(told.json["operationLocation"])
        assert answer.status == 200
        seen.add(answer.json["status"])
    assert seen <= {"PROCESSING", "COMPLETED"}
    mine.stage.advance(seconds=5)
    assert mine.get(told.json["operationLocation"]).json["status"] in ENDED


def test_what_was_sent(program: "MakeProgram") -> None:
    """The classic messages that came of it, in the words of the recipient's variables."""
    mine = program(clock="instant")
    told = mine.post(ONE)
    [message] = mine.stage.client.messages.list(to=NUMBER)
    assert (message.body, message.from_) == ("Hi Ada", SENDER["address"])
    found = mine.stage.control("GET", "/messages?origin=comms")["messages"]
    assert [each["operation_id"] for each in found] == [by_body(told)]


# How they send


def test_with_requests(program: "MakeProgram") -> None:
    """`json=` and `auth=`, as most would write it."""
    mine = program(clock="instant")
    login = (mine.stage.account_sid, mine.stage.client.password)
    with requests.Session() as session:
        session.trust_env = False
        for document, status in ((ONE, 202), ({}, 400)):
            answer = session.post(f"{mine.root}/v1/Messages", json=document, auth=login, timeout=20)
            assert answer.status_code == status
        assert [each["context"] for each in answer.json()["errors"]] == ["$.content", "$.to"]


async def in_pieces() -> AsyncIterator[bytes]:
    """The request, a few bytes at a time."""
    body = json.dumps(ONE).encode()
    for start in range(0, len(body), 20):
        yield body[start : start + 20]


async def test_with_aiohttp(program: "MakeProgram") -> None:
    """As JSON, in chunks, or after being told to go on."""
    mine = program(clock="instant")
    headers = {"Authorization": mine.login, "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for how in ({"json": ONE}, {"data": in_pieces()}, {"json": ONE, "expect100": True}):
            url = f"{mine.root}/v1/Messages"
            async with session.post(url, **how) as answer:
                assert answer.status == 202
                assert (await answer.json())["operationId"] == answer.headers["operationId"]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Encoding": "gzip"}, gzip.compress(json.dumps(ONE).encode(), mtime=0)),
        ({"Content-Type": "application/json; charset=utf-8"}, json.dumps(ONE).encode()),
        ({"Content-Type": "APPLICATION/JSON"}, json.dumps(ONE).encode("utf-8")),
        ({}, json.dumps(ONE, ensure_ascii=False, indent=2).encode()),
    ],
)
def test_with_other_headers(
    program: "MakeProgram", headers: Mapping[str, str], body: bytes
) -> None:
    """Packed, with a charset, in capitals, over several lines."""
    mine = program(clock="instant")
    assert mine.ask("POST", "/Messages", body, headers).status == 202


def test_a_kept_connection(program: "MakeProgram") -> None:
    """It serves on after a refusal, and after ten thousand recipients."""
    mine = program(clock="manual")
    to = [{"address": f"+1415{2_000_000 + place}", "channel": "PHONE"} for place in range(10_000)]
    for document, status in (({}, 400), (ONE | {"to": to}, 202), (ONE, 202), ([], 400)):
        told = mine.post(document)
        assert told.status == status
    where = mine.get("/Messages/Operations").json["operations"]
    assert sorted(each["stats"]["recipients"] for each in where) == [1, 10_000]


def test_who_is_not_known(program: "MakeProgram") -> None:
    """401 in the gateway's form, with the envelope besides; whatever the body is."""
    mine = program(clock="instant")
    for body in (b"{", json.dumps(ONE).encode()):
        told = mine.ask("POST", "/Messages", body, {"Authorization": "Basic QUM6eA=="})
        assert (told.status, told.json["code"], told.json["errors"][0]["code"]) == (
            401,
            20003,
            20003,
        )


def test_faults_on_request(program: "MakeProgram") -> None:
    """A program's retries can be tried out: 429 and 503 say when to come again."""
    mine = program(clock="instant")
    for code in (20429, 20503):
        rule = {"when": {"operation": "comms.v1.SendMessages"}, "then": {"error": code}, "times": 1}
        mine.stage.control("POST", "/faults", rule)
    for status in (429, 503):
        told = mine.post(ONE)
        assert (told.status, told.headers["retry-after"]) == (status, "1")
        assert [each["context"] for each in told.json["errors"]] == ["null"]
    assert mine.post(ONE).status == 202
    entries = mine.stage.control("GET", "/requests?operation=comms.v1.SendMessages")["requests"]
    assert [each["response"]["status"] for each in entries] == [429, 503, 202]


# What the journal has


def test_what_the_journal_has(program: "MakeProgram") -> None:
    """The call by its name, without the secret; of a large body the beginning."""
    mine = program(clock="instant")
    text = {"text": "x" * 1_000, "zzz": "y" * 10_000}
    assert mine.post(ONE | {"content": text}).status == 202
    [entry] = mine.stage.control("GET", "/requests")["requests"]
    assert (entry["operation"], entry["path"]) == ("comms.v1.SendMessages", "/comms/v1/Messages")
    assert entry["request"]["truncated"] is True
    assert entry["response"]["status"] == 202
    assert mine.stage.client.password not in json.dumps(entry)
    assert entry["warnings"] == ["`$.content.zzz` is not a field of this call and was ignored"]
