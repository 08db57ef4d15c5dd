"""Whatever is asked: a documented status, a body in Twilio's form, and nothing made is lost.

The operations are those of the routers, their parameters those of the schemas: a new one is asked
without being named here.
"""

import json
import re
import xml.etree.ElementTree as ElementTree
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_from_bytes, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.rest import Client

import mockserver.edge
from mockserver.edge.http.call import Route
from mockserver.edge.http.hosts import API_ROOT
from mockserver.edge.http.product import Product
from mockserver.world.schema_files import folder, load

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage, Stage

DOCUMENTED = frozenset({200, 201, 204, 307, 400, 401, 403, 404, 405, 409, 413, 429})
FINAL = frozenset({"delivered", "undelivered", "failed", "canceled", "read"})
EXAMPLES = 10
"""Requests for each operation of a resource; more for that of messages."""

ME, YOU, SERVICE = "+15017122661", "+14155552671", "MG" + "a" * 32
FORM = "application/x-www-form-urlencoded"
CDN = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>'
"""How the errors of a CDN begin, which are not Twilio's."""


# -- what is served --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Operation:
    """A route of a product, and the names of its parameters."""

    product: Product
    route: Route
    parameters: tuple[str, ...]

    @property
    def host(self) -> str:
        return f"{self.product.name}.twilio.com"

    def __str__(self) -> str:
        return f"{self.product.name}.{self.route.operation}"


def operations() -> Iterator[Operation]:
    """Every operation of every product."""
    for package in iter_modules(mockserver.edge.__path__, "mockserver.edge."):
        product = getattr(import_module(package.name), "PRODUCT", None)
        if isinstance(product, Product):
            for route in product.router.routes:
                yield Operation(product, route, tuple(_parameters(route)))


def _parameters(route: Route) -> Iterator[str]:
    """What the schema of an operation names, where it has one."""
    name = f"{route.schema.rpartition('/')[0]}/{route.operation}"
    if (folder("schemas") / f"{name}.json").exists():
        yield from load(name)["properties"]


OPERATIONS = tuple(operations())


def _resources() -> dict[str, list[Operation]]:
    """Operations by what they are about: host, and path without the last placeholder."""
    found: dict[str, list[Operation]] = {}
    for each in OPERATIONS:
        collection = re.sub(r"/\{[^}]+\}$", "", each.route.path)
        found.setdefault(each.product.name + collection, []).append(each)
    return found


RESOURCES = _resources()
MESSAGES = "api/2010-04-01/Accounts/{AccountSid}/Messages"


def test_every_operation_is_known() -> None:
    """And the router leads to each of them."""
    assert len(RESOURCES[MESSAGES]) == 5
    assert {str(each) for each in OPERATIONS} >= {
        "api.CreateMessage",
        "api.DeleteMessage",
        "api.ListMedia",
        "api.CreateMessageFeedback",
        "messaging.CreateService",
    }
    for each in OPERATIONS:
        path = re.sub(r"\{[^}]+\}", "AC" + "0" * 32, each.route.path)
        found = each.product.router.find(path)
        assert found is not None
        assert found.route(each.route.method) is each.route


# -- what is asked ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Knock:
    """One request."""

    method: str
    place: int
    """Which of the paths that were seen."""
    stranger: str
    """Stands in the path in place of a SID; "" for a path that was seen."""
    suffix: str
    query: str
    body: bytes
    content_type: str
    login: str
    """`right`, or what is sent in its place."""


