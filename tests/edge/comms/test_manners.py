"""What all of comms.twilio.com has in common: paths, bodies, refusals, the journal."""

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN, Account
from mockserver.domain.faults import Scenario
from mockserver.world import copying
from mockserver.world.documents import document_schema
from mockserver.world.sandboxes import Order
from mockserver.world.snapshot import BadSnapshot, parse

if TYPE_CHECKING:
    from tests.edge.comms.conftest import AtComms, Comms
    from tests.edge.conftest import Answer

FIRST = "+14155550101"
JSON = "application/json"


# Where it is


@pytest.mark.parametrize(
    ("host", "root", "base"),
    [
        ("comms.twilio.com", "/v1", "https://comms.twilio.com/v1"),
        ("comms.twilio.com", "/preview", "https://comms.twilio.com/preview"),
        ("comms.twilio.com", "/Preview", "https://comms.twilio.com/preview"),
        ("comms.dublin.ie1.twilio.com", "/v1", "https://comms.dublin.ie1.twilio.com/v1"),
        ("localhost:2010", "/comms/v1", "http://localhost:2010/comms/v1"),
        ("127.0.0.1:2010", "/comms/preview", "http://127.0.0.1:2010/comms/preview"),
    ],
)
async def test_ways_there(comms: "Comms", host: str, root: str, base: str) -> None:
    """By host or short name, as v1 or preview; locations are where the request was, in Pascal."""
    comms.caller.host, comms.root = host, root
    answer = await comms.post("/senderpools", {})
    assert answer.status == 202
    assert answer.json["operationLocation"].startswith(f"{base}/SenderPools/Operations/comms_op")
    assert (await comms.get("/SENDERPOOLS/operations")).status == 200


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/Messages", "ListMessages"),
        ("GET", "/Messages/x", "FetchMessage"),
        ("GET", "/Messages/x/Receipts", "ListMessageReceipts"),
        ("GET", "/Messages/Seek/x", "SeekMessage"),
        ("GET", "/Messages/Operations", "ListMessageOperations"),
        ("GET", "/Messages/Operations/x", "FetchMessageOperation"),
        ("GET", "/Messages/Operations/x/Errors", "ListMessageOperationErrors"),
        ("POST", "/Messages/Operations/x/Cancel", "CancelMessageOperation"),
        ("GET", "/Senders", "ListSenders"),
        ("GET", "/Senders/x", "FetchSender"),
        ("POST", "/Senders/Search", "SearchSenders"),
        ("POST", "/Senders/Resolve", "ResolveSenders"),
        ("POST", "/SenderPools", "CreateSenderPool"),
        ("GET", "/SenderPools", "ListSenderPools"),
        ("GET", "/SenderPools/x", "FetchSenderPool"),
        ("PATCH", "/SenderPools/x", "UpdateSenderPool"),
        ("DELETE", "/SenderPools/x", "DeleteSenderPool"),
        ("GET", "/SenderPools/x/Senders", "ListSenderPoolSenders"),
        ("POST", "/SenderPools/x/Senders", "AddSenderPoolSenders"),
        ("DELETE", "/SenderPools/x/Senders/y", "RemoveSenderPoolSender"),
        ("GET", "/SenderPools/Operations", "ListSenderPoolOperations"),
        ("GET", "/SenderPools/Operations/x", "FetchSenderPoolOperation"),
        ("GET", "/SenderPools/x/Senders/Operations/y", "FetchSenderPoolOperation"),
    ],
)
async def test_names_in_the_journal(comms: "Comms", method: str, path: str, operation: str) -> None:
    """`comms.v1.…` also where preview was asked; words of a path win over ids."""
    for comms.root in ("/v1", "/preview"):
        await comms.send(method, path)
        assert comms.caller.journal[-1].operation == f"comms.v1.{operation}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/Emails"),
        ("GET", "/Messages/x/y"),
        ("GET", "/Nonsense"),
        ("GET", "/Senders/x/y"),
    ],
)
@pytest.mark.parametrize("known", [True, False])
async def test_what_is_not_served(comms: "Comms", method: str, path: str, known: bool) -> None:
    """404 in the form of all hosts and in that of this one, even for strangers; said plainly."""
    comms.caller.auth = comms.caller.auth if known else None
    answer = await comms.send(method, path)
    assert answer.status == 404
    document = answer.json
    [error] = document.pop("errors")
    assert (error["code"], error["context"]) == (20404, "null")
    assert document == {
        "code": 20404,
        "message": f"The requested resource {path} was not found",
        "more_info": "https://www.twilio.com/docs/errors/20404",
        "status": 404,
    }
    assert f"{method} comms.twilio.com/v1{path}, which this mock does not" in comms.warnings[0]


