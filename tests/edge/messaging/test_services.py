"""`messaging.twilio.com/v1/Services`: make, fetch, change, delete."""

import json
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.message import SECOND
from mockserver.domain.numbers import Service
from mockserver.world.schema_files import load

if TYPE_CHECKING:
    from tests.edge.conftest import Answer, Caller
    from tests.edge.messaging.conftest import AtMessaging

ROOT = "/v1/Services"
HOST = "messaging.twilio.com"
MG = "MG" + "a" * 32
STRANGER = "AC" + "5" * 32


async def make(caller: "Caller", **form: str) -> dict[str, Any]:
    answer = await caller.post({"FriendlyName": "My Service!", **form}, ROOT)
    assert answer.status == 201
    return checked(caller, answer)


def checked(caller: "Caller", answer: "Answer") -> dict[str, Any]:
    """The service in an answer, which its schema describes, key by key."""
    document: dict[str, Any] = answer.json
    Draft202012Validator(load("messaging/v1/Service")).validate(document)
    assert list(document) == load("messaging/v1/Service")["required"]
    assert caller.journal[-1].warnings == []
    return document


async def later(caller: "Caller", seconds: int) -> None:
    engine = caller.sandbox.engine
    await engine.advance(engine.clock.now() + seconds * SECOND)


def snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)[1:]


# -- create ----------------------------------------------------------------------------------------


async def test_a_service_with_a_name_only(services: "Caller") -> None:
    """201 with every default; byte for byte as Twilio writes JSON."""
    answer = await services.post({"FriendlyName": "My Service!"}, ROOT)
    assert (answer.status, answer.reason) == (201, "CREATED")
    service = checked(services, answer)
    url = f"https://messaging.twilio.com/v1/Services/{service['sid']}"
    assert service == {
        "account_sid": DEFAULT_SID,
        "friendly_name": "My Service!",
        "sid": service["sid"],
        "date_created": "2026-12-01T00:00:00Z",
        "date_updated": "2026-12-01T00:00:00Z",
        "sticky_sender": True,
        "mms_converter": True,
        "smart_encoding": True,
        "fallback_to_long_code": True,
        "area_code_geomatch": True,
        "validity_period": 36000,
        "scan_message_content": "inherit",
        "synchronous_validation": False,
        "inbound_request_url": None,
        "inbound_method": "POST",
        "fallback_url": None,
        "fallback_method": "POST",
        "status_callback": None,
        "usecase": "undeclared",
        "us_app_to_person_registered": False,
        "use_inbound_webhook_on_number": False,
        "links": {
            "phone_numbers": f"{url}/PhoneNumbers",
            "short_codes": f"{url}/ShortCodes",
            "alpha_senders": f"{url}/AlphaSenders",
            "messages": f"{url}/Messages",
            "us_app_to_person": f"{url}/Compliance/Usa2p",
            "us_app_to_person_usecases": f"{url}/Compliance/Usa2p/Usecases",
            "channel_senders": f"{url}/ChannelSenders",
            "destination_alpha_senders": f"{url}/DestinationAlphaSenders",
        },
        "url": url,
    }
    assert answer.body == json.dumps(service).encode()
    assert answer.header("X-API-Domain") == HOST
    assert answer.header("Content-Type") == "application/json"


async def test_every_parameter(services: "Caller", everything: dict[str, str]) -> None:
    """Is taken, and shown by create, fetch and list."""
    service = await make(services, **everything)
    told = {"true": True, "false": False, "False": False, "600": 600}
    for name, value in everything.items():
        assert service[snake(name)] == told.get(value, value)
    assert checked(services, await services.get(f"{ROOT}/{service['sid']}")) == service
    assert (await services.get(ROOT)).json["services"] == [service]


async def test_journal(services: "Caller") -> None:
    """Every operation by its published name."""
    service = await make(services)
    path = f"{ROOT}/{service['sid']}"
    await services.get(ROOT)
    await services.get(path)
    await services.post({"Usecase": "poll"}, path)
    await services.call("DELETE", path)
    assert [entry.operation.partition(".v1.") for entry in services.journal] == [
        ("messaging", ".v1.", name + "Service")
        for name in ("Create", "List", "Fetch", "Update", "Delete")
    ]
    assert {entry.account_sid for entry in services.journal} == {DEFAULT_SID}
    assert {entry.domain for entry in services.journal} == {HOST}


