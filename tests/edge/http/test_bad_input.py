"""Whatever comes in over the wire: a clear answer in Twilio's shape, no hang, no message lost."""

import gzip
import json
import zlib
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

import pytest

from mockserver.edge.control.rendering import params

if TYPE_CHECKING:
    from tests.edge.conftest import Answer, Caller

FORM = "application/x-www-form-urlencoded"
GOOD = b"To=%2B14155552671&From=%2B15017122661&Body=Ahoy"
PACKED = gzip.compress(GOOD, mtime=0)


async def _still_serves(api: "Caller", created: int = 0) -> None:
    """Every 201 so far is listed, and another create works."""
    assert len(await api.sids()) == created
    answer = await api.create()
    assert answer.status == 201
    assert (await api.sids())[0] == answer.json["sid"]


# -- what is in the form ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (GOOD + b"&Body=100%", "'%' is not percent-encoding; a percent sign is sent as '%25'"),
        (GOOD + b"&Body=50%+off", "'% o' is not percent-encoding"),
        (GOOD + b"%zz", "'%zz' is not percent-encoding"),
        (GOOD + b"&%=1", "'%' is not percent-encoding"),
        (GOOD + b"\xff\xfe", "the parameters are not UTF-8"),
        (GOOD + "é".encode("latin-1"), "the parameters are not UTF-8"),
        (GOOD + b"%ff", "the parameters are not UTF-8"),
        (GOOD + b"%ED%A0%80", "the parameters are not UTF-8"),
        (GOOD + b"&%ED%BF%BF=1", "the parameters are not UTF-8"),
        (GOOD + b"%C0%80", "the parameters are not UTF-8"),
        (GOOD + b"%F4%90%80%80", "the parameters are not UTF-8"),
    ],
)
async def test_a_form_that_cannot_be_read(api: "Caller", body: bytes, said: str) -> None:
    """400 with 20001 and what to mend: never a message that is not what was meant."""
    answer = await api.call("POST", body=body)
    assert (answer.status, answer.code) == (400, 20001)
    assert answer.json["message"].startswith("Bad request: ")
    assert said in answer.json["message"]
    await _still_serves(api)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"Ahoy%00", "Ahoy\0"),
        ("Ahoy é".encode(), "Ahoy é"),
        (b"%F0%9F%98%80%E2%80%A8", "😀\u2028"),
        (b"a+b%2Bc%252B", "a b+c%2B"),
        (b"=&;", "="),
        (b"%EF%BF%BF%C2%85", "\uffff\x85"),
    ],
)
async def test_a_form_with_odd_text(api: "Caller", body: bytes, text: str) -> None:
    """What is UTF-8 is a body, whatever it says; the answer has it unchanged."""
    answer = await api.call("POST", body=GOOD.removesuffix(b"Ahoy") + body)
    assert (answer.status, answer.json["body"]) == (201, text)
    assert answer.body.isascii()


@pytest.mark.parametrize("charset", ["klingon", "", "utf-8;x", "'none'"])
async def test_an_unknown_charset(api: "Caller", charset: str) -> None:
    """Said to be none; the form is UTF-8 otherwise, whatever charset it claims."""
    headers = {"Content-Type": f"{FORM}; charset={charset}"}
    answer = await api.call("POST", body=GOOD, headers=headers)
    if charset == "utf-8;x":
        assert answer.status == 201
        return
    assert (answer.status, answer.code) == (400, 20001)
    assert "there is no charset" in answer.json["message"]
    await _still_serves(api)


@pytest.mark.parametrize(
    "kind", [f"{FORM}; charset=utf-8", f"{FORM};charset=ISO-8859-1", FORM.upper(), f" {FORM} ;"]
)
async def test_spellings_of_the_content_type(api: "Caller", kind: str) -> None:
    """All are forms."""
    assert (await api.call("POST", body=GOOD, headers={"Content-Type": kind})).status == 201