# Who asks, and how


@pytest.mark.parametrize("auth", [None, f"{DEFAULT_SID}:wrong"])
async def test_strangers(comms: "Comms", auth: str | None) -> None:
    """401 in the form of all hosts and in that of this one."""
    comms.caller.auth = auth
    answer = await comms.get("/Senders")
    assert (answer.status, answer.json["code"], answer.json["status"]) == (401, 20003, 401)
    [error] = answer.json["errors"]
    assert (error["code"], error["message"]) == (20003, answer.json["message"])
    assert answer.header("WWW-Authenticate") == 'Basic realm="Twilio API"'


async def test_test_credentials(at_comms: "AtComms") -> None:
    """They may not come here: 403."""
    sid = "AC" + "c" * 32
    comms = await at_comms(account=(Account(sid, "t" * 32, mode="test"),))
    comms.caller.auth = f"{sid}:{'t' * 32}"
    answer = await comms.get("/Senders")
    assert (answer.status, answer.json["errors"][0]["code"]) == (403, 20008)


async def test_methods(comms: "Comms") -> None:
    """HEAD is GET without its body, OPTIONS says what there is, others are 405."""
    head = await comms.send("HEAD", "/Senders")
    assert (head.status, head.body) == (200, b"")
    assert int(head.header("Content-Length") or 0) > 0
    options = await comms.send("OPTIONS", "/SenderPools/x")
    assert (options.status, options.header("Allow")) == (204, "DELETE, GET, HEAD, PATCH")
    for method in ("PUT", "DELETE", "PATCH"):
        answer = await comms.send(method, "/Senders")
        assert (answer.status, comms.faults(answer)) == (405, [(20004, "null")])
        assert answer.header("Allow") == "GET, HEAD"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (None, JSON),
        (b"", JSON),
        (b"{", JSON),
        (b"\xff", JSON),
        (b'{"name": "\\ud800"}', JSON),
        (b"[" * 100_000, JSON),
        (b'{"name": ' + b"[" * 500 + b"]" * 500 + b"}", JSON),
        (b"name=A", "application/x-www-form-urlencoded"),
        (b'{"name": "A"}', "text/plain"),
        (b"null", JSON),
        (b"1", JSON),
    ],
)
async def test_what_is_no_document(comms: "Comms", body: bytes | None, kind: str) -> None:
    """No JSON, no object, or said to be something else: 20001."""
    answer = await comms.raw("POST", "/SenderPools", body, kind)
    assert (answer.status, comms.faults(answer)) == (400, [(20001, "null")])


@pytest.mark.parametrize("kind", [None, "application/json; charset=utf-8", "Application/JSON"])
async def test_what_is_one(comms: "Comms", kind: str | None) -> None:
    """With any charset, and where nobody says what it is; packed, too."""
    answer = await comms.raw("POST", "/SenderPools", '{"name": "é"}'.encode(), kind)
    assert answer.status == 202
    packed = gzip.compress(b'{"name": "B"}')
    answer = await comms.raw("POST", "/SenderPools", packed, kind, **{"Content-Encoding": "gzip"})
    assert answer.status == 202
    found = (await comms.get("/SenderPools")).json["senderPools"]
    assert [each["name"] for each in found] == ["B", "é"]


async def test_too_much(comms: "Comms") -> None:
    """Ten megabytes at most, packed or not."""
    body = b'{"name": "%b"}' % (b"x" * (10_000_000 - 12))
    assert (await comms.raw("POST", "/SenderPools", body, JSON)).status == 202
    for data, how in ((b" " + body, ""), (gzip.compress(b" " + body), "gzip")):
        answer = await comms.raw("POST", "/SenderPools", data, JSON, **{"Content-Encoding": how})
        assert (answer.status, comms.faults(answer)) == (413, [(20413, "null")])


