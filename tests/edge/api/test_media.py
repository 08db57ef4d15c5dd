"""Media from end to end: a file on somebody's server, the Media resource, the file as given."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN, Account
from mockserver.domain.faults import DeliveryRule, When
from mockserver.domain.media import SMALL
from mockserver.world.scenarios import from_document
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.conftest import Answer, Caller, Serve

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
GIF = b"GIF89a" + bytes(20)
AFAR = "https://images.example.com/cat.jpg"


@dataclass
class Pictures:
    """Somebody's web server with pictures; gives what lies at a path, once the gate is open."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    """Whole answers, head included."""
    asked: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, path: str, kind: str, body: bytes, *headers: str) -> str:
        lines = ["HTTP/1.1 200 OK", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        self.files[path] = "\r\n".join([*lines, *headers, "", ""]).encode() + body
        return self.url + path

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                method, path, _ = (await reader.readuntil(b"\r\n\r\n")).decode().split(" ", 2)
                self.asked.append(f"{method} {path}")
                await self.gate.wait()
                nothing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                head, mark, body = self.files.get(path, nothing).partition(b"\r\n\r\n")
                writer.write(head + mark + (b"" if method == "HEAD" else body))
                await writer.drain()
        writer.close()


@pytest.fixture
async def pictures(stack: AsyncExitStack) -> AsyncIterator[Pictures]:
    pictures = Pictures()
    pictures.gate.set()
    server = await stack.enter_async_context(
        await asyncio.start_server(pictures.serve, "127.0.0.1", 0)
    )
    pictures.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    pictures.put("/cat.png", "image/png", PNG)
    pictures.put("/dog", "image/gif", GIF, 'Content-Disposition: inline; filename="my dog.gif"')
    yield pictures
    pictures.gate.set()


async def done(api: "Caller") -> None:
    """Until nothing is under way any more."""
    async with asyncio.timeout(20):
        while not api.sandbox.engine.idle:
            api.sandbox.engine.catch_up()
            await api.sandbox.changes.wait(0.01)


async def sent(api: "Caller", *urls: str, **more: str) -> Any:
    """A message with media, once all has happened to it; as the API shows it."""
    form = {"To": "+14155552671", "From": "+15017122661", "Body": "Ahoy", **more}
    created = await api.post([*form.items(), *(("MediaUrl", url) for url in urls)])
    assert (created.status, created.json["num_media"]) == (201, str(len(urls)))
    await done(api)
    return (await api.get(f"{base(api, created.json['sid'])}.json")).json


def base(api: "Caller", sid: str) -> str:
    return f"/2010-04-01/Accounts/{api.account}/Messages/{sid}"


async def listed(api: "Caller", message: Any, **query: str) -> list[Any]:
    answer = await api.get(message["subresource_uris"]["media"], **query)
    assert answer.status == 200
    found: list[Any] = answer.json["media_list"]
    return found


async def first(api: "Caller", message: Any) -> str:
    """The address of its first medium, without `.json`."""
    return str((await listed(api, message))[0]["uri"].removesuffix(".json"))


async def follow(api: "Caller", answer: "Answer") -> "Answer":
    """What is there where an answer points, asked without credentials."""
    place = urlsplit(answer.header("Location") or "")
    api.auth = None
    return await api.call("GET", f"{place.path}?{place.query}")


# -- the resource ----------------------------------------------------------------------------------


async def test_a_message_with_media(api: "Caller", pictures: Pictures) -> None:
    """Fetched with HEAD and GET, delivered, listed in the order of its URLs."""
    message = await sent(api, f"{pictures.url}/cat.png", f"{pictures.url}/dog")
    assert (message["status"], message["num_media"], message["sid"][:2]) == ("delivered", "2", "MM")
    assert pictures.asked == ["HEAD /cat.png", "GET /cat.png", "HEAD /dog", "GET /dog"]
    media = await listed(api, message)
    assert [each["content_type"] for each in media] == ["image/png", "image/gif"]
    one = media[0]
    assert list(one) == [
        *("sid", "account_sid", "parent_sid", "content_type"),
        *("date_created", "date_updated", "uri"),
    ]
    assert (one["parent_sid"], one["account_sid"]) == (message["sid"], api.account)
    assert one["uri"] == f"{base(api, message['sid'])}/Media/{one['sid']}.json"
    assert (await api.get(one["uri"])).json == one
    operations = [entry.operation for entry in api.journal]
    assert operations[-2:] == ["api.v2010.ListMedia", "api.v2010.FetchMedia"]


async def test_pages_of_media(api: "Caller", pictures: Pictures) -> None:
    """There and back, and filtered by the day of their making."""
    message = await sent(api, *[f"{pictures.url}/cat.png"] * 5)
    sids = [each["sid"] for each in await listed(api, message)]
    assert len(set(sids)) == 5
    seen, there = [], f"{message['subresource_uris']['media']}?PageSize=2"
    pages = []
    while there:
        page = (await api.get(there)).json
        pages.append(page)
        seen += [each["sid"] for each in page["media_list"]]
        there = page["next_page_uri"]
    assert (seen, len(pages)) == (sids, 3)
    back = (await api.get(pages[2]["previous_page_uri"])).json
    assert [each["sid"] for each in back["media_list"]] == sids[2:4]
    assert back["next_page_uri"] is not None
    assert pages[0]["previous_page_uri"] is None
    today = (await api.get(pages[0]["uri"])).json["media_list"][0]["date_created"]
    counts = [
        len(await listed(api, message, **query))
        for query in (
            {"DateCreated": today},
            {"DateCreated>": today},
            {"DateCreated<": today},
            {"DateCreated": "2001-01-01"},
            {"DateCreated<": "2001-01-01"},
            {"DateCreated>": "2101-01-01"},
            {"DateCreated": "whenever"},
        )
    ]
    assert counts == [5, 5, 5, 0, 0, 0, 5]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"PageToken": "PAME" + "0" * 32, "Page": "1"}, 21481),
        ({"PageSize": "1001"}, 20007),
        ({"Page": "1"}, 20001),
    ],
)
async def test_pages_that_are_not_there(
    api: "Caller", pictures: Pictures, query: dict[str, str], code: int
) -> None:
    """As in every list of this API."""
    message = await sent(api, f"{pictures.url}/cat.png")
    answer = await api.get(message["subresource_uris"]["media"], **query)
    assert (answer.status, answer.code) == (400, code)