PLAUSIBLE: Mapping[str, tuple[str, ...]] = {
    "To": (YOU, "+15005560003", "+15005568000", "12345", f"whatsapp:{YOU}", "+15005550003"),
    "From": (ME, "ACME", f"whatsapp:{ME}", SERVICE, "+15005550008"),
    "Body": ("Ahoy", "", "😀" * 801, "a" * 1_601, "\0"),
    "MessagingServiceSid": (SERVICE, "MG1", ""),
    "MediaUrl": ("https://example.com/a.png", "http://127.0.0.1:1/a.png", "ftp://x", "http://"),
    "StatusCallback": ("http://127.0.0.1:1/status", "http://a_b.test/", "x", "http://[::1"),
    "ScheduleType": ("fixed", "loose"),
    "SendAt": ("2026-12-01T01:00:00Z", "2026-12-01", "soon", "9999-12-31T23:59:59-23:59"),
    "ContentSid": ("HX" + "a" * 32, "HX1"),
    "ContentVariables": ('{"1": "a"}', "[]", "[" * 5_000, '{"1": 1e999}'),
    "Status": ("canceled", "sent", ""),
    "Outcome": ("confirmed", "unconfirmed", "perhaps"),
    "FriendlyName": ("Ahoy", "", "a" * 65),
    "PageSize": ("1", "0", "-1", "1001", "٣", "9" * 5_000),
    "Page": ("0", "1", "-1", "x", "9" * 5_000),
    "PageToken": ("PASM" + "a" * 32, "PA", "x"),
    "ValidityPeriod": ("1", "0", "36001", "1e3"),
    "MaxPrice": ("nan", "1e999", "x"),
    "DateSent": ("2026-12-01", "x", "0001-01-01T00:00:00+23:59"),
    "DateCreated": ("2026-12-01", "x"),
    "PhoneNumber": ("+14155550123", "+15005550006", "+15005550000", "x"),
    "AlphaSender": ("ACME", "ACME!"),
}

NEEDED = ("To", "From", "Body", "FriendlyName")

ODD = (b"", b"\0", b"\xff\xfe", "\ud800".encode("utf-8", "surrogatepass"), b"%", b"true", b"1e999")


def names(operation: Operation) -> st.SearchStrategy[str]:
    """Parameters that it knows, and some that it does not."""
    unknown = st.sampled_from(("Page", "PageSize", "PageToken", "Boddy", "")) | st.text(max_size=9)
    known = st.sampled_from(operation.parameters) if operation.parameters else unknown
    return known | unknown


def values(name: str) -> st.SearchStrategy[bytes]:
    likely = st.sampled_from(PLAUSIBLE.get(name.rstrip("<>"), ("true", "1", ""))).map(str.encode)
    return likely | likely | st.sampled_from(ODD) | st.text(max_size=40).map(str.encode)


def pairs(operation: Operation) -> st.SearchStrategy[bytes]:
    """A form: often one that would do, with up to three parameters more."""
    pair = names(operation).flatmap(lambda name: st.tuples(st.just(name), values(name)))
    needed = [name for name in NEEDED if name in operation.parameters]
    good = [(name, PLAUSIBLE[name][0].encode()) for name in needed]
    begin = st.sampled_from((good, good, []))
    return st.builds(
        lambda first, more: encoded([*first, *more]), begin, st.lists(pair, max_size=3)
    )


def encoded(form: list[tuple[str, bytes]]) -> bytes:
    return "&".join(
        f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in form
    ).encode()


CONTENT_TYPES = st.sampled_from(
    (*[FORM] * 6, "", f"{FORM}; charset=klingon", "application/json", "multipart/form-data")
) | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20)

STRANGERS = ("SM" + "0" * 32, "AC" + "1" * 32, "US", "2026-11-30", "..", "%")

SUFFIXES = ((".json", ".json", ""), ("",))
"""What may end a path: at the api host, and at others."""

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")


def knocks(operation: Operation) -> st.SearchStrategy[Knock]:
    form = pairs(operation)
    asked = operation.route.method
    safe = "".join(map(chr, range(33, 127)))
    return st.builds(
        Knock,
        method=st.sampled_from((*[asked] * 12, *METHODS)),
        place=st.integers(0, 40),
        stranger=st.sampled_from(("",) * 16 + STRANGERS),
        suffix=st.sampled_from((*SUFFIXES[operation.product.name != "api"] * 6, "/", ".csv")),
        query=form.map(bytes.decode) | st.text(safe, max_size=20) | st.just(""),
        body=form | form | form | st.binary(max_size=60),
        content_type=CONTENT_TYPES,
        login=st.sampled_from((*["right"] * 12, "wrong", "", "Basic !", "Bearer x")),
    )


# -- what is answered ------------------------------------------------------------------------------

SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}").search
PLACE = re.compile(rb'"(?:https?://[^"/]+)?(/(?:2010-04-01|v[0-9])/[^"?]+)')
"""A path in an answer: what can be asked next."""