async def test_a_form_without_a_content_type(api: "Caller") -> None:
    """Taken for one."""
    assert (await api.call("POST", body=GOOD, headers={"Content-Type": None})).status == 201


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"To": "+14155552671", "From": "+15017122661", "Body": "Ahoy"}'),
        ("text/plain", GOOD),
        ("multipart/mixed; boundary=x", b"--x\r\n\r\n--x--"),
        ("garbage", GOOD),
        ("\xff\xfe", GOOD),
    ],
)
async def test_a_body_that_is_no_form(api: "Caller", kind: str, body: bytes) -> None:
    """Its fields count as missing, as at Twilio; the journal says what to send."""
    answer = await api.call("POST", body=body, headers={"Content-Type": kind})
    assert (answer.status, answer.code) == (400, 21604)
    assert answer.json["message"] == "A 'To' phone number is required."
    assert f"which this API does not read: send {FORM}" in api.journal[0].warnings[0]
    await _still_serves(api)


def in_parts(*fields: tuple[str, str]) -> bytes:
    """The fields as `multipart/form-data` with the boundary `x`."""
    head = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return "".join([*(f"--x\r\n{head.format(*each)}" for each in fields), "--x--\r\n"]).encode()


PARTS: Final = {"Content-Type": "multipart/form-data; boundary=x"}


async def test_a_form_in_parts(api: "Caller") -> None:
    """Is read as Twilio reads it; repeated names are a list, and the journal has its parameters."""
    body = in_parts(
        *parse_qsl(GOOD.decode(), keep_blank_values=True),
        ("MediaUrl", "https://shop.test/1"),
        ("MediaUrl", "https://shop.test/2"),
    )
    answer = await api.call("POST", body=body, headers=PARTS)
    assert (answer.status, answer.json["num_media"]) == (201, "2")
    assert api.journal[-1].warnings == []
    shown = params(api.journal[-1])
    assert shown["To"] == answer.json["to"]
    assert shown["MediaUrl"] == ["https://shop.test/1", "https://shop.test/2"]


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("multipart/form-data", in_parts(("To", "+1")), "its Content-Type names no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\n", "its last boundary is missing"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nA\r\n--x--", "a part of it has no name"),
    ],
)
async def test_a_form_in_broken_parts(api: "Caller", kind: str, body: bytes, said: str) -> None:
    """Its fields count as missing; the journal says what is broken, and what to send instead."""
    answer = await api.call("POST", body=body, headers={"Content-Type": kind})
    assert (answer.status, answer.code) == (400, 21604)
    [warning] = api.journal[0].warnings
    assert said in warning
    assert f"send {FORM}" in warning
    assert params(api.journal[0]) == {}
    await _still_serves(api)


async def test_parameters_in_the_query(api: "Caller") -> None:
    """A create reads its body alone; the journal says so where there is none."""
    answer = await api.call("POST", f"{api.path}?{GOOD.decode()}")
    assert (answer.status, answer.code) == (400, 21604)
    assert api.journal[-1].warnings == [f"the query was not read: send parameters as {FORM}"]
    headers = {"Content-Type": FORM}
    await api.call("POST", f"{api.path}?trace=1", body=GOOD, headers=headers)
    assert api.journal[-1].warnings == []


async def test_filters_in_the_body(api: "Caller") -> None:
    """A list reads its query alone; the journal says so where there is none."""
    headers = {"Content-Type": FORM}
    answer = await api.call("GET", api.path, body=b"PageSize=7", headers=headers)
    assert (answer.status, answer.json["page_size"]) == (200, 50)
    assert api.journal[-1].warnings == ["the body was not read: send parameters in the query"]
    await api.call("GET", f"{api.path}?PageSize=7", body=b"PageSize=7", headers=headers)
    assert api.journal[-1].warnings == []


async def test_no_body_at_all(api: "Caller") -> None:
    """Nothing is there, so the first thing is missing."""
    for headers in ({}, {"Content-Length": "0"}, {"Content-Type": "application/json"}):
        answer = await api.call("POST", headers=headers)
        assert (answer.status, answer.code) == (400, 21604)


async def test_what_the_path_says_too(api: "Caller") -> None:
    """Is ignored as anything unknown, but harmless: the journal does not warn of it."""
    answer = await api.call("POST", body=GOOD + b"&AccountSid=AC1&AccountSide=x")
    assert answer.status == 201
    [warning] = api.journal[0].warnings
    assert warning.startswith("`AccountSide` is not a parameter of this call and was ignored")