async def test_a_deleted_medium(api: "Caller", pictures: Pictures) -> None:
    """Is gone; the message still says how many it had, and a page token may still name it."""
    message = await sent(api, f"{pictures.url}/cat.png", f"{pictures.url}/dog")
    one, two = await listed(api, message)
    page = (await api.get(message["subresource_uris"]["media"], PageSize="1")).json
    deleted = await api.call("DELETE", one["uri"])
    assert (deleted.status, deleted.body) == (204, b"")
    assert await listed(api, message) == [two]
    assert (await api.get(page["next_page_uri"])).json["media_list"] == [two]
    for method in ("GET", "DELETE"):
        again = await api.call(method, one["uri"])
        assert (again.status, again.code) == (404, 20404)
    assert (await api.get(message["uri"])).json["num_media"] == "2"


async def test_media_of_a_message_under_way(api: "Caller", pictures: Pictures) -> None:
    """Cannot be deleted, as the message cannot; an hour after it was sent for good, it can."""
    api.sandbox.rules.add(DeliveryRule("silent", When(), "sent"))
    message = await sent(api, f"{pictures.url}/cat.png")
    where = f"{await first(api, message)}.json"
    refused = await api.call("DELETE", where)
    assert (refused.status, refused.code) == (409, 20009)
    assert refused.json["message"] == "Cannot delete message in state SENT"
    await api.sandbox.engine.advance(api.sandbox.clock.now() + 3_600_000_000)
    assert (await api.call("DELETE", where)).status == 204


async def test_what_is_not_there(api: "Caller", pictures: Pictures) -> None:
    """Another message's medium, an unknown one, an unknown message: 20404."""
    one = await sent(api, f"{pictures.url}/cat.png")
    other = await sent(api, f"{pictures.url}/cat.png", Body="Other")
    sid = (await listed(api, other))[0]["sid"]
    for place in (
        f"{base(api, one['sid'])}/Media/{sid}",
        f"{base(api, one['sid'])}/Media/ME{'0' * 32}",
        f"{base(api, 'MM' + '0' * 32)}/Media/{sid}",
    ):
        for suffix in ("", ".json"):
            answer = await api.get(place + suffix)
            assert answer.status == 404
        assert answer.code == 20404
    nothing = await api.get(f"{base(api, 'MM' + '0' * 32)}/Media.json")
    assert (nothing.status, nothing.code) == (404, 20404)


