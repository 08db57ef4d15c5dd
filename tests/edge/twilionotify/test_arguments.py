"""How a call brings its arguments, and what is wrong with them."""

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.edge.twilionotify.conftest import Failed, Module

FORM = "application/x-www-form-urlencoded"
TEXT = "Invalid parameter: $.{} must be of type {}"


# -- the body --------------------------------------------------------------------------------------


async def test_a_form(module: "Module") -> None:
    """Does as well as JSON; what is repeated is a list."""
    body = f"ServiceSid={module.service}&Identity=Bob+B&Address=%2B1415&BindingType=sms&Tag=a&Tag=b"
    answer = await module.ask("createBinding", body.encode(), Content_Type=FORM)
    assert answer.status == 200
    made = answer.json
    assert (made["identity"], made["address"], made["tags"]) == ("Bob B", "+1415", ["a", "b"])
    entry = module.caller.journal[-1]
    assert (entry.warnings, entry.content_type) == ([], FORM)
    body = f"ServiceSid={module.service}&Tag=a&Identity=Bob+B"
    listed = await module.ask("listBinding", body.encode(), Content_Type=None)
    assert listed.json["bindings"] == [made]


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", FORM, "text/plain", None])
async def test_json_whatever_it_is_called(module: "Module", kind: str | None) -> None:
    """What begins with a brace is read as JSON; a tool may call it anything."""
    body = b' \n{"ServiceSid": "%b"}' % module.service.encode()
    answer = await module.ask("listBinding", body, Content_Type=kind)
    assert (answer.status, answer.json["bindings"]) == (200, [])


async def test_a_packed_body(module: "Module", failed: "Failed") -> None:
    """Is unpacked, or refused where it is broken."""
    body = gzip.compress(json.dumps({"ServiceSid": module.service}).encode())
    answer = await module.ask("listBinding", body, Content_Encoding="gzip")
    assert answer.status == 200
    answer = await module.ask("listBinding", body[:-9], Content_Encoding="gzip")
    failed(answer, "ArgumentError", 400)
    failed(await module.ask("send", b"{}", Content_Encoding="br"), "ArgumentError", 400)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", None),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b"", "application/json"),
        (b"{}{}", None),
        (b'{"Body": "\xff"}', None),
        (b'{"Body": "\\ud800"}', None),
        (b'{"Ttl": NaN}', None),
        (b"ServiceSid=%zz", FORM),
        (b"ServiceSid=%ff", FORM),
        (b"ServiceSid=1", f"{FORM}; charset=nonsense"),
        (b"--x--", "multipart/form-data; boundary=x"),
        (b"[" * 3_000, "application/json"),
        (b'{"a":' * 3_000, None),
    ],
)
async def test_bodies_that_are_no_object(
    module: "Module", failed: "Failed", body: bytes, kind: str | None
) -> None:
    """Are refused with a word about what to mend."""
    failed(await module.ask("send", body, Content_Type=kind), "ArgumentError", 400)


async def test_a_body_of_a_megabyte(module: "Module", failed: "Failed") -> None:
    """Is the most that Notify takes; one byte more is 413."""
    head = b'{"ServiceSid": "%b", "Mood": "' % module.service.encode()
    body = head + b"x" * ((1 << 20) - len(head) - 2) + b'"}'
    assert (await module.ask("listBinding", body)).status == 200
    answer = await module.ask("listBinding", body + b" ")
    failed(answer, "TwilioError", 413)


# -- types -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "argument", "value", "types"),
    [
        ("createBinding", "Address", 1, "string"),
        ("createBinding", "Identity", ["Bob"], "string"),
        ("createBinding", "BindingType", {}, "string"),
        ("createBinding", "Tag", {}, "string or array"),
        ("createBinding", "Tag", 7, "string or array"),
        ("createBinding", "ServiceSid", 7, "string"),
        ("listBinding", "Identity", True, "string or array"),
        ("listBinding", "PageSize", 1.5, "integer or string"),
        ("send", "Ttl", True, "number or string"),
        ("send", "Sms", [], "object or string"),
        ("send", "Body", 1, "string"),
        ("send", "ToBinding", 1, "object or string or array"),
    ],
)
async def test_types(
    module: "Module", failed: "Failed", operation: str, argument: str, value: Any, types: str
) -> None:
    """An argument of a type that it cannot have is the module's own refusal."""
    asked = {"Identity": "Bob", "Address": "1", "BindingType": "sms", argument: value}
    known = {"createBinding": asked}.get(operation, {argument: value})
    answer = await module(operation, **known)
    failed(answer, "ArgumentError", 400, TEXT.format(argument, types))
    assert answer.header("X-Twilio-Error-Code") == "20001"