@dataclass
class Visitor:
    """Asks, judges the answers, and remembers what was made."""

    on: "Stage"
    port: int
    seen: list[str] = field(default_factory=list)
    """Paths that answers named, without a suffix."""
    made: dict[str, str] = field(default_factory=dict)
    """The SID of each thing that was answered 201 and not deleted, by its host and path."""

    def __post_init__(self) -> None:
        self._line = HTTPConnection("127.0.0.1", self.port, timeout=20)
        self._token = self.on.client.password

    def close(self) -> None:
        self._line.close()

    def knock(self, operation: Operation, knock: Knock) -> None:
        path = self._path(operation, knock)
        target = f"{path}?{knock.query}" if knock.query else path
        headers = {"Host": operation.host, "Content-Type": knock.content_type}
        if login := self._login(knock.login):
            headers["Authorization"] = login
        status, kind, body = self.ask(knock.method, target, headers, knock.body)
        assert status in DOCUMENTED
        if kind == "application/xml" and not operation.route.path.startswith(API_ROOT):
            assert status == 403
            assert knock.method == "HEAD" or body.startswith(CDN)
        elif status != 200 or operation.route.schema:  # else it is a file
            self._judge(knock.method, status, kind, body)
        self.see(body)
        if status == 201 and "sid" in (document := _read(kind, body)):
            self.remember(operation.host, path, document)
        if knock.method == "DELETE" and status == 204:
            self._forget(path.removesuffix(".json"))

    def remember(self, host: str, path: str, document: Mapping[str, Any]) -> None:
        """Something was made: where it says itself, else below the path that made it."""
        below = f"{path.removesuffix('.json')}/{document['sid']}"
        own = urlsplit(document.get("uri") or document.get("url") or below).path
        if path.startswith("/v1/SafeList/"):  # there they are found by their number
            own = f"{path}?{urlencode({'PhoneNumber': document['phone_number']})}"
        self.made[f"{host}{own}"] = document["sid"]

    def _forget(self, path: str) -> None:
        """Something was deleted, and with it what is in it."""
        sid = path.rpartition("/")[2]
        self.made = {where: made for where, made in self.made.items() if sid not in where}

    def see(self, body: bytes) -> None:
        found = dict.fromkeys(path.decode().removesuffix(".json") for path in PLACE.findall(body))
        self.seen = [*self.seen, *(path for path in found if path not in self.seen)]

    def ask(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, str, bytes]:
        """Status, content type and body of an answer."""
        named = {name: value.encode("latin-1") for name, value in headers.items() if value}
        self._line.request(method, target, body, named)
        answer: HTTPResponse = self._line.getresponse()
        return answer.status, answer.getheader("Content-Type", ""), answer.read()

    def _path(self, operation: Operation, knock: Knock) -> str:
        """One that was seen and is the operation's, else its own with some SIDs in it."""
        template = re.sub(r"\{[^}]+\}", "[^/]+", operation.route.path)
        known = [path for path in self.seen if re.fullmatch(template, path)]
        if known and not knock.stranger:
            return known[knock.place % len(known)] + knock.suffix
        named = [found[0] for path in self.seen if (found := SID(path))]
        sid = knock.stranger or named[knock.place % len(named)]
        path = operation.route.path.replace("{AccountSid}", self.on.account_sid)
        return re.sub(r"\{[^}]+\}", sid, path) + knock.suffix

    def _login(self, kind: str) -> str:
        if kind in ("right", "wrong"):
            pair = f"{self.on.account_sid}:{self._token if kind == 'right' else 'x'}"
            return f"Basic {b64encode(pair.encode()).decode()}"
        return kind

    def _judge(self, method: str, status: int, kind: str, body: bytes) -> None:
        """An answer's form."""
        if status == 204 or method == "HEAD":
            assert body == b""
        if not body and (status in (204, 307) or method == "HEAD"):
            return
        document = _read(kind, body)
        if status < 400:
            return
        if "errors" in document and "code" not in document:  # as comms.twilio.com has them
            assert all(_told(fault) for fault in document["errors"])
            assert document["errors"]
            return
        assert {"code", "message", "more_info", "status"} <= document.keys()
        assert str(document["status"]) == str(status)
        assert str(document["more_info"]).endswith(f"/{document['code']}")
        assert document["message"]

    # Nothing is lost

    def check_everything_is_there(self) -> None:
        """What was made and not deleted: by itself, in the list, in the control API, at its end."""
        self.on.advance(until="idle")
        self._token = self.on.control("GET", "")["auth_token"]  # another may have been promoted
        client = Client(self.on.account_sid, self._token, http_client=self.on.http)
        login = {"Authorization": self._login("right")}
        for where, sid in self.made.items():
            host, _, path = where.partition("/")
            status, kind, body = self.ask("GET", f"/{path}", {"Host": host, **login})
            assert (status, _read(kind, body)["sid"]) == (200, sid)
        messages = {sid for sid in self.made.values() if sid[:2] in ("SM", "MM")}
        services = {sid for sid in self.made.values() if sid[:2] == "MG"}
        assert {message.sid for message in client.messages.list()} == messages
        assert {each.sid for each in client.messaging.v1.services.list()} == services
        kept = self.on.control("GET", "/messages?limit=10000")["messages"]
        assert {message["sid"] for message in kept} == messages
        assert {message["status"] for message in kept if not _unending(message)} <= FINAL

    def finish_appointments(self) -> None:
        """What is scheduled is sent, too."""
        self.on.advance(seconds=40 * 86_400)