async def test_a_text_has_no_media(api: "Caller") -> None:
    """An empty list."""
    assert await listed(api, await sent(api)) == []


async def test_who_may_look(serve: "Serve", pictures: Pictures) -> None:
    """The account's own credentials, and test credentials not at all: nothing is fetched either."""
    api = await serve()
    message = await sent(api, f"{pictures.url}/cat.png")
    uri = (await listed(api, message))[0]["uri"]
    for auth in (None, f"{DEFAULT_SID}:wrong", f"AC{'9' * 32}:{DEFAULT_TOKEN}"):
        api.auth = auth
        for place in (uri, message["subresource_uris"]["media"]):
            assert (await api.get(place)).status == 401
    sid = "AC" + "7" * 32
    tested = await serve(account=(Account(sid, "token", mode="test"),))
    tested.account, tested.auth = sid, f"{sid}:token"
    before = len(pictures.asked)
    made = await tested.create(From="+15005550006", MediaUrl=f"{pictures.url}/cat.png")
    assert made.status == 201
    await done(tested)
    assert len(pictures.asked) == before
    for place in (made.json["subresource_uris"]["media"], f"{base(tested, 'MM1')}/Media/ME1.json"):
        refused = await tested.get(place)
        assert (refused.status, refused.code) == (403, 20008)


# -- the file --------------------------------------------------------------------------------------


async def test_the_file_itself(api: "Caller", pictures: Pictures) -> None:
    """Without `.json`, to anybody: a link of ours, where the file is with its type and name."""
    message = await sent(api, f"{pictures.url}/dog")
    api.host = f"localhost:{api.server.port}"
    where = await first(api, message)
    api.auth = None
    answer = await api.get(where)
    assert (answer.status, answer.body) == (307, b"")
    location = answer.header("Location") or ""
    assert location.startswith(f"http://localhost:{api.server.port}/twiliocdn/{api.account}/")
    file = await follow(api, answer)
    assert (file.status, file.body) == (200, GIF)
    assert file.header("Content-Type") == "image/gif"
    assert file.header("Content-Disposition") == 'inline; filename="my_dog.gif"'
    assert api.journal[-1].operation == "api.v2010.FetchMediaContent"


async def test_twilios_own_hosts(api: "Caller", pictures: Pictures) -> None:
    """A program that talks through the proxy is sent to Twilio's, and finds the file there too."""
    message = await sent(api, f"{pictures.url}/cat.png")
    answer = await api.get(await first(api, message))
    location = answer.header("Location") or ""
    assert location.startswith(f"https://api.twilio.com/twiliocdn/{api.account}/")
    assert (await follow(api, answer)).body == PNG
    api.host = "mms.twiliocdn.com"
    there = urlsplit(location)
    cdn = await api.call("GET", f"{there.path.removeprefix('/twiliocdn')}?{there.query}")
    assert (cdn.status, cdn.body) == (200, PNG)


async def test_head(api: "Caller", pictures: Pictures) -> None:
    """The same without a body."""
    message = await sent(api, f"{pictures.url}/cat.png")
    place = urlsplit((await api.get(await first(api, message))).header("Location") or "")
    answer = await api.call("HEAD", f"{place.path}?{place.query}")
    assert (answer.status, answer.header("Content-Length")) == (200, str(len(PNG)))


async def test_links_that_are_refused(serve: "Serve", pictures: Pictures) -> None:
    """Made up, or good no longer: 403, and why in the journal."""
    api = await serve(clock="manual")
    form = {"To": "+14155552671", "From": "+15017122661", "MediaUrl": f"{pictures.url}/cat.png"}
    created = (await api.post(form)).json
    await api.sandbox.engine.advance(api.sandbox.clock.now() + 60_000_000)
    location = (await api.get(await first(api, created))).header("Location") or ""
    place = urlsplit(location)
    good = f"{place.path}?{place.query}"
    assert (await api.call("GET", good)).status == 200
    bad = [place.path, good.replace("Signature=", "Signature=0"), good.replace("Expires=", "X=")]
    await api.sandbox.engine.advance(api.sandbox.clock.now() + 14_400_000_000)
    for path in (*bad, good):
        answer = await api.call("GET", path)
        assert (answer.status, answer.header("Content-Type")) == (403, "application/xml")
        assert b"<Code>AccessDenied</Code>" in answer.body
        assert "was not made here, or is good no longer" in api.journal[-1].warnings[0]
    api.account = "AC" + "8" * 32
    assert (await api.get(f"/twiliocdn/{api.account}/abc")).status == 404


