"""Messaging Services and Feedback: the official client, and Twilio's published descriptions."""

import json
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from mockserver.world.schema_files import load

OAI = Path(__file__).parents[3] / "shared/oai"
ME, YOU = "+15017122661", "+14155552671"


class Through(TwilioHttpClient):  # type: ignore[misc]  # twilio has no types
    """Sends each request to the mock, as a proxy would or by prefix, and keeps the answers."""

    def __init__(self, base_url: str, *, prefix: bool) -> None:
        super().__init__(timeout=20)
        self.session.trust_env = False
        self.base_url, self.prefix, self.answers = base_url, prefix, list[Any]()

    def request(self, method: str, url: str, **options: Any) -> Any:
        if url.startswith("https://"):
            host, _, path = url.removeprefix("https://").partition("/")
            product = f"{host.partition('.')[0]}/" if self.prefix else ""
            url = f"{self.base_url}/{product}{path}"
            if not self.prefix:
                options["headers"] = {**options["headers"], "Host": host}
        answer = super().request(method, url, **options)
        self.answers.append(answer)
        return answer


@pytest.fixture(params=["host", "prefix"])
def through(request: pytest.FixtureRequest, base_url: str) -> Iterator[Through]:
    through = Through(base_url, prefix=request.param == "prefix")
    yield through
    through.session.close()


@pytest.fixture
def client(through: Through, token: str) -> Client:
    """A client of an account that nobody has seen before."""
    return Client(f"AC{secrets.token_hex(16)}", token, http_client=through)


# -- the client ------------------------------------------------------------------------------------


def test_a_services_life(client: Client) -> None:
    """Make, fetch, change, delete."""
    made = client.messaging.v1.services.create(
        friendly_name="Mine", validity_period=600, sticky_sender=False, usecase="marketing"
    )
    assert made.account_sid == client.account_sid
    fetched = client.messaging.v1.services(made.sid).fetch()
    assert (fetched.friendly_name, fetched.validity_period) == ("Mine", 600)
    assert (fetched.sticky_sender, fetched.usecase) == (False, "marketing")
    assert isinstance(fetched.date_created, datetime)
    assert fetched.links["phone_numbers"] == f"{fetched.url}/PhoneNumbers"
    updated = fetched.update(friendly_name="Yours", status_callback="https://example.com/")
    assert (updated.friendly_name, updated.validity_period) == ("Yours", 600)
    assert updated.delete() is True
    with pytest.raises(TwilioRestException) as refused:
        client.messaging.v1.services(made.sid).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)
    assert f"The requested resource /Services/{made.sid} was not found" in refused.value.msg


def test_every_parameter(client: Client) -> None:
    """All that the library can send is taken, and comes back."""
    given: dict[str, Any] = {
        "friendly_name": "All",
        "inbound_request_url": "https://example.com/in",
        "inbound_method": "GET",
        "fallback_url": "https://example.com/back",
        "fallback_method": "GET",
        "status_callback": "https://example.com/status",
        "sticky_sender": False,
        "mms_converter": False,
        "smart_encoding": False,
        "scan_message_content": "disable",
        "fallback_to_long_code": False,
        "area_code_geomatch": False,
        "validity_period": 1,
        "synchronous_validation": True,
        "usecase": "poll",
        "use_inbound_webhook_on_number": True,
    }
    made = client.messaging.v1.services.create(**given)
    assert {name: getattr(made, name) for name in given} == given


def test_a_refusal(client: Client) -> None:
    """It raises the library's exception with Twilio's code."""
    with pytest.raises(TwilioRestException) as refused:
        client.messaging.v1.services.create(friendly_name="x", usecase="spam")
    assert (refused.value.status, refused.value.code) == (400, 21713)


def test_lists(client: Client, through: Through) -> None:
    """`list`, `stream` and pages there and back: newest first, nothing twice or left out."""
    services = client.messaging.v1.services
    made = [services.create(friendly_name=str(n)).sid for n in range(5)]
    through.answers.clear()
    assert [each.sid for each in services.list(page_size=2)] == made[::-1]
    assert len(through.answers) == 3
    assert [each.sid for each in services.stream(limit=4, page_size=3)] == made[:0:-1]
    second = services.page(page_size=2).next_page()
    assert [each.sid for each in second] == made[2:0:-1]
    assert [each.sid for each in second.previous_page()] == made[:2:-1]
    again = services.get_page(second.next_page_url)
    assert [each.sid for each in again] == made[:1]


def test_clearing_up(client: Client) -> None:
    """Whoever deletes what he streams gets all of it."""
    services = client.messaging.v1.services
    for number in range(5):
        services.create(friendly_name=str(number))
    for each in services.stream(page_size=2):
        each.delete()
    assert services.list() == []