def _unending(message: Mapping[str, Any]) -> bool:
    """Whether it waits for its time, or never has a receipt, as its number says."""
    return "scheduled" in message["status"] or str(message["to"]).endswith("+15005568000")


def _told(fault: dict[str, Any]) -> bool:
    """Whether one of several faults says what, where, and where to read on."""
    named = fault.keys() == {"code", "message", "infoUrl", "context"}
    return named and fault["message"] and fault["infoUrl"].endswith(f"/{fault['code']}")


def _read(kind: str, body: bytes) -> dict[str, Any]:
    """A document, whichever way it is written."""
    if kind.startswith("application/json"):
        document = json.loads(body)
        assert isinstance(document, dict)
        return document
    assert kind.startswith("application/xml")
    root = ElementTree.fromstring(body)
    assert root.tag == "TwilioResponse"
    return {
        {"Code": "code", "Message": "message", "MoreInfo": "more_info", "Status": "status"}.get(
            each.tag, each.tag.lower()
        ): each.text
        for each in root[0]
    }


@pytest.fixture
def visitor(stage: "MakeStage", base_url: str) -> Iterator[Visitor]:
    visitor = Visitor(stage(start="2026-12-01T00:00:00Z"), urlsplit(base_url).port or 0)
    yield visitor
    visitor.close()


@pytest.mark.parametrize("resource", RESOURCES)
def test_any_request(visitor: Visitor, resource: str) -> None:
    """Any method, path, query, form, content type and login, in any order."""
    _make_some(visitor)
    operations = RESOURCES[resource]
    count = EXAMPLES * len(operations) * (8 if resource == MESSAGES else 1)

    @settings(max_examples=count, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from(operations).flatmap(lambda each: st.tuples(st.just(each), knocks(each))))
    def knocking(asked: tuple[Operation, Knock]) -> None:
        visitor.knock(*asked)

    knocking()
    visitor.check_everything_is_there()
    visitor.finish_appointments()
    visitor.check_everything_is_there()


def _make_some(visitor: Visitor) -> None:
    """So that there is something to ask about: one under way, one that has ended, a service."""
    good = {"to": YOU, "from_": ME, "body": "Ahoy"}
    picture = ["https://example.com/a.png"]
    visitor.on.client.messages.create(**good, media_url=picture)
    visitor.on.client.messages.create(**good)
    visitor.on.advance(until="idle")
    visitor.on.client.messages.create(**good)
    visitor.on.client.messaging.v1.services.create(friendly_name="Ahoy")
    for exchange in [*visitor.on.http.exchanges]:
        document = json.loads(exchange.text)
        visitor.remember(urlsplit(exchange.url).netloc, "", document)
        visitor.see(exchange.text.encode())
    media = visitor.on.client.messages(visitor.on.client.messages.list()[-1].sid).media.list()
    assert len(media) == 1
    visitor.see(visitor.on.http.exchanges[-1].text.encode())