async def test_a_link_to_what_was_deleted(api: "Caller", pictures: Pictures) -> None:
    """Leads nowhere; nor does another account's."""
    message = await sent(api, f"{pictures.url}/cat.png")
    where = await first(api, message)
    answer = await api.get(where)
    await api.call("DELETE", f"{where}.json")
    assert (await follow(api, answer)).status == 404


async def test_content_that_needs_credentials(api: "Caller", pictures: Pictures) -> None:
    """With the option `media_auth`, as an account may have it at Twilio; links need none."""
    message = await sent(api, f"{pictures.url}/cat.png")
    where = await first(api, message)
    api.sandbox.regime.put(from_document({"options": {"media_auth": True}}), Unit())
    good, api.auth = api.auth, None
    assert (await api.get(where)).status == 401
    api.auth = f"{DEFAULT_SID}:wrong"
    assert (await api.get(where)).status == 401
    api.auth = good
    answer = await api.get(where)
    assert answer.status == 307
    assert (await follow(api, answer)).body == PNG


async def test_a_subaccounts_media(api: "Caller", pictures: Pictures) -> None:
    """Its parent may look, its brother may not."""
    for number, owner in (("5", DEFAULT_SID), ("6", "")):
        account = Account(f"AC{number * 32}", "token", owner_account_sid=owner)
        api.sandbox.accounts.set_up(account, Unit())
        api.server.sandboxes.holders.claim(account.sid, api.sandbox)
    api.account = "AC" + "5" * 32
    message = await sent(api, f"{pictures.url}/cat.png")
    uri = (await listed(api, message))[0]["uri"]
    assert (await api.get(uri)).status == 200
    api.auth = f"AC{'6' * 32}:token"
    assert (await api.get(uri)).status == 401


