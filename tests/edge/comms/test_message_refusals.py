"""`POST /Messages`, refused as a whole: every fault at once, each with its place."""

import gzip
import json
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from tests.edge.comms.conftest import Comms

FIRST, BOUGHT = "+14155550101", "+14155550177"
NUMBER = "+14155552671"
ID = "01h9krwprkeee8fzqspvwy6nq8"
JSON = "application/json"
PHONE: Final = {"address": NUMBER, "channel": "PHONE"}
SMS: Final = {"address": FIRST, "channel": "SMS"}
URL: Final = {"url": "https://example.com/a.png"}
TEMPLATE = "HX" + "a" * 32
CARRIERS: Final = ("operationId", "operation-id", "operationLocation", "operation-location")


# -- what is refused -------------------------------------------------------------------------------

LIQUID: Final = {"text": "{{ a }}"}

ROWS: Final[list[tuple[dict[str, Any], list[tuple[int, str]]]]] = [
    # `to`
    ({"drop": "to"}, [(20001, "$.to")]),
    ({"to": {}}, [(20001, "$.to")]),
    ({"to": []}, [(20001, "$.to")]),
    ({"to": [PHONE] * 10_001}, [(20001, "$.to")]),
    ({"to": [PHONE, {"variables": {}}]}, [(20001, "$.to[1]")]),
    ({"to": [PHONE | {"addresses": [PHONE]}]}, [(20001, "$.to[0]")]),
    # phone numbers
    ({"to": [PHONE, PHONE | {"address": "555"}]}, [(21614, "$.to[1].address")]),
    ({"to": [{"addresses": [PHONE, PHONE | {"address": "+1"}]}]}, [
        (21614, "$.to[0].addresses[1].address"),
    ]),
    # channels
    ({"to": [PHONE | {"channel": "SMS"}]}, [(20001, "$.to[0].channel")]),
    ({"from_": SMS | {"channel": "PHONE"}}, [(20001, "$.from.channel")]),
    ({"from_": {"senderPoolId": f"comms_senderpool_{ID}", "channels": {"filterIn": ["MMS"]}}}, [
        (20404, "$.from.senderPoolId"), (20001, "$.from.channels.filterIn[0]"),
    ][1:]),
    # ids: of the wrong form, and of nobody
    ({"from_": {"senderId": "comms_sender_"}}, [(20001, "$.from.senderId")]),
    ({"from_": {"senderPoolId": "MG" + "a" * 32}}, [(20001, "$.from.senderPoolId")]),
    ({"to": [{"cohortId": "x"}]}, [(20001, "$.to[0].cohortId")]),
    ({"to": [{"memoryStoreId": "x", "profileId": "y"}]}, [
        (20001, "$.to[0].memoryStoreId"), (20001, "$.to[0].profileId"),
    ]),
    ({"from_": {"senderId": f"comms_sender_{ID}"}}, [(20404, "$.from.senderId")]),
    ({"from_": {"senderPoolId": f"comms_senderpool_{ID}"}}, [(20404, "$.from.senderPoolId")]),
    ({"to": [PHONE, {"cohortId": f"cmp_cohort_{ID}"}]}, [(20404, "$.to[1].cohortId")]),
    ({"to": [{"memoryStoreId": f"mem_store_{ID}", "profileId": f"mem_profile_{ID}"}]}, [
        (20404, "$.to[0].memoryStoreId"),
    ]),
    # senders that can be none
    ({"from_": {"address": "not a number!", "channel": "SMS"}}, [(21606, "$.from.address")]),
    ({"from_": {"address": "MG" + "a" * 32, "channel": "SMS"}}, [(21606, "$.from.address")]),
    ({"from_": {"address": "me", "channel": "WHATSAPP"}}, [(63007, "$.from.address")]),
    ({"from_": {"address": "a b", "channel": "RCS"}}, [(63007, "$.from.address")]),
    # the content
    ({"drop": "content"}, [(20001, "$.content")]),
    ({"content": {"MessageContentTemplate": {"contentId": TEMPLATE}}}, [(20001, "$.content")]),
    ({"content": {"text": "a", "contentId": TEMPLATE}}, [(20001, "$.content")]),
    ({"content": {"text": "", "media": []}}, [(21619, "$.content")]),
    ({"content": {"text": "a" * 1_601}}, [(21617, "$.content.text")]),
    ({"content": {"text": "{{ a }}{{ a }}"}, "to": [PHONE | {"variables": {"a": "b" * 801}}]}, [
        (21617, "$.content.text"),
    ]),
    ({"content": {"media": [URL] * 11}}, [(21623, "$.content.media")]),
    ({"content": {"media": [URL, {"url": "no address"}]}}, [(21620, "$.content.media[1].url")]),
    ({"content": {"media": [{"url": "{{ a }}"}]}, "to": [PHONE | {"variables": {"a": "x y"}}]}, [
        (21620, "$.content.media[0].url"),
    ]),
    ({"content": {"contentId": "HX"}}, [(21655, "$.content.contentId")]),
    ({"content": {"contentId": TEMPLATE}}, [(21655, "$.content.contentId")]),
    ({"content": {"text": "{{ a"}}, [(20001, "$.content.text")]),
    ({"content": LIQUID}, [(20001, "$.content.text")]),
    # the schedule: the clock stands at 2026-12-01T00:00:00Z
    ({"schedule": {}}, [(35111, "$.schedule.sendAt")]),
    ({"schedule": {"sendAt": []}}, [(35111, "$.schedule.sendAt")]),
    ({"schedule": {"sendAt": ["soon"]}}, [(35114, "$.schedule.sendAt[0]")]),
    ({"schedule": {"sendAt": ["2026-11-30T00:00:00Z"]}}, [(35114, "$.schedule.sendAt[0]")]),
    ({"schedule": {"sendAt": ["2026-12-09T00:00:00Z"]}}, [(35114, "$.schedule.sendAt[0]")]),
    ({"schedule": {"sendAt": ["2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z"]}}, [
        (35114, "$.schedule.sendAt"),
    ]),
    # the tags
    ({"tags": {"a b": "c"}}, [(20001, "$.tags")]),
    ({"tags": {"a": "{{ b }}"}, "to": [PHONE | {"variables": {"b": "c d"}}]}, [(20001, "$.tags")]),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "expected"), ROWS)