async def test_unknown_fields(comms: "Comms") -> None:
    """They are ignored, in bodies and queries, and the journal says so with the nearest name."""
    answer = await comms.post("/SenderPools", {"nmae": "A", "tags": {"nmae": "x"}})
    assert answer.status == 202
    assert comms.warnings == [
        "`nmae` is not a field of this call and was ignored: did you mean `name`?"
    ]
    assert (await comms.get("/Senders", Channel="RCS", chanel="RCS")).status == 200
    assert [each.partition(" ")[0] for each in comms.warnings] == ["`Channel`", "`chanel`"]
    assert all("did you mean `channel`?" in each for each in comms.warnings)


@pytest.mark.parametrize(
    ("fault", "status", "text", "retry"),
    [
        (20404, 404, "The resource was not found.", None),
        (20429, 429, "Too many requests. Please retry according to the Retry-After", "1"),
        (20500, 500, "Internal Server Error", None),
        (20503, 503, "Service Unavailable", "1"),
    ],
)
async def test_faults_that_are_asked_for(
    at_comms: "AtComms", fault: int, status: int, text: str, retry: str | None
) -> None:
    """They come in the form of this host, and no body of JSON is mistaken for a form."""
    comms = await at_comms()
    comms.caller.sandbox.rules.put(_failing(fault))
    answer = await comms.post("/SenderPools", {})
    assert (answer.status, comms.faults(answer)) == (status, [(fault, "null")])
    assert answer.json["errors"][0]["message"].startswith(text)
    assert answer.header("Retry-After") == retry
    assert comms.warnings == []


def _failing(code: int) -> Scenario:
    from mockserver.world.scenarios import from_document

    when = {"operation": "comms.v1.CreateSenderPool"}
    return from_document({"faults": [{"when": when, "then": {"error": code}}]})


# Whatever is sent


CALLS = (
    ("POST", "/Senders/Search", "SearchSenders"),
    ("POST", "/Senders/Resolve", "ResolveSenders"),
    ("POST", "/SenderPools", "CreateSenderPool"),
    ("PATCH", "/SenderPools/{pool}", "UpdateSenderPool"),
    ("POST", "/SenderPools/{pool}/Senders", "AddSenderPoolSenders"),
)

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["SMS", "rcs", "PHONE", FIRST, "comms_sender_01h9krwprkeee8fzqspvwy6nq8"])
)


