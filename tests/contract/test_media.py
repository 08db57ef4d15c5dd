"""The official library and media, Twilio's description of it, and two runs with one seed."""

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema import Draft4Validator, Draft202012Validator
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from mockserver import MockTwilio
from mockserver.world.schema_files import load

PUBLISHED = Path(__file__).parents[3] / "shared/oai/twilio_api_v2010.json"
ME, YOU = "+15017122661", "+14155552671"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
AFAR = "https://images.example.com/cat.jpg"


class Pictures(BaseHTTPRequestHandler):
    """Gives a picture at `/cat.png` and `/slow.png`, a web page at `/page.png`, else nothing."""

    protocol_version = "HTTP/1.1"
    release = threading.Event()
    """Until it is set, `/slow.png` is not answered."""

    def do_GET(self) -> None:
        """Answer."""
        if self.path == "/slow.png":
            assert self.release.wait(20)
        known = {"/cat.png": PNG, "/slow.png": PNG, "/page.png": b"<html>Not here</html>"}
        body = known.get(self.path, b"")
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        """The same without the body."""
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture
def pictures() -> Iterator[str]:
    """Where they are."""
    Pictures.release.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def ended(client: Client, sid: str) -> Any:
    """The message, once it has come to its end."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        message = client.messages(sid).fetch()
        if message.status in ("delivered", "failed"):
            return message
    pytest.fail(f"{sid} is still {message.status}")


# -- the library -----------------------------------------------------------------------------------


def test_send_list_fetch_delete(client: Client, pictures: str, base_url: str) -> None:
    """All that the library can do, and the file behind the resource's address."""
    urls = [f"{pictures}/cat.png", AFAR]
    made = client.messages.create(to=YOU, from_=ME, body="Ahoy", media_url=urls)
    assert (made.status, made.num_media, made.sid[:2]) == ("queued", "2", "MM")
    message = ended(client, made.sid)
    assert message.status == "delivered"
    media = message.media.list()
    assert [each.content_type for each in media] == ["image/png", "image/jpeg"]
    assert [each.sid for each in message.media.stream(page_size=1)] == [each.sid for each in media]
    fetched = client.messages(made.sid).media(media[0].sid).fetch()
    assert (fetched.parent_sid, fetched.account_sid) == (made.sid, client.account_sid)
    assert fetched.date_created >= made.date_created
    with requests.get(base_url + fetched.uri.removesuffix(".json"), timeout=20) as file:
        assert (file.content, file.headers["Content-Type"]) == (PNG, "image/png")
        assert [each.status_code for each in file.history] == [307]
    assert client.messages(made.sid).media(media[0].sid).delete() is True
    with pytest.raises(TwilioRestException) as refused:
        fetched.fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)
    assert [each.sid for each in message.media.list()] == [media[1].sid]


def test_media_by_date(client: Client, pictures: str) -> None:
    """The library's filters."""
    made = client.messages.create(to=YOU, from_=ME, media_url=[f"{pictures}/cat.png"])
    message = ended(client, made.sid)
    today = message.media.list()[0].date_created
    assert len(message.media.list(date_created=today)) == 1
    assert len(message.media.list(date_created_after=today)) == 1
    assert len(message.media.list(date_created_before=today.replace(year=2000))) == 0


@pytest.mark.parametrize(("path", "code"), [("/nothing.png", 11200), ("/page.png", 12300)])
def test_media_that_cannot_be_sent(client: Client, pictures: str, path: str, code: int) -> None:
    """The create succeeds, and the message fails."""
    made = client.messages.create(to=YOU, from_=ME, media_url=[pictures + path])
    assert made.error_code is None
    message = ended(client, made.sid)
    assert (message.status, message.error_code, message.media.list()) == ("failed", code, [])


# -- the description -------------------------------------------------------------------------------


def plain(schema: Any, components: dict[str, Any]) -> Any:
    """As JSON Schema has it: references resolved, `nullable` a type."""
    if isinstance(schema, list):
        return [plain(part, components) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return plain(components[schema["$ref"].rpartition("/")[2]], components)
    found = {name: plain(part, components) for name, part in schema.items() if name != "nullable"}
    return {"anyOf": [found, {"type": "null"}]} if schema.get("nullable") else found


def test_the_published_description(client: Client, http: Any, pictures: str) -> None:
    """Twilio's and ours: list, resource, parameters."""
    made = client.messages.create(to=YOU, from_=ME, media_url=[f"{pictures}/cat.png", AFAR])
    [one, _] = ended(client, made.sid).media.list()
    one.fetch()
    listed, fetched = (json.loads(answer.text) for answer in http.answers[-2:])
    ours = Draft202012Validator(load("api/2010-04-01/Media"))
    for each in (fetched, *listed["media_list"]):
        ours.validate(each)
        assert list(each) == load("api/2010-04-01/Media")["required"]
    if not PUBLISHED.exists():
        pytest.skip(f"the published description is not here: {PUBLISHED.name}")
    document = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    components = document["components"]["schemas"]
    base = "/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media"
    for path, answer in ((f"{base}.json", listed), (f"{base}/{{Sid}}.json", fetched)):
        operation = document["paths"][path]["get"]
        content = operation["responses"]["200"]["content"]["application/json"]["schema"]
        schema = plain(content, components)
        Draft4Validator(schema).validate(answer)
        assert set(answer) == set(schema["properties"])
    asked = {each["name"] for each in document["paths"][f"{base}.json"]["get"]["parameters"]}
    assert asked - {"AccountSid", "MessageSid"} == set(
        load("api/2010-04-01/ListMedia")["properties"]
    )


# -- two runs --------------------------------------------------------------------------------------


def journal(clock: str, pictures: str, *, slow: bool) -> bytes:
    """A day of messages with media, good and bad, and texts; its canonical journal."""
    Pictures.release.clear() if slow else Pictures.release.set()
    with MockTwilio(seed=7, clock=clock) as twilio:
        client = twilio.client()
        for number, path in enumerate(("/slow.png", "/nothing", "", "/page.png", "/cat.png", "")):
            media = [pictures + path, AFAR] if path else []
            client.messages.create(to=YOU, from_=ME, body=f"Hello {number}", media_url=media)
        Pictures.release.set()
        twilio.clock.run_until_idle()
        assert [message.status for message in twilio.messages()] == [
            *("delivered", "failed", "delivered", "failed", "delivered", "delivered")
        ]
        for message in client.messages.list():
            message.media.list()
        place = f"{twilio.base_url}/_mock/sandboxes/{twilio.sandbox_id}/journal?canonical=1"
        with urllib.request.urlopen(place) as answer:
            return bytes(answer.read())


@pytest.mark.parametrize("clock", ["instant", "manual"])
def test_two_runs_with_one_seed(clock: str, pictures: str) -> None:
    """The canonical journals are equal, however slow a host is."""
    quick, slow, again = (journal(clock, pictures, slow=slow) for slow in (False, True, True))
    assert quick == slow == again
    assert b'"fetched": true' in quick
    assert b'"fetched": false' in quick