async def test_what_is_refused(
    comms: "Comms", fields: dict[str, Any], expected: list[tuple[int, str]]
) -> None:
    """400 with code and place; nothing is left behind but the entry in the journal."""
    before, asked = comms.kept(), len(comms.caller.journal)
    fields = {"from_": {"address": BOUGHT, "channel": "SMS"}, **fields}
    answer = await comms.post("/Messages", comms.sending(**fields))
    assert (answer.status, comms.faults(answer)) == (400, expected)
    assert comms.kept() == before
    assert len(comms.caller.journal) == asked + 1
    assert not any(name in CARRIERS for name, _ in answer.headers)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (None, JSON),
        (b"", JSON),
        (b"{", JSON),
        (b"\xff", JSON),
        (b"[]", JSON),
        (b"null", JSON),
        (b'"to"', JSON),
        (b'{"to": "\\ud800"}', JSON),
        (b"[" * 100_000, JSON),
        (b"To=%2B14155552671&Body=Ahoy", "application/x-www-form-urlencoded"),
        (b"{}", "text/plain"),
        (b"{}", "multipart/form-data; boundary=x"),
    ],
)
async def test_what_is_no_document(comms: "Comms", body: bytes | None, kind: str) -> None:
    """No JSON, no object, or said to be something else: 20001, and no field is named."""
    before = comms.kept()
    answer = await comms.raw("POST", "/Messages", body, kind)
    assert (answer.status, comms.faults(answer)) == (400, [(20001, "null")])
    assert comms.kept() == before