async def test_ten_thousand_fields(api: "Caller") -> None:
    """They are read and, being unknown, ignored; the journal names some of them."""
    extra = b"&".join(b"Field%d=x" % n for n in range(10_000))
    answer = await api.call("POST", body=GOOD + b"&" + extra)
    assert answer.status == 201
    warnings = api.journal[0].warnings
    assert "`Field0` is not a parameter of this call and was ignored" in warnings[0]
    assert len(warnings) < 50
    assert "and 9980 more" in warnings[-1]
    await _still_serves(api, 1)


async def test_ten_thousand_times_the_same_field(api: "Caller") -> None:
    """The last one counts."""
    answer = await api.call("POST", body=GOOD + b"&Body=x" * 10_000 + b"&Body=last")
    assert (answer.status, answer.json["body"]) == (201, "last")


async def test_too_many_media(api: "Caller") -> None:
    """Ten thousand are refused as eleven are."""
    answer = await api.call("POST", body=GOOD + b"&MediaUrl=https://x.test/a" * 10_000)
    assert (answer.status, answer.code) == (400, 21623)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MaxPrice", "nan"),
        ("MaxPrice", "inf"),
        ("MaxPrice", "-Infinity"),
        ("MaxPrice", "1e999"),
        ("MaxPrice", "9" * 5_000),
        ("Attempt", "-9" * 3_000),
        ("Attempt", "-9223372036854775809"),
        ("Attempt", "99999999999999999999999"),
        ("ValidityPeriod", "٣"),
        ("ContentVariables", "[" * 200_000),
        ("ContentVariables", "9" * 100_000),
        ("SendAt", "0001-01-01T00:00:00+23:59"),
        ("SendAt", "9999-12-31T23:59:59-23:59"),
        ("StatusCallback", "http://[::1"),
        ("StatusCallback", "http://x:99999/#rc=\ud7ff"),
        ("To", "+" + "9" * 100_000),
        ("From", "a" * 100_000),
        ("Body", "\u0300" * 50_000),
    ],
)
async def test_values_beyond_measure(api: "Caller", name: str, value: str) -> None:
    """No value makes an error of the mock's own."""
    service = "MG" + "a" * 32
    form = {
        "To": "+14155552671",
        "MessagingServiceSid": service,
        "Body": "Ahoy",
        "ScheduleType": "fixed",
        "ContentSid": "HX" + "a" * 32,
        name: value,
    }
    answer = await api.post(form)
    assert answer.status == 400
    assert answer.code
    del form["ScheduleType"], form["ContentSid"]
    assert (await api.post(form)).status < 500
    await api.settled()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DateSent", "12/31/9999 23:00:00 MST"),
        ("DateSent", "01/01/0001 00:00:00 UTC"),
        ("DateSent", "Wed, 19 Jun 99999999999 22:04:00 -0000"),
        ("DateSent", "Wed, 19 Jun 2019 22:04:00 +999999999999"),
        ("DateSent%3E", "0001-01-01T00:00:00+23:59"),
        ("DateSent%3C", "9999-12-31T23:59:59-23:59"),
        ("Page", "9" * 6_000),
        ("PageSize", "-1"),
        ("PageSize", "١"),
        ("To", "\x00"),
    ],
)
async def test_filters_beyond_measure(api: "Caller", name: str, value: str) -> None:
    """The same for lists."""
    answer = await api.get(api.path + f"?{name}=" + value.encode().hex("%").join(("%", "")))
    assert answer.status in (200, 400)
    assert isinstance(answer.json, dict)


async def test_a_query_that_cannot_be_read(api: "Caller") -> None:
    """As a form."""
    for query in ("To=%zz", "To=%ff"):
        answer = await api.get(f"{api.path}?{query}")
        assert (answer.status, answer.code) == (400, 20001)


# -- how it is packed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", PACKED),
        ("GZIP", PACKED),
        ("x-gzip", PACKED),
        ("deflate", zlib.compress(GOOD)),
        ("identity", GOOD),
    ],
)
async def test_a_packed_body(api: "Caller", coding: str, body: bytes) -> None:
    """Unpacked."""
    answer = await api.call("POST", body=body, headers={"Content-Encoding": coding})
    assert (answer.status, answer.json["body"]) == (201, "Ahoy")


