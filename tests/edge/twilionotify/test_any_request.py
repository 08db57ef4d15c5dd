"""Whatever is asked: it is done, or refused in the module's form; never a 500."""

import json
from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.edge.twilionotify.conftest import Module

OPERATIONS: Final = ("createBinding", "deleteBinding", "getBinding", "listBinding", "send")
ARGUMENTS: Final = (
    *("ServiceSid", "BindingSid", "AccountSid", "AuthToken", "Address", "Endpoint", "Identity"),
    *("BindingType", "Tag", "CredentialSid", "NotificationProtocolVersion", "StartDate", "EndDate"),
    *("PageSize", "Page", "PageToken", "Segment", "ToBinding", "Apn", "Fcm", "Gcm", "Sms", "Data"),
    *("FacebookMessenger", "Ttl", "Body", "Sound", "Title", "Action", "Priority"),
    "DeliveryCallbackUrl",
)
TYPES: Final = {"ArgumentError", "ConfigurationError", "NotFound", "TwilioError"}

WORDS: Final = st.sampled_from(
    [
        *(
            "apn",
            "sms",
            "fcm",
            "facebook-messenger",
            "all",
            "Bob",
            "+14155552671",
            "high",
            "x" * 300,
        ),
        *("0001-01-01", "9999-12-31", "2026-12-01", "{}", "[", '{"a": 1e400}', "0" * 34, "\x00"),
        *(
            "binding_type",
            "address",
            "from",
            "body",
            "media_url",
            "twi_x",
            "2419200",
            "-1",
            "9" * 25,
        ),
        f"PABS{'0' * 32}",
        '{"binding_type": "sms", "address": "+14155552671"}',
    ]
)
ANYTHING: Final = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=5),
        WORDS,
    ),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
NEARLY: Final = st.dictionaries(
    st.sampled_from(ARGUMENTS[2:]) | st.text(max_size=4), WORDS | ANYTHING, max_size=6
)
"""Arguments of which some may be right; the service is."""
RIGHT: Final = {"Identity": "Bob", "Address": "+14155552671", "BindingType": "sms", "Body": "Hi"}


async def _judge(module: "Module", operation: str, body: bytes) -> None:
    answer = await module.ask(operation, body)
    assert answer.status in (200, 400, 401, 404), (operation, body, answer.body)
    if answer.status != 200:
        assert list(answer.json) == ["type", "error", "status"]
        assert answer.json["type"] in TYPES
        assert answer.json["status"] == answer.status
        assert isinstance(answer.json["error"], str)
    warnings = module.caller.journal[-1].warnings
    assert not any("breaks" in each for each in warnings), (operation, body, warnings)


async def test_anything_at_all(module: "Module") -> None:
    """Any JSON, and arguments that nearly make sense; what was accepted comes to its end."""
    asked: list[tuple[str, bytes]] = []

    @settings(max_examples=250, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(OPERATIONS), ANYTHING, NEARLY)
    def gather(operation: str, wild: Any, nearly: dict[str, Any]) -> None:
        arguments = {"ServiceSid": module.service, **RIGHT, **nearly}
        asked.append((operation, json.dumps(wild).encode("utf-8", "surrogatepass")))
        asked.append((operation, json.dumps(arguments).encode("utf-8", "surrogatepass")))

    gather()
    for operation, body in asked:
        await _judge(module, operation, body)
    engine = module.caller.sandbox.engine
    await engine.advance(engine.clock.now() + 3_600_000_000)
    kept = module.caller.sandbox.tables.notify
    assert kept.notifications
    assert list(kept.bindings[module.service])


async def test_any_form(module: "Module") -> None:
    """The same of forms and of bytes that are neither."""
    asked: list[tuple[str, bytes]] = []
    names = st.sampled_from(ARGUMENTS[4:]) | st.text(max_size=3)
    texts = st.text(max_size=4) | WORDS

    @settings(max_examples=150, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(OPERATIONS), st.lists(st.tuples(names, texts), max_size=5), st.binary())
    def gather(operation: str, pairs: list[tuple[str, str]], raw: bytes) -> None:
        form = "&".join(f"{name}={text}" for name, text in pairs)
        known = f"ServiceSid={module.service}&Identity=Bob&{form}"
        asked.append((operation, known.encode("utf-8", "surrogatepass")))
        asked.append((operation, raw))

    gather()
    for operation, body in asked:
        answer = await module.ask(operation, body, Content_Type="application/x-www-form-urlencoded")
        assert answer.status in (200, 400, 401, 404), (operation, body, answer.body)
        if answer.status != 200:
            assert answer.json["type"] in TYPES