async def test_everything_at_once(comms: "Comms") -> None:
    """All faults, in the document's order, also those that take more than the document to see."""
    document = {
        "content": {"text": "Hi {{ name }}{% if %}", "media": [{"url": "x y"}]},
        "to": [
            PHONE | {"address": "nobody"},
            {"cohortId": f"cmp_cohort_{ID}"},
            PHONE | {"channel": "FAX"},
        ],
        "from": {"senderId": f"comms_sender_{ID}"},
        "tags": {"a": "b c"},
        "schedule": {"sendAt": ["2026-11-30T00:00:00Z"]},
    }
    answer = await comms.post("/Messages", document)
    assert comms.faults(answer) == [
        (21620, "$.content.media[0].url"),
        (21614, "$.to[0].address"),
        (20404, "$.to[1].cohortId"),
        (20001, "$.to[2].channel"),
        (20404, "$.from.senderId"),
        (20001, "$.tags"),
        (35114, "$.schedule.sendAt[0]"),
    ]


async def test_good_parts_are_looked_at_among_bad_ones(comms: "Comms") -> None:
    """The text that is too long for a good recipient is told beside a bad one, by its place."""
    to = [
        PHONE | {"address": "nobody"},
        PHONE | {"variables": {"a": "b"}},
        PHONE,
        PHONE | {"channel": "FAX"},
        PHONE,
    ]
    answer = await comms.post("/Messages", comms.sending(to=to, content=LIQUID, tags={"a": "{{ a"}))
    assert comms.faults(answer) == [
        (21614, "$.to[0].address"),
        (20001, "$.to[3].channel"),
        (20001, "$.tags"),
    ]
    answer = await comms.post("/Messages", comms.sending(to=to, content=LIQUID))
    assert comms.faults(answer)[-1] == (20001, "$.content.text")
    assert "$.to[2] does not have it, nor do 1 more" in answer.json["errors"][-1]["message"]


async def test_documented_words(comms: "Comms") -> None:
    """The texts of the samples."""
    fields: dict[str, Any] = {"to": [PHONE | {"address": "x"}], "from_": SMS | {"channel": "FAX"}}
    answer = await comms.post("/Messages", comms.sending(**fields))
    assert [each["message"] for each in answer.json["errors"]] == [
        "Invalid parameter: channel must be one of SMS, RCS, WHATSAPP.",
        "The address specified in the request is not a valid phone number.",
    ]


async def test_a_hundred_faults(comms: "Comms") -> None:
    """No more are told, however many there are."""
    answer = await comms.post("/Messages", comms.sending(to=[{}] * 5_000))
    assert comms.faults(answer) == [(20001, f"$.to[{place}]") for place in range(100)]


async def test_strict_senders(comms: "Comms") -> None:
    """Only what was set up: 21606, or 63007 on RCS and WhatsApp."""
    comms.put(senders="strict")
    for channel, code in (("SMS", 21606), ("RCS", 63007), ("WHATSAPP", 63007)):
        sender = {"address": BOUGHT, "channel": channel}
        answer = await comms.post("/Messages", comms.sending(from_=sender))
        assert (answer.status, comms.faults(answer)) == (400, [(code, "$.from.address")])
        assert BOUGHT in answer.json["errors"][0]["message"]
    assert (await comms.post("/Messages", comms.sending())).status == 202


async def test_what_belongs_to_somebody_else(comms: "Comms") -> None:
    """Numbers, senders, pools and templates of another account are not there for this one."""
    own, pool = await comms.senders(), await comms.pool()
    given = {"sid": TEMPLATE, "types": {"twilio/text": {"body": "Hi"}}}
    comms.put(given={"content": [given]})
    content = {"contentId": TEMPLATE}
    assert (await comms.post("/Messages", comms.sending(content=content))).status == 202
    comms.caller.auth = comms.other_account()
    for sender, expected in (
        (SMS, (21606, "$.from.address")),
        ({"senderId": own[FIRST]}, (20404, "$.from.senderId")),
        ({"senderPoolId": pool["id"]}, (20404, "$.from.senderPoolId")),
    ):
        answer = await comms.post("/Messages", comms.sending(from_=sender, content=content))
        assert comms.faults(answer) == [expected, (21655, "$.content.contentId")]


async def test_a_pool_that_went(comms: "Comms") -> None:
    """It may go while somebody means to use it; the next request is refused."""
    pool = await comms.pool()
    sender = {"senderPoolId": pool["id"]}
    assert (await comms.post("/Messages", comms.sending(from_=sender))).status == 202
    await comms.send("DELETE", f"/SenderPools/{pool['id']}")
    answer = await comms.post("/Messages", comms.sending(from_=sender))
    assert (answer.status, comms.faults(answer)) == (400, [(20404, "$.from.senderPoolId")])