def documents(names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Anything, with a liking for known names."""
    inner = ("address", "channel", "senderId", "priority", "filterIn", "name")
    keys = st.sampled_from([*names, *inner]) | st.text(max_size=5)
    return st.recursive(
        LEAVES,
        lambda each: st.lists(each, max_size=4) | st.dictionaries(keys, each, max_size=5),
        max_leaves=20,
    )


@pytest.fixture
async def pooled(comms: "Comms") -> "tuple[Comms, str]":
    """With a pool."""
    return comms, (await comms.pool())["id"]


@pytest.mark.parametrize(("method", "path", "operation"), CALLS)
async def test_anything_at_all(
    pooled: "tuple[Comms, str]", method: str, path: str, operation: str
) -> None:
    """Any JSON is taken, or refused with a fault that says where; never a 500."""
    comms, pool = pooled
    asked: list[Any] = []

    @settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))
    @given(documents(document_schema(f"comms/v1/{operation}").names))
    def gather(document: Any) -> None:
        asked.append(document)

    gather()
    for document in asked:
        answer = await comms.send(method, path.format(pool=pool), document)
        assert answer.status in (200, 202, 400, 404, 409), (document, answer.body)
        if answer.status >= 400:
            assert comms.faults(answer)


# What is kept


async def made(comms: "Comms") -> "list[Answer]":
    """A little of everything; what was answered."""
    own = await comms.senders()
    await comms.post("/Senders/Search", {"address": "+14155550188", "channel": "SMS"})
    pool = await comms.pool(own[FIRST], name="A", tags={"a": "b"})
    await comms.post(f"/SenderPools/{pool['id']}/Senders", {"senderId": own["brand_agent"]})
    return await seen(comms, pool["id"])


async def seen(comms: "Comms", pool: str) -> "list[Answer]":
    paths = ("/Senders", "/SenderPools", "/SenderPools/Operations", f"/SenderPools/{pool}/Senders")
    return [await comms.get(path) for path in paths]


async def test_a_seed(at_comms: "AtComms") -> None:
    """Two sandboxes with one seed give the same ids; another seed gives others."""
    one, same, other = [await made(await at_comms(seed=seed)) for seed in (7, 7, 8)]
    assert [each.json for each in one] == [each.json for each in same]
    assert one[0].json != other[0].json
    assert one[1].json != other[1].json


async def test_a_snapshot(at_comms: "AtComms") -> None:
    """Senders, pools and operations go out and in, and a fork has them too."""
    source, target = await at_comms(), await at_comms(seed=8)
    before = await made(source)
    [pool] = before[1].json["senderPools"]
    kept = parse(json.loads(_encoded(source)))
    target.caller.sandbox.restore(kept, Scenario(""))
    after = await seen(target, pool["id"])
    assert [each.json for each in after] == [each.json for each in before]
    assert (await target.pool(name="B"))["id"] > pool["id"]


def _encoded(comms: "Comms") -> bytes:
    import msgspec

    return msgspec.json.encode(comms.caller.sandbox.snapshot())


async def test_two_sandboxes(comms: "Comms") -> None:
    """Neither sees what is in the other, not even by its id; a fork has a copy."""
    await made(comms)
    own = await comms.senders()
    [pool] = (await comms.get("/SenderPools")).json["senderPools"]
    sandboxes = comms.caller.server.sandboxes
    for box, status in (
        (sandboxes.make(Order()), 404),
        (copying.fork(sandboxes, comms.caller.sandbox, Order()), 200),
    ):
        first = box.accounts.first
        comms.caller.auth = f"{first.sid}:{first.auth_token}"
        assert (await comms.senders() == own) == (status == 200)
        assert (await comms.get(f"/SenderPools/{pool['id']}")).status == status
        await comms.send("DELETE", f"/SenderPools/{pool['id']}")
    comms.caller.auth = f"{DEFAULT_SID}:{DEFAULT_TOKEN}"
    assert (await comms.get(f"/SenderPools/{pool['id']}")).json == pool


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("senders", {"id": "x"}),
        ("sender_pools", {"id": "comms_sender_01h9krwprkeee8fzqspvwy6nq8"}),
        ("sender_pool_operations", {"created_at": -1}),
        ("sender_pools", {"updated_at": 1 << 62}),
    ],
)
async def test_a_broken_snapshot(comms: "Comms", table: str, change: dict[str, Any]) -> None:
    """What is no record of its table is refused, with its place."""
    await made(comms)
    document = json.loads(_encoded(comms))
    document[table][0] |= change
    with pytest.raises(BadSnapshot, match=rf"{table}\[0\]"):
        parse(document)


async def test_a_reset(comms: "Comms") -> None:
    """Nothing is left of pools, operations, and senders that nobody set up."""
    await made(comms)
    comms.caller.sandbox.reset()
    for path, key in (("/Senders", "senders"), ("/SenderPools", "senderPools")):
        assert (await comms.get(path)).json[key] == []
    assert (await comms.get("/SenderPools/Operations")).json["operations"] == []


async def test_an_account_that_nobody_set_up(comms: "Comms") -> None:
    """It sees nothing at first, and comes into being with its first pool."""
    sid = "AC" + "e" * 32
    comms.caller.auth = f"{sid}:{'t' * 32}"
    assert await comms.senders() == {}
    await comms.pool(name="A")
    comms.caller.auth = f"{sid}:{'u' * 32}"
    assert (await comms.get("/SenderPools")).status == 401
    comms.caller.auth = f"{DEFAULT_SID}:{DEFAULT_TOKEN}"
    assert (await comms.get("/SenderPools")).json["senderPools"] == []
