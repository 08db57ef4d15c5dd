"""What Messaging Services are refused with, and what is not there."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.faults import ErrorFault, FaultRule, When
from mockserver.domain.matching import REQUEST_FIELDS, Matcher
from mockserver.world.schema_files import load

if TYPE_CHECKING:
    from tests.edge.conftest import Caller

ROOT = "/v1/Services"
HOST = "messaging.twilio.com"
MG = "MG" + "a" * 32
STRANGER = "AC" + "5" * 32


async def make(caller: "Caller", **form: str) -> dict[str, Any]:
    return await caller.made({"FriendlyName": "My Service!", **form}, ROOT)


# -- what is refused -------------------------------------------------------------------------------

MISSING = "Missing required parameter FriendlyName in the post body"


@pytest.mark.parametrize("form", [{}, {"FriendlyName": ""}, {"Usecase": "nonsense"}])
async def test_no_name(services: "Caller", form: dict[str, str]) -> None:
    """20001 before anything else; no service comes of it, nor an account."""
    services.auth = f"{STRANGER}:token"
    (await services.post(form, ROOT)).refused(400, 20001, MISSING)
    assert services.server.sandboxes.of_account(STRANGER) is None


BOOLEANS = (
    "StickySender",
    "MmsConverter",
    "SmartEncoding",
    "FallbackToLongCode",
    "AreaCodeGeomatch",
    "SynchronousValidation",
    "UseInboundWebhookOnNumber",
)

BAD = [
    ("FriendlyName", "x" * 65, 20002, "Invalid FriendlyName"),
    ("ValidityPeriod", "0", 21624, "Invalid validity period value"),
    ("ValidityPeriod", "36001", 21624, ""),
    ("ValidityPeriod", "soon", 21624, ""),
    ("Usecase", "spam", 21713, "Messaging Service Use Case is Invalid"),
    ("StatusCallback", "me", 21609, "The 'StatusCallback' URL me is not a valid URL."),
    ("StatusCallback", "https://x/" + "y" * 4000, 21609, ""),
    ("ScanMessageContent", "maybe", 20422, "Invalid Parameter: ScanMessageContent"),
    ("InboundRequestUrl", "ftp://x", 20422, "Invalid Parameter: InboundRequestUrl"),
    ("FallbackUrl", "http://", 20422, "Invalid Parameter: FallbackUrl"),
    ("InboundMethod", "PUT", 20422, "Invalid Parameter: InboundMethod"),
    ("FallbackMethod", "get", 20422, "Invalid Parameter: FallbackMethod"),
    *((name, "perhaps", 20422, f"Invalid Parameter: {name}") for name in BOOLEANS),
]


@pytest.mark.parametrize(("name", "value", "code", "message"), BAD)
async def test_bad_values(
    services: "Caller", name: str, value: str, code: int, message: str
) -> None:
    """The same code on create and on update, and nothing changes."""
    (await services.post({"FriendlyName": "x", name: value}, ROOT)).refused(400, code, message)
    service = await make(services)
    path = f"{ROOT}/{service['sid']}"
    (await services.post({name: value}, path)).refused(400, code, message)
    assert (await services.get(path)).json == service
    assert len(services.sandbox.tables.services) == 1


async def test_several_bad_values(services: "Caller") -> None:
    """One answers: what has a place in the order of checks, else all of 20422 by name."""
    form = {"InboundMethod": "PUT", "StickySender": "x", "ValidityPeriod": "0"}
    path = f"{ROOT}/{(await make(services))['sid']}"
    (await services.post(form, path)).refused(400, 21624)
    del form["ValidityPeriod"]
    said = "Invalid Parameter: InboundMethod, StickySender"
    (await services.post(form, path)).refused(400, 20422, said)


@pytest.mark.parametrize("name", ["x" * 64, "\u00e9" * 64, "\U0001f600" * 64])
async def test_names_of_64_characters(services: "Caller", name: str) -> None:
    """Are short enough, in any alphabet."""
    assert (await make(services, FriendlyName=name))["friendly_name"] == name


@pytest.mark.parametrize("sid", [MG, "MG1", "nonsense", f"{MG}.json", "%ff", DEFAULT_SID])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_service_that_is_not_there(services: "Caller", method: str, sid: str) -> None:
    """404 with 20404; the text leaves the version out."""
    answer = await services.call(method, f"{ROOT}/{sid}", b"" if method == "POST" else None)
    answer.refused(404, 20404, f"The requested resource /Services/{sid} was not found")


@pytest.mark.parametrize("path", [f"{ROOT}.json", f"{ROOT}/", f"{ROOT}/{MG}/Nowhere", "/v1"])
async def test_what_is_not_served(services: "Caller", path: str) -> None:
    """No suffix, nothing else below a service: 404, and the journal says so plainly."""
    (await services.get(path)).refused(404, 20404)
    [entry] = services.journal
    assert not entry.served
    assert entry.warnings == [
        f"your program called GET {HOST}{path}, which this mock does not serve"
    ]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [("DELETE", ROOT, "GET, HEAD, POST"), ("PUT", f"{ROOT}/{MG}", "DELETE, GET, HEAD, POST")],
)
async def test_methods(services: "Caller", method: str, path: str, allow: str) -> None:
    """405 with 20004 and `Allow`, in JSON; OPTIONS answers 204 without credentials."""
    answer = await services.call(method, path)
    answer.refused(405, 20004)
    services.auth = None
    options = await services.call("OPTIONS", path)
    assert options.status == 204
    assert answer.header("Allow") == options.header("Allow") == allow


async def test_head(services: "Caller") -> None:
    """As GET, without the body."""
    path = f"{ROOT}/{(await make(services))['sid']}"
    head, get = await services.call("HEAD", path), await services.get(path)
    assert (head.status, head.header("Content-Length")) == (200, str(len(get.body)))


async def test_a_fault(services: "Caller") -> None:
    """Rules name the operation as the journal does."""
    only = Matcher.compile({"operation": "messaging.v1.CreateService"}, fields=REQUEST_FIELDS)
    services.sandbox.rules.add(FaultRule("f", When(only), ErrorFault(20429)))
    (await services.post({"FriendlyName": "x"}, ROOT)).refused(429, 20429)
    assert (await services.get(ROOT)).status == 200


# -- anything at all -------------------------------------------------------------------------------

NAMES = st.sampled_from([*load("messaging/v1/CreateService")["properties"], "PageSize", "Sid"])
FORMS = st.lists(st.tuples(NAMES, st.text(max_size=80) | st.sampled_from(["true", "", "600"])))


@given(forms=st.lists(FORMS, min_size=1, max_size=5))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_form(services: "Caller", forms: list[list[tuple[str, str]]]) -> None:
    """Gives one of the documented answers; what was answered 201 is in the list."""
    made = set()
    for form in forms:
        pairs = [(name, text.encode("utf-8", "replace").decode()) for name, text in form]
        answer = await services.post(pairs, ROOT)
        assert answer.status in (201, 400)
        if answer.status == 201:
            made.add(answer.json["sid"])
            path = f"{ROOT}/{answer.json['sid']}"
            assert (await services.post(pairs, path)).status in (200, 400)
        else:
            assert answer.code in (20001, 20002, 20422, 21609, 21624, 21713)
    assert made <= services.sandbox.tables.services.keys()