@pytest.mark.parametrize(
    ("rule", "text", "status"),
    [
        ("if_missing", "{{ here }}", 202),
        ("if_missing", "{{ gone }}", 400),
        ("if_missing", "{{ gone | default: 'x' }}", 202),
        ("require", "{{ here }}", 400),
        ("require", "{{ here | default: 'x' }}", 202),
        ("off", "a{{ gone }}", 202),
    ],
)
async def test_variables_without_default(comms: "Comms", rule: str, text: str, status: int) -> None:
    """Refused where a recipient lacks them, always, or never."""
    comms.put(options={"liquid_default": rule})
    to = [PHONE | {"variables": {"here": "x"}}]
    answer = await comms.post("/Messages", comms.sending(content={"text": text}, to=to))
    assert answer.status == status
    if status == 400:
        assert comms.faults(answer) == [(20001, "$.content.text")]


async def test_without_the_library(comms: "Comms", monkeypatch: pytest.MonkeyPatch) -> None:
    """Liquid is refused with a word on what to install; other texts do without."""
    for name in [each for each in sys.modules if each.startswith("mockserver.domain.personal")]:
        if name.rpartition(".")[2] in ("engine", "bounds", "reading"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "liquid", None)
    answer = await comms.post("/Messages", comms.sending(content=LIQUID))
    assert (answer.status, comms.faults(answer)) == (400, [(20001, "null")])
    assert "pip install 'twilio-mockserver[comms]'" in answer.json["errors"][0]["message"]
    assert (await comms.post("/Messages", comms.sending())).status == 202


async def test_the_horizon(comms: "Comms") -> None:
    """Seven days, unless somebody says otherwise."""
    schedule = {"sendAt": ["2026-12-20T00:00:00Z"]}
    assert (await comms.post("/Messages", comms.sending(schedule=schedule))).status == 400
    comms.put(options={"comms_horizon": "30d"})
    assert (await comms.post("/Messages", comms.sending(schedule=schedule))).status == 202


# -- what is not known -----------------------------------------------------------------------------

STRANGE: Final = {
    "from": SMS,
    "to": [PHONE, PHONE | {"zzz": 1}],
    "content": {"text": "a", "contentSid": "b"},
    "Tags": {},
}


async def test_unknown_fields(comms: "Comms") -> None:
    """They are ignored, and the journal says so with the nearest name; of a refusal as well."""
    for sender, status in ((SMS, 202), ({}, 400)):
        answer = await comms.send("POST", "/Messages?x=1", STRANGE | {"from": sender})
        assert answer.status == status
        assert [each.partition(" ")[0] for each in comms.warnings] == [
            "`x`", "`$.content.contentSid`", "`$.Tags`", "`$.to[].zzz`",
        ]  # fmt: skip
        assert "did you mean `contentId`?" in comms.warnings[1]


async def test_strictness(comms: "Comms") -> None:
    """Then each is a fault with its place, in body and query, beside all others."""
    comms.put(options={"strict_queries": True})
    answer = await comms.post("/Messages", STRANGE | {"from": {}})
    assert (answer.status, comms.faults(answer)) == (400, [
        (20001, "$.from"),
        (20001, "$.to[1].zzz"),
        (20001, "$.content.contentSid"),
        (20001, "$.Tags"),
    ])  # fmt: skip
    answer = await comms.send("POST", "/Messages?x=1&y=2&x=3", comms.sending())
    assert (answer.status, comms.faults(answer)) == (400, [(20001, "$.x"), (20001, "$.y")])
    assert (await comms.post("/Messages", comms.sending())).status == 202