def test_region_and_edge(base_url: str, token: str) -> None:
    """The library's own host names lead to the same place, and come back in URLs."""
    abroad = Through(base_url, prefix=False)
    sid = f"AC{secrets.token_hex(16)}"
    client = Client(sid, token, region="ie1", edge="dublin", http_client=abroad)
    made = client.messaging.v1.services.create(friendly_name="Abroad")
    assert made.url == f"https://messaging.dublin.ie1.twilio.com/v1/Services/{made.sid}"
    home = Client(sid, token, http_client=abroad)
    assert [each.sid for each in home.messaging.v1.services.list()] == [made.sid]
    abroad.session.close()


def test_a_message_through_a_service(client: Client) -> None:
    """The service that was made takes messages."""
    service = client.messaging.v1.services.create(friendly_name="Mine")
    message = client.messages.create(to=YOU, messaging_service_sid=service.sid, body="Ahoy")
    assert (message.status, message.messaging_service_sid) == ("accepted", service.sid)


def test_feedback(client: Client) -> None:
    """Confirmed by default, and taken back."""
    message = client.messages.create(to=YOU, from_=ME, body="Ahoy", provide_feedback=True)
    feedback = client.messages(message.sid).feedback.create()
    assert (feedback.message_sid, feedback.outcome) == (message.sid, "confirmed")
    again = client.messages(message.sid).feedback.create(outcome="unconfirmed")
    assert (again.outcome, again.date_created) == ("unconfirmed", feedback.date_created)
    with pytest.raises(TwilioRestException) as refused:
        client.messages("SM" + "0" * 32).feedback.create()
    assert refused.value.code == 20404


async def test_the_asynchronous_client(async_client: Client) -> None:
    """Feedback through it; what it sends is the same."""
    message = await async_client.messages.create_async(to=YOU, from_=ME, body="Ahoy")
    feedback = await async_client.messages(message.sid).feedback.create_async("unconfirmed")
    assert feedback.outcome == "unconfirmed"


# -- the published descriptions --------------------------------------------------------------------


def _published(name: str) -> dict[str, Any]:
    path = OAI / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the published description is not here: {path.name}")
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _plain(schema: Any, components: dict[str, Any]) -> Any:
    """The description's `nullable` becomes what JSON Schema has for it."""
    if isinstance(schema, list):
        return [_plain(part, components) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _plain(components[schema["$ref"].rpartition("/")[2]], components)
    plain = {name: _plain(part, components) for name, part in schema.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain


def _judge(description: dict[str, Any], path: str, method: str, answer: Any) -> None:
    """The answer is what the description says for its status; no key is missing or too many."""
    responses = description["paths"][path][method]["responses"]
    schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
    plain = _plain(schema, description["components"]["schemas"])
    document = json.loads(answer.text)
    Draft4Validator(plain).validate(document)
    assert set(document) == set(plain["properties"])
    if "services" in document:
        of_one = set(plain["properties"]["services"]["items"]["properties"])
        assert all(set(each) == of_one for each in document["services"])
        assert set(document["meta"]) == set(plain["properties"]["meta"]["properties"])


def test_services_as_published(client: Client, through: Through) -> None:
    """Each answer of each operation."""
    description = _published("twilio_messaging_v1")
    services, one = client.messaging.v1.services, "/v1/Services/{Sid}"
    services.create(friendly_name="first")
    made = services.create(friendly_name="second")
    _judge(description, "/v1/Services", "post", through.answers[-1])
    made.fetch()
    _judge(description, one, "get", through.answers[-1])
    made.update(inbound_request_url="https://example.com/")
    _judge(description, one, "post", through.answers[-1])
    services.page(page_size=1)
    _judge(description, "/v1/Services", "get", through.answers[-1])
    made.delete()
    assert str(through.answers[-1].status_code) in description["paths"][one]["delete"]["responses"]


def test_feedback_as_published(client: Client, through: Through) -> None:
    """Its only answer."""
    description = _published("twilio_api_v2010")
    path = "/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Feedback.json"
    message = client.messages.create(to=YOU, from_=ME, body="Ahoy")
    client.messages(message.sid).feedback.create()
    _judge(description, path, "post", through.answers[-1])


@pytest.mark.parametrize(
    ("described", "path", "method", "schema"),
    [
        ("twilio_messaging_v1", "/v1/Services", "post", "messaging/v1/CreateService"),
        ("twilio_messaging_v1", "/v1/Services/{Sid}", "post", "messaging/v1/UpdateService"),
        (
            "twilio_api_v2010",
            "/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Feedback.json",
            "post",
            "api/2010-04-01/CreateMessageFeedback",
        ),
    ],
)
def test_every_published_parameter_is_known(
    described: str, path: str, method: str, schema: str
) -> None:
    """Our schema of the request names them all, and no more."""
    body = _published(described)["paths"][path][method]["requestBody"]["content"]
    published = body["application/x-www-form-urlencoded"]["schema"]["properties"]
    assert set(load(schema)["properties"]) == set(published)


def test_every_operation_has_its_published_name() -> None:
    """`operationId` for each route of the host."""
    from mockserver.edge.messaging.services import ROUTES

    paths = _published("twilio_messaging_v1")["paths"]
    for route in ROUTES:
        assert paths[route.path][route.method.lower()]["operationId"] == route.operation