@pytest.mark.parametrize(
    ("coding", "body", "said"),
    [
        ("gzip", GOOD, "the body is not gzip"),
        ("gzip", PACKED[:-4], "the body is gzip, but cut off"),
        ("gzip", PACKED[:20] + b"\0" * 40, "the body is not gzip"),
        ("deflate", GOOD, "the body is not deflate"),
        ("br", GOOD, "the Content-Encoding 'br' is not read; send gzip, deflate, or none"),
        ("gzip, gzip", GOOD, "the Content-Encoding 'gzip, gzip' is not read"),
    ],
)
async def test_a_badly_packed_body(api: "Caller", coding: str, body: bytes, said: str) -> None:
    """400 with 20001 and a word about what is wrong."""
    answer = await api.call("POST", body=body, headers={"Content-Encoding": coding})
    assert (answer.status, answer.code) == (400, 20001)
    assert said in answer.json["message"]
    await _still_serves(api)


async def test_a_bomb(api: "Caller") -> None:
    """What unpacks to more than may come in is too large, and is not unpacked."""
    bomb = gzip.compress(b"Body=" + b"x" * 50_000_000)
    answer = await api.call("POST", body=bomb, headers={"Content-Encoding": "gzip"})
    assert (answer.status, answer.reason, answer.code) == (413, "REQUEST ENTITY TOO LARGE", 20413)


async def test_fifty_megabytes(api: "Caller") -> None:
    """413 with 20413, by its announced length."""
    answer = await api.call("POST", body=GOOD + b"x" * 50_000_000)
    assert (answer.status, answer.code) == (413, 20413)
    await _still_serves(api)


async def test_fifty_megabytes_that_are_never_sent(api: "Caller") -> None:
    """They are refused by what the headers announce."""
    line = await api.line()
    await line.send(api.head("POST", api.path, {"Expect": "100-continue"}, 50_000_000))
    assert (await line.answer()).status == 413
    line.writer.close()


async def test_fifty_megabytes_in_chunks(api: "Caller") -> None:
    """413 as soon as there is too much of it."""
    line = await api.line()
    await line.send(_chunked(api))
    chunk = b"%x\r\n%b\r\n" % (1_000_000, b"x" * 1_000_000)
    for _ in range(50):
        await line.send(chunk)
    await line.send(b"0\r\n\r\n")
    answer = await line.answer()
    assert (answer.status, answer.code) == (413, 20413)
    await _still_serves(api)


async def test_nearly_sixteen_megabytes(api: "Caller") -> None:
    """They are read, and refused for what is in them; the journal keeps the beginning."""
    size = 16 * 1024 * 1024 - 1
    answer = await api.call("POST", body=GOOD.ljust(size, b"x"))
    assert (answer.status, answer.code) == (400, 21617)
    [entry] = api.journal
    assert (len(entry.body), entry.body_length) == (4_096, size)


async def test_chunks(api: "Caller") -> None:
    """A body of unknown length is read to its end, trailers included."""
    line = await api.line()
    parts = b"".join(b"%x\r\n%c\r\n" % (1, byte) for byte in GOOD)
    await line.send(_chunked(api) + parts + b"0\r\nX-Trailer: 1\r\n\r\n" + api.head("GET", "/"))
    assert (await line.answer()).status == 201
    assert (await line.answer()).status == 404


@pytest.mark.parametrize("late", [False, True])
async def test_broken_chunks(api: "Caller", late: bool) -> None:
    """400 with 20001, also when the breach comes after the handler began to read."""
    line = await api.line()
    begin, end = _chunked(api) + b"5\r\nBody=\r\n", b"zz\r\n\r\n"
    if late:
        await line.send(begin)
        assert (await api.get()).status == 200
        await line.send(end)
    else:
        await line.send(begin + end)
    answer = await line.answer()
    assert (answer.status, answer.code) == (400, 20001)
    await _still_serves(api)


async def test_a_body_that_breaks_off(api: "Caller", caplog: pytest.LogCaptureFixture) -> None:
    """The client went away: nothing is made, nothing is logged as a fault of the mock."""
    line = await api.line()
    await line.send(api.head("POST", api.path, None, 1_000) + GOOD)
    line.writer.write_eof()
    assert await line.rest() == b""
    assert (await api.get()).json["messages"] == []
    assert [(entry.status, entry.body) for entry in api.journal[:1]] == [(400, b"")]
    assert caplog.messages == []