async def test_unknown_parameters(services: "Caller") -> None:
    """Ignored, with a word in the journal."""
    assert (await services.post({"FriendlyName": "x", "Useccase": "poll"}, ROOT)).status == 201
    assert services.journal[-1].warnings == [
        "`Useccase` is not a parameter of this call and was ignored: did you mean `Usecase`?"
    ]


async def test_sids_come_from_the_seed(at_messaging: "AtMessaging") -> None:
    """Two runs with one seed make the same services, deletions between them or not."""
    runs = []
    for _ in range(2):
        caller = await at_messaging()
        made = [(await make(caller))["sid"] for _ in range(2)]
        await caller.call("DELETE", f"{ROOT}/{made[0]}")
        runs.append([*made, (await make(caller))["sid"]])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 3


# -- update and delete -----------------------------------------------------------------------------


async def test_update(services: "Caller", everything: dict[str, str]) -> None:
    """Changes what is given, and the date; the rest stays."""
    before = await make(services, **everything)
    await later(services, 90)
    path = f"{ROOT}/{before['sid']}"
    answer = await services.post({"ValidityPeriod": "60", "FriendlyName": "New"}, path)
    assert answer.status == 200
    after = checked(services, answer)
    assert after == {
        **before,
        "validity_period": 60,
        "friendly_name": "New",
        "date_updated": "2026-12-01T00:01:30Z",
    }
    assert (await services.get(path)).json == after


async def test_empty_values(services: "Caller", everything: dict[str, str]) -> None:
    """An empty URL takes it away; of the others they say nothing, but for the name: 20002."""
    before = await make(services, **everything)
    path = f"{ROOT}/{before['sid']}"
    urls = ("InboundRequestUrl", "FallbackUrl", "StatusCallback")
    others = {name: "" for name in everything if name not in ("FriendlyName", *urls)}
    assert (await services.post(others, path)).json == before
    after = (await services.post(dict.fromkeys(urls, ""), path)).json
    assert after == {**before, **dict.fromkeys(map(snake, urls))}
    (await services.post({"FriendlyName": ""}, path)).refused(400, 20002)


async def test_delete(services: "Caller") -> None:
    """204 without a body; then it is gone, and its SID is remembered."""
    kept, gone = await make(services), await make(services)
    path = f"{ROOT}/{gone['sid']}"
    answer = await services.call("DELETE", path)
    assert (answer.status, answer.body, answer.header("Content-Length")) == (204, b"", None)
    for method in ("GET", "DELETE"):
        (await services.call(method, path)).refused(404, 20404)
    assert [each["sid"] for each in (await services.get(ROOT)).json["services"]] == [kept["sid"]]
    assert set(services.sandbox.tables.deleted["services"]) == {gone["sid"]}


async def test_a_message_through_a_service(services: "Caller") -> None:
    """What is set up here counts where messages are made: its status callback, its encoding."""
    service = await make(services, StatusCallback="https://example.com/s", SmartEncoding="false")
    services.host = "api.twilio.com"
    form = {"To": "+14155552671", "MessagingServiceSid": service["sid"], "Body": "\u201cAhoy\u201d"}
    created = await services.post(form)
    assert created.status == 201
    message = services.sandbox.tables.messages.get(created.json["sid"])
    assert message is not None
    assert (message.status_callback, message.encoding) == ("https://example.com/s", "UCS-2")


# -- set up otherwise ------------------------------------------------------------------------------


async def test_a_service_of_the_scenario(services: "Caller") -> None:
    """Is shown as well: nameless, and as old as the sandbox."""
    services.sandbox.tables.services[MG] = Service(MG, DEFAULT_SID)
    service = checked(services, await services.get(f"{ROOT}/{MG}"))
    assert (service["friendly_name"], service["date_created"], service["date_updated"]) == (
        None,
        "2026-12-01T00:00:00Z",
        "2026-12-01T00:00:00Z",
    )
    await later(services, 60)
    after = (await services.post({"FriendlyName": "Named"}, f"{ROOT}/{MG}")).json
    assert (after["date_created"], after["date_updated"]) == (
        "2026-12-01T00:00:00Z",
        "2026-12-01T00:01:00Z",
    )