async def test_strictness_of_the_others(comms: "Comms") -> None:
    """It holds for every operation of this host, whether it reads a query or not."""
    comms.put(options={"strict_queries": True})
    pool = await comms.pool()
    for method, path, body in (
        ("GET", "/Messages", None),
        ("GET", "/Messages/Operations", None),
        ("GET", "/Messages/x", None),
        ("GET", "/Senders", None),
        ("GET", "/Senders/x", None),
        ("GET", f"/SenderPools/{pool['id']}", None),
        ("POST", "/SenderPools", {}),
        ("PATCH", f"/SenderPools/{pool['id']}", {"name": "A"}),
    ):
        answer = await comms.send(method, f"{path}?zzz=1", body)
        assert (answer.status, comms.faults(answer)) == (400, [(20001, "$.zzz")])
    answer = await comms.get("/Senders", zzz="1", channel="FAX", page_size="5")
    assert comms.faults(answer) == [(20001, "$.channel"), (20001, "$.zzz")]
    answer = await comms.post("/SenderPools", {"name": "", "tgas": {}, "senders": [{"id": 1}]})
    assert {context for _, context in comms.faults(answer)} == {
        *("$.name", "$.tgas", "$.senders[0].senderId", "$.senders[0].id"),
    }


# -- sizes -----------------------------------------------------------------------------------------


def people(count: int) -> list[dict[str, Any]]:
    return [PHONE | {"address": f"+1415{2_000_000 + place}"} for place in range(count)]


async def test_ten_thousand(comms: "Comms") -> None:
    """As many as there may be; one more is too many."""
    made = comms.operation(await comms.post("/Messages", comms.sending(to=people(10_000))))
    assert made.count == 10_000
    answer = await comms.post("/Messages", comms.sending(to=people(10_001)))
    assert (answer.status, comms.faults(answer)) == (400, [(20001, "$.to")])
    assert "1 to 10000 recipients" in answer.json["errors"][0]["message"]


def sized(size: int) -> bytes:
    """A request of so many bytes."""
    usual = json.dumps({"to": [PHONE], "content": {"text": "a"}, "zzz": ""}).encode()
    return usual.replace(b'"zzz": ""', b'"zzz": "%b"' % (b"x" * (size - len(usual))))


async def test_ten_megabytes(comms: "Comms") -> None:
    """At most, packed or not; the journal keeps the beginning."""
    for data, how in ((sized(10_000_000), ""), (gzip.compress(sized(10_000_000)), "gzip")):
        answer = await comms.raw("POST", "/Messages", data, JSON, **{"Content-Encoding": how})
        assert answer.status == 202
        entry = comms.caller.journal[-1]
        assert (len(entry.body), entry.body_length) == (4_096, len(data))
    for data, how in ((sized(10_000_001), ""), (gzip.compress(sized(10_000_001)), "gzip")):
        answer = await comms.raw("POST", "/Messages", data, JSON, **{"Content-Encoding": how})
        assert (answer.status, comms.faults(answer)) == (413, [(20413, "null")])


async def test_the_status_of_too_much(comms: "Comms") -> None:
    """413, or 400 where that is asked for; what nobody takes in is a 413."""
    comms.put(options={"comms_too_large": 400})
    bomb = gzip.compress(b" " * 20_000_000)
    for data, how in ((sized(10_000_001), ""), (bomb, "gzip")):
        answer = await comms.raw("POST", "/Messages", data, JSON, **{"Content-Encoding": how})
        assert (answer.status, comms.faults(answer)) == (400, [(20413, "null")])
    line = await comms.caller.line()
    head = {"Content-Type": JSON, "Content-Length": str(17 * 1024 * 1024)}
    await line.send(comms.caller.head("POST", "/v1/Messages", head))
    answer = await line.answer()
    assert (answer.status, comms.faults(answer)) == (413, [(20413, "null")])


@pytest.mark.parametrize(
    "packed",
    [b"", b"x", gzip.compress(b"{}", mtime=0)[:-9], gzip.compress(b"[]", mtime=0)],
    ids=["nothing", "something", "cut off", "no object"],
)
async def test_broken_packing(comms: "Comms", packed: bytes) -> None:
    """A body that is not what its encoding says, or is no request once unpacked."""
    answer = await comms.raw("POST", "/Messages", packed, JSON, **{"Content-Encoding": "gzip"})
    assert (answer.status, comms.faults(answer)) == (400, [(20001, "null")])
