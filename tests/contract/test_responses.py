"""Every answer against our own schema, and against Twilio's published description of the API."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator

from mockserver.domain.faults import DeliveryRule, When
from mockserver.domain.message import Delivery, Message
from mockserver.edge.api.messages import render
from mockserver.world.schema_files import load

if TYPE_CHECKING:
    from mockserver.server import Server

PUBLISHED = Path(__file__).parents[3] / "shared/oai/twilio_api_v2010.json"

ME, YOU, SERVICE = "+15017122661", "+14155552671", "MG" + "a" * 32
ACCOUNT, TOKEN = "AC" + "b" * 32, "t" * 32
LIST = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"

Check = Callable[[str, Mapping[str, Any]], None]


# -- the two judges --------------------------------------------------------------------------------


def _ours(kind: str, document: Mapping[str, Any]) -> None:
    """`schemas/api/2010-04-01/Message.json`, for a message and for each of a list's."""
    validator = Draft202012Validator(load("api/2010-04-01/Message"))
    for message in document["messages"] if kind == "list" else [document]:
        validator.validate(message)
        assert list(message) == load("api/2010-04-01/Message")["required"]


class Published:
    """Twilio's description; its `nullable` becomes what JSON Schema has for it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._components = document["components"]["schemas"]
        path = document["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]
        listed = path["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        message = self._components["api.v2010.account.message"]
        self._schemas = {"list": self._plain(listed), "message": self._plain(message)}

    def __call__(self, kind: str, document: Mapping[str, Any]) -> None:
        schema = self._schemas[kind]
        Draft4Validator(schema).validate(document)
        assert set(document) == set(schema["properties"])

    def _plain(self, schema: Any) -> Any:
        if isinstance(schema, list):
            return [self._plain(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return self._plain(self._components[schema["$ref"].rpartition("/")[2]])
        plain = {name: self._plain(part) for name, part in schema.items() if name != "nullable"}
        return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain


@pytest.fixture(scope="module")
def published() -> Published:
    if not PUBLISHED.exists():
        pytest.skip(f"the published description is not here: {PUBLISHED.name}")
    return Published(json.loads(PUBLISHED.read_text(encoding="utf-8")))


@pytest.fixture(params=["ours", "published"])
def check(request: pytest.FixtureRequest) -> Check:
    if request.param == "ours":
        return _ours
    judge: Published = request.getfixturevalue("published")
    return judge


# -- a message in every state ----------------------------------------------------------------------

Form = dict[str, str]


def _scheduled() -> Form:
    at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    return {"From": SERVICE, "ScheduleType": "fixed", "SendAt": at}


CASES: dict[str, tuple[Form, str, int]] = {
    "delivered": ({}, "delivered", 0),
    "undelivered": ({}, "undelivered", 30003),
    "failed": ({}, "failed", 30001),
    "sent": ({}, "sent", 0),
    "accepted": ({"From": SERVICE}, "delivered", 0),
    "accepted, with a sender": ({"MessagingServiceSid": SERVICE}, "delivered", 0),
    "media": ({"MediaUrl": "https://example.com/a.png"}, "delivered", 0),
    "whatsapp": ({"To": f"whatsapp:{YOU}", "From": f"whatsapp:{ME}"}, "read", 0),
    "alphanumeric": ({"To": "+442071838750", "From": "ACME"}, "delivered", 0),
    "short code": ({"From": "12345"}, "delivered", 0),
}


@pytest.fixture
async def api(server: "Server") -> "Api":
    login = b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    return Api(server, {"Authorization": f"Basic {login}"})


class Api:
    """JSON in and out."""

    def __init__(self, server: "Server", headers: dict[str, str]) -> None:
        self.server, self._headers = server, headers

    async def call(self, method: str, path: str = LIST, **form: str) -> tuple[int, Any]:
        async with aiohttp.ClientSession(self.server.url, headers=self._headers) as session:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode(form).encode() if form else None
            async with session.request(method, path, data=body, headers=kind) as answer:
                return answer.status, await answer.json() if answer.status != 204 else None

    async def create(self, **changes: str) -> Any:
        form = {"To": YOU, "From": ME, "Body": "Ahoy", **changes}
        status, message = await self.call("POST", **form)
        assert status == 201
        return message

    async def settled(self) -> None:
        """Until nothing is under way any more, the fetching of media included."""
        async with aiohttp.ClientSession(self.server.url) as session:
            path = "/_mock/clock/advance"
            async with session.post(path, json={"until": "idle"}) as answer:
                assert answer.status == 200


@pytest.mark.parametrize("case", CASES)
async def test_create_fetch_list_redact(api: Api, check: Check, case: str) -> None:
    """Each answer about a message, whatever becomes of it."""
    form, outcome, code = CASES[case]
    sandbox = api.server.sandboxes.default
    sandbox.rules.add(DeliveryRule("d", When(), outcome, code))
    created = await api.create(**form)
    check("message", created)
    await api.settled()
    _, fetched = await api.call("GET", created["uri"])
    check("message", fetched)
    assert (fetched["status"], fetched["error_code"]) == (outcome, code or None)
    _, listed = await api.call("GET")
    check("list", listed)
    assert listed["messages"] == [fetched]
    _, redacted = await api.call("POST", created["uri"], Body="")
    check("message", redacted)
    assert redacted["body"] == ""


async def test_scheduled_and_canceled(api: Api, check: Check) -> None:
    """Before it was sent, too."""
    created = await api.create(**_scheduled())
    check("message", created)
    _, canceled = await api.call("POST", created["uri"], Status="canceled")
    check("message", canceled)
    assert (created["status"], canceled["status"]) == ("scheduled", "canceled")


async def test_pages(api: Api, check: Check) -> None:
    """First, middle, last, empty, filtered."""
    _, empty = await api.call("GET")
    check("list", empty)
    for number in range(5):
        await api.create(Body=str(number))
    uri: str | None = f"{LIST}?PageSize=2&To=%2B14155552671&DateSent%3E=2020-01-01"
    count = 0
    while uri is not None:
        _, page = await api.call("GET", uri)
        check("list", page)
        uri, count = page["next_page_uri"], count + 1
    assert count == 3


async def test_dates(api: Api) -> None:
    """RFC 2822 that anybody can read, in order."""
    created = await api.create()
    _, message = await api.call("GET", created["uri"])
    made, sent, changed = (
        parsedate_to_datetime(message[f"date_{what}"]) for what in ("created", "sent", "updated")
    )
    assert made <= sent <= changed
    assert made.utcoffset() == timedelta()


# -- what a create may be told ---------------------------------------------------------------------


def test_every_published_parameter_is_known(published: Published) -> None:
    """The create call's schema names all of them, and those that only skills and samples show."""
    document = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    path = document["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]
    body = path["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
    known = set(load("api/2010-04-01/CreateMessage")["properties"])
    assert known - set(body["schema"]["properties"]) == {"MessageIntent", "Tags"}
    assert set(body["schema"]["properties"]) <= known
    asked = {parameter["name"] for parameter in path["get"]["parameters"]} - {"AccountSid"}
    assert asked == set(load("api/2010-04-01/ListMessage")["properties"])


# -- rendering -------------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8"))


@given(TEXT, TEXT, st.sampled_from(["queued", "accepted", "delivered", "failed"]))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_rendered_as_json(body: str, sender: str, status: str) -> None:
    """What is read again is what was there; the wire holds ASCII, separated as Twilio does."""
    message = Message(
        sid="SM" + "a" * 32,
        ordinal=0,
        account_sid=ACCOUNT,
        direction="outbound-api",
        channel="sms",
        origin="messages",
        to=YOU,
        from_=sender,
        body=body,
        encoding="GSM-7",
        num_segments=1,
        num_media=0,
        created_at=1_796_083_200_000_000,
    )
    delivery = Delivery(status, 1_796_083_200_000_000, (status, 1_796_083_200_000_000, 0))
    wire = render(message, delivery)
    document = json.loads(wire)
    assert (document["body"], document["from"]) == (body, sender or None)
    assert wire == json.dumps(document).encode()