async def test_content_that_had_to_make_room(
    api: "Caller", pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known of it stays; the journal says why there is nothing behind it."""
    table = api.sandbox.tables.media
    monkeypatch.setattr(table, "_most", len(PNG))
    old = await sent(api, f"{pictures.url}/cat.png")
    answer = await api.get(await first(api, old))
    await sent(api, f"{pictures.url}/dog", Body="Other")
    assert (await api.get(f"{await first(api, old)}.json")).status == 200
    assert (await api.get(await first(api, old))).status == 404
    assert "had to make room" in api.journal[-1].warnings[0]
    assert (await follow(api, answer)).status == 404


# -- files that are not fetched, or are wrong ------------------------------------------------------


async def test_a_file_on_the_internet(api: "Caller") -> None:
    """The message goes out; the file has a type, no content, and the journal says what to do."""
    message = await sent(api, AFAR)
    assert (message["status"], message["num_media"]) == ("delivered", "1")
    [one] = await listed(api, message)
    assert one["content_type"] == "image/jpeg"
    answer = await api.get(one["uri"].removesuffix(".json"))
    assert answer.status == 404
    assert "`--webhook-allow images.example.com`" in api.journal[-1].warnings[0]


@pytest.mark.parametrize(
    ("path", "code", "said"),
    [
        ("/nothing", 11200, "HTTP 404"),
        ("/empty", 11200, "empty"),
        ("/page.png", 12300, "declared image/png, is text/html"),
        ("/liar.png", 12300, "declared image/png, is image/gif"),
        ("/file.zip", 12300, "application/zip is not among the types"),
        ("/huge.png", 11751, f"{SMALL} bytes"),
        ("/loop", 11200, "more than 10 redirects"),
        ("/away", 11200, "169.254.169.254 is never called"),
    ],
)
async def test_files_that_end_their_message(
    api: "Caller", pictures: Pictures, path: str, code: int, said: str
) -> None:
    """`failed` with Twilio's code, an alert that says why, no media."""
    pictures.put("/empty", "image/png", b"")
    pictures.put("/page.png", "image/png", b"<html>Not here</html>")
    pictures.put("/liar.png", "image/png", GIF)
    pictures.put("/file.zip", "application/zip", b"PK\3\4" + bytes(40))
    pictures.put("/huge.png", "image/png", PNG + bytes(SMALL))
    for there, to in (("/loop", "/loop"), ("/away", "http://169.254.169.254/cat.png")):
        hop = f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
        pictures.files[there] = hop.encode()
    login = pictures.url.replace("//", "//ann:secret@")
    message = await sent(api, login + path)
    assert (message["status"], message["error_code"], message["date_sent"]) == (
        "failed",
        code,
        None,
    )
    assert await listed(api, message) == []
    [alert] = api.sandbox.journal.alerts
    assert (alert.code, alert.url) == (code, pictures.url + path)
    assert said in alert.text
    assert "secret" not in alert.text
    if code == 11751:
        assert pictures.asked == ["HEAD /huge.png"]


async def test_a_login_in_the_url(api: "Caller", pictures: Pictures) -> None:
    """Does no harm where none is asked for."""
    login = pictures.url.replace("//", "//ann:secret@")
    message = await sent(api, f"{login}/cat.png")
    assert message["status"] == "delivered"


async def test_sixteen_megabytes_on_whatsapp(api: "Caller", pictures: Pictures) -> None:
    """What is too much by MMS is not too much there."""
    pictures.put("/huge.png", "image/png", PNG + bytes(SMALL))
    ends = {"To": "whatsapp:+14155552671", "From": "whatsapp:+15017122661"}
    message = await sent(api, f"{pictures.url}/huge.png", **ends)
    assert message["status"] == "delivered"
    nothing = await sent(api, f"{pictures.url}/nothing", **ends, Body="Two")
    assert (nothing["status"], nothing["error_code"]) == ("failed", 63019)


# -- the control API -------------------------------------------------------------------------------


async def test_what_the_control_api_shows(api: "Caller", pictures: Pictures) -> None:
    """The URL at first; then SID, type and size, and why a file was not fetched."""
    api.host, api.auth = "localhost", None
    pictures.gate.clear()
    login = f"Basic {b64encode(f'{DEFAULT_SID}:{DEFAULT_TOKEN}'.encode()).decode()}"
    line = await api.line()
    form = "&".join(
        [
            "To=%2B14155552671&From=%2B15017122661",
            f"MediaUrl={pictures.url}/cat.png",
            f"MediaUrl={AFAR}",
        ]
    ).encode()
    await line.send(api.head("POST", api.path, {"Authorization": login}, len(form)) + form)
    sid = (await line.answer()).json["sid"]
    shown = (await api.get(f"/_mock/messages/{sid}")).json["media"]
    assert shown == [{"url": f"{pictures.url}/cat.png"}, {"url": AFAR}]
    assert (await api.get("/_mock/clock")).json["idle"] is False
    pictures.gate.set()
    await done(api)
    cat, afar = (await api.get(f"/_mock/messages/{sid}")).json["media"]
    assert cat == {
        "url": f"{pictures.url}/cat.png",
        "sid": cat["sid"],
        "content_type": "image/png",
        "size": len(PNG),
        "fetched": True,
    }
    assert (afar["fetched"], afar["size"], afar["content_type"]) == (False, 0, "image/jpeg")
    assert "--webhook-allow images.example.com" in afar["note"]


async def test_a_snapshot_over_the_control_api(api: "Caller", pictures: Pictures) -> None:
    """Media and content go out and come in."""
    message = await sent(api, f"{pictures.url}/cat.png")
    good = api.auth
    api.host, api.auth = "localhost", None
    taken = await api.get("/_mock/snapshot")
    assert taken.status == 200
    assert (await api.call("POST", "/_mock/reset")).status == 204
    put = await api.call("PUT", "/_mock/snapshot", taken.body, {"Content-Type": "application/json"})
    assert put.status == 200
    api.auth = good
    assert (await follow(api, await api.get(await first(api, message)))).body == PNG


@pytest.mark.parametrize(
    "path",
    [
        b"/twiliocdn/%b/\xff?Expires=1&Signature=%%ff\xff",
        b"/twiliocdn/%b/..?Expires=&Signature=&Expires=x",
        b"/twiliocdn/%b/%%00",
        b"/2010-04-01/Accounts/%b/Messages/%%ff/Media/\xff",
    ],
)
async def test_any_link(api: "Caller", path: bytes) -> None:
    """Is answered, whatever bytes it is made of."""
    line = await api.line()
    await api.create()
    account = api.account.encode()
    await line.send(b"GET " + path % account + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await line.answer()).status in (400, 403, 404)