async def test_expect_100_continue(api: "Caller") -> None:
    """A client that waits for the word to go on gets it."""
    line = await api.line()
    await line.send(api.head("POST", api.path, {"Expect": "100-continue"}, len(GOOD)))
    assert (await line.answer()).status == 100
    await line.send(GOOD)
    assert (await line.answer()).status == 201


async def test_expect_100_continue_with_the_body_sent_already(api: "Caller") -> None:
    """A client that does not wait need not."""
    line = await api.line()
    await line.send(api.head("POST", api.path, {"Expect": "100-continue"}, len(GOOD)) + GOOD)
    answers = [await line.answer()]
    if answers[0].status == 100:
        answers.append(await line.answer())
    assert answers[-1].status == 201


# -- what is not HTTP ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "garbage",
    [
        b"{0} {} %s }{\r\n\r\n",
        b"hello\r\n\r\n",
        b"\xff\xfe\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n{0} {bad}: header\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
async def test_garbage(api: "Caller", garbage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """400 in Twilio's shape, saying what is wrong; then the connection is closed."""
    answer = await _told(api, garbage)
    assert (answer.status, answer.reason, answer.code) == (400, "BAD REQUEST", 20001)
    assert answer.json["message"].startswith("Bad request: ")
    assert len(answer.json["message"]) < 300
    assert answer.header("Connection") == "close"
    assert not [message for message in caplog.messages if "please report" in message]
    await _still_serves(api)


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\x00\x05hello", b"\x16" * 40])
async def test_garbage_that_begins_as_tls(api: "Caller", garbage: bytes) -> None:
    """It is hung up on, in the words of TLS at most, and others are served."""
    line = await api.line()
    await line.send(garbage)
    assert (await line.rest())[:1] in (b"", b"\x15")  # an alert
    await _still_serves(api)


async def _told(api: "Caller", data: bytes) -> "Answer":
    line = await api.line()
    await line.send(data)
    answer = await line.answer()
    assert await line.rest() == b""
    return answer


async def test_a_client_that_says_nothing(api: "Caller") -> None:
    """It may hang up as it came."""
    line = await api.line()
    line.writer.write_eof()
    assert await line.rest() == b""
    await _still_serves(api)


@pytest.mark.parametrize("header", ["Host", "Content-Type", "User-Agent", "Authorization"])
async def test_headers_that_are_no_text(api: "Caller", header: str) -> None:
    """Bytes that are no UTF-8 in a header are no fault of the mock; the journal has them."""
    answer = await api.call("POST", body=GOOD, headers={header: "\xff\xfe"})
    assert answer.status < 500
    [entry] = api.journal
    assert dict(entry.headers)[header.encode()] != b""
    await _still_serves(api, int(answer.status == 201))


@pytest.mark.parametrize("upgrade", ["h2c", "websocket"])
async def test_an_upgrade_that_is_not_offered(api: "Caller", upgrade: str) -> None:
    """The request is answered as if nothing else had been asked."""
    headers = {"Upgrade": upgrade, "Connection": "Upgrade"}
    answer = await api.call("POST", body=GOOD, headers=headers)
    assert (answer.status, answer.json["body"]) == (201, "Ahoy")


async def test_an_old_client(api: "Caller") -> None:
    """HTTP/1.0, without a Host: answered, then closed."""
    line = await api.line()
    await line.send(b"GET /nowhere HTTP/1.0\r\n\r\n")
    answer = await line.answer()
    assert (answer.status, answer.code) == (404, 20404)
    assert await line.rest() == b""


def _chunked(api: "Caller") -> bytes:
    headers = {"Transfer-Encoding": "chunked", "Content-Type": FORM}
    return api.head("POST", api.path, headers)


def test_the_good_form_is_good() -> None:
    """What the tests above spoil."""
    assert json.dumps(dict(parse_qsl(GOOD.decode()))) == (
        '{"To": "+14155552671", "From": "+15017122661", "Body": "Ahoy"}'
    )