async def test_types_within_lists(module: "Module", failed: "Failed") -> None:
    """Are told with their place, counted from 0."""
    answer = await module("send", Identity=["Bob", 7])
    failed(answer, "ArgumentError", 400, TEXT.format("Identity[1]", "string"))


@pytest.mark.parametrize(
    ("operation", "missing"),
    [
        ("createBinding", "Address"),
        ("createBinding", "Identity"),
        ("createBinding", "BindingType"),
        ("getBinding", "BindingSid"),
        ("deleteBinding", "BindingSid"),
    ],
)
async def test_what_is_missing(
    module: "Module", failed: "Failed", operation: str, missing: str
) -> None:
    """Or nil, which is the same."""
    asked = {"Address": "1", "Identity": "Bob", "BindingType": "sms", missing: None}
    known = asked if operation == "createBinding" else {missing: None}
    answer = await module(operation, **known)
    failed(answer, "ArgumentError", 400, f"Invalid parameter: $.{missing} is required")


@pytest.mark.parametrize(
    "sid", ["", "BS1", "BS" + "0" * 33, "BS" + "-" * 32, "BS" + "0" * 32 + "\n"]
)
async def test_a_sid_that_is_none(module: "Module", failed: "Failed", sid: str) -> None:
    """It has 34 letters and digits; that a binding's begins with BS is Notify's business."""
    answer = await module("getBinding", BindingSid=sid)
    failed(answer, "ArgumentError", 400, "Invalid parameter: $.BindingSid is not well-formed")
    failed(await module("getBinding", BindingSid="z" * 34), "TwilioError", 404)


async def test_unknown_arguments(module: "Module") -> None:
    """Are ignored, and told in the journal with what may have been meant."""
    answer = await module("listBinding", Identitty="Bob", Mood=None)
    assert answer.status == 200
    [warning] = module.caller.journal[-1].warnings
    assert warning == (
        "`Identitty` is not a field of this call and was ignored: did you mean `Identity`?"
    )


# -- the service -----------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [None, ""])
async def test_no_service(module: "Module", failed: "Failed", given: str | None) -> None:
    """Is told before anything else, unless the configuration has one."""
    answer = await module("createBinding", ServiceSid=given)
    failed(
        answer,
        "ConfigurationError",
        400,
        "ServiceSid is needed: neither the call nor the configuration names a service",
    )
    await module.options(murano_service_sid=module.service)
    assert (await module.done("listBinding", ServiceSid=given))["bindings"] == []
    other = await module("listBinding", ServiceSid="IS" + "0" * 32)
    failed(other, "TwilioError", 404)


# -- operations ------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["", "Send", "sendAll", "send/", "send.json", "send/x"])
async def test_operations_that_are_not_there(
    module: "Module", failed: "Failed", operation: str
) -> None:
    """The journal says that the program called something that is not served."""
    answer = await module.ask(operation, b"{}")
    text = f"The requested resource /{operation} was not found"
    failed(answer, "NotFound", 404, text)
    entry = module.caller.journal[-1]
    assert (entry.served, entry.operation) == (False, "")
    assert entry.warnings == [
        f"your program called POST twilionotify/{operation}, which this mock does not serve"
    ]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_methods(module: "Module", failed: "Failed", method: str) -> None:
    """All operations are posted to."""
    headers = {"Host": "localhost"}
    answer = await module.caller.call(method, "/twilionotify/send", None, headers)
    failed(answer, "NotFound", 405, "Method not allowed")
    assert answer.header("Allow") == "POST"


async def test_faults_of_a_scenario(module: "Module", failed: "Failed") -> None:
    """Meet an operation by its name, as any other; they are told in the module's form."""
    rule = {"when": {"operation": "twilionotify.*"}, "then": {"error": 20429}, "times": 1}
    local = {"Host": "localhost", "Content-Type": "application/json"}
    body = json.dumps(rule).encode()
    assert (await module.caller.call("POST", "/_mock/faults", body, local)).status == 201
    failed(await module("listBinding"), "TwilioError", 429, "Too Many Requests")
    assert module.caller.journal[-1].fault
    assert (await module("listBinding")).status == 200
