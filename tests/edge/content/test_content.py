"""`/v1/Content`: what it takes, what it gives back, what it refuses."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.accounts import Account
from mockserver.domain.content import CHANNELS
from mockserver.world.documents import DocumentSchema
from mockserver.world.schema_files import load

if TYPE_CHECKING:
    from tests.edge.content.conftest import AtContent, Editor

ROOT = "/v1/Content"
OTHER = "AC" + "b" * 32
TEXT = {"twilio/text": {"body": "Hi {{1}}!"}}
URL = "https://example.com/{{1}}.png"
GO = {"type": "URL", "title": "Go", "url": URL}
QUICK = {"type": "QUICK_REPLY", "title": "Yes"}
SIDE = {"body": "B", "media": URL, "actions": [QUICK]}
PAGE = {"id": "1", "title": "One", "layout": [{"type": "TEXT"}]}
ITEM = {"id": "s", "item": "Small"}
COPY = {"type": "COPY_CODE", "copy_code_text": "Copy"}
PLAIN: dict[str, dict[str, Any]] = {
    "twilio/text": {"body": "B"},
    "twilio/media": {"media": [URL]},
    "twilio/location": {"latitude": 1, "longitude": 2.5},
    "twilio/quick-reply": {"body": "B", "actions": [{"title": "Yes"}]},
    "twilio/call-to-action": {"body": "B", "actions": [GO]},
    "twilio/list-picker": {"body": "B", "button": "Go", "items": [ITEM]},
    "twilio/card": {"title": "T", "subtitle": "S"},
    "twilio/carousel": {"body": "B", "cards": [SIDE, SIDE]},
    "twilio/catalog": {"body": "B"},
    "twilio/pay": {"body": "B"},
    "twilio/schedule": {"id": "1", "title": "T", "timeSlots": "9"},
    "twilio/flows": {"body": "B", "button_text": "Go", "pages": [PAGE], "type": "SURVEY"},
    "whatsapp/flows": {"body": "B", "button_text": "Go", "flow_id": "1"},
    "whatsapp/card": {"body": "B", "footer": "F"},
    "whatsapp/authentication": {"actions": [COPY]},
}
"""The least that each type needs."""


async def test_a_template(editor: "Editor") -> None:
    """Key for key as in the published description's example; addresses are the request's own."""
    made = await editor.made(friendly_name="order", variables={"1": "Bob"})
    base = f"https://content.twilio.com/v1/Content/{made['sid']}"
    assert json.dumps(made) == json.dumps(
        {
            "sid": made["sid"],
            "account_sid": editor.caller.account,
            "friendly_name": "order",
            "language": "en",
            "variables": {"1": "Bob"},
            "types": TEXT,
            "url": base,
            "date_created": "2026-12-01T00:00:00Z",
            "date_updated": "2026-12-01T00:00:00Z",
            "links": {
                "approval_create": f"{base}/ApprovalRequests/whatsapp",
                "approval_fetch": f"{base}/ApprovalRequests",
            },
        }
    )
    assert made["sid"].startswith("HX")
    for path in (f"{ROOT}/{made['sid']}", f"{ROOT}/{made['sid']}.json"):
        assert (await editor.ask("GET", path)).json == made
    assert editor.caller.journal[-1].operation == "content.v1.FetchContent"


async def test_what_was_not_said(editor: "Editor") -> None:
    """A name is empty, variables are an empty object; nulls count as absent."""
    made = await editor.made(friendly_name=None, variables=None)
    assert (made["friendly_name"], made["variables"]) == ("", {})


async def test_below_a_prefix(editor: "Editor") -> None:
    """Without the host, by the product's short name; addresses have it too."""
    editor.caller.host = "localhost:2010"
    answer = await editor.ask("POST", f"/content{ROOT}", {"language": "en", "types": TEXT})
    assert answer.json["url"] == f"http://localhost:2010/content{ROOT}/{answer.json['sid']}"


async def test_a_change(editor: "Editor") -> None:
    """What is given is set, the rest stays."""
    sid = (await editor.made(friendly_name="one", variables={"1": "x"}))["sid"]
    await editor.advance(3)
    answer = await editor.ask("PUT", f"{ROOT}/{sid}", {"types": PLAIN, "friendly_name": "two"})
    assert answer.status == 200
    changed = answer.json
    assert (changed["friendly_name"], changed["language"]) == ("two", "en")
    assert changed["types"].keys() == PLAIN.keys()
    assert (changed["date_created"], changed["date_updated"]) == (
        "2026-12-01T00:00:00Z",
        "2026-12-01T00:00:03Z",
    )
    again = await editor.ask("PUT", f"{ROOT}/{sid}", changed)
    assert again.json["types"] == changed["types"]


async def test_a_template_that_goes(editor: "Editor") -> None:
    """204 without a body; then it is gone."""
    sid = (await editor.made())["sid"]
    gone = await editor.ask("DELETE", f"{ROOT}/{sid}")
    assert (gone.status, gone.body) == (204, b"")
    for method in ("GET", "PUT", "DELETE"):
        answer = await editor.ask(method, f"{ROOT}/{sid}", {} if method == "PUT" else None)
        answer.refused(404, 20404, f"The requested resource /Content/{sid} was not found")


async def test_whose(editor: "Editor") -> None:
    """Another account does not see it; neither does it see its own list."""
    sid = (await editor.made())["sid"]
    editor.caller.auth = f"{OTHER}:token"
    assert (await editor.ask("GET", f"{ROOT}/{sid}")).status == 404
    assert (await editor.submit(sid)).status == 404
    assert (await editor.ask("GET", ROOT)).json["contents"] == []
    answer = await editor.ask("POST", ROOT, {"language": "en", "types": TEXT})
    assert answer.json["account_sid"] == OTHER


async def test_what_is_not_served(editor: "Editor") -> None:
    """405 for other methods, 404 for other paths, 403 for test credentials, 401 for none."""
    sid = (await editor.made())["sid"]
    (await editor.ask("POST", f"{ROOT}/{sid}", {})).refused(405, 20004)
    (await editor.ask("PUT", ROOT, {})).refused(405, 20004)
    (await editor.ask("GET", "/v3/Content")).refused(404, 20404)
    (await editor.ask("POST", f"{ROOT}/{sid}/ApprovalRequests/sms", {})).refused(404, 20404)
    editor.caller.auth = None
    (await editor.ask("GET", ROOT)).refused(401, 20003)


# -- bodies that are none --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"", "application/json", "the body is no JSON"),
        (b"{", "application/json", "the body is no JSON"),
        (b'{"types": "\\ud800"}', "application/json", "the body is no JSON"),
        (b"\xff", "application/json", "the body is no JSON"),
        (b"[]", "application/json", "the body is no JSON object"),
        (b"Types=%7B%7D", "application/x-www-form-urlencoded", "send application/json"),
        (b"[" * 100_000, "application/json", "the body is no JSON"),
    ],
)
async def test_a_body_that_is_none(editor: "Editor", body: bytes, kind: str, said: str) -> None:
    """20001 with a word about what to mend."""
    answer = await editor.caller.call("POST", ROOT, body, {"Content-Type": kind})
    answer.refused(400, 20001)
    assert said in answer.json["message"]


async def test_a_body_that_is_too_deep(editor: "Editor") -> None:
    """Is refused, wherever it is deep; as deep as types are it is kept."""
    for levels, status in ((30, 201), (31, 400), (300, 400), (1_000, 400)):
        deep = b"[" * levels + b"]" * levels
        body = b'{"language": "en", "types": {"twilio/text": {"body": "x", "more": %b}}}' % deep
        answer = await editor.caller.call("POST", ROOT, body, {"Content-Type": "application/json"})
        assert answer.status == status
        if status == 400:
            assert answer.code == 20001


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"types": None}, 92001, "'Types' Parameter Required"),
        ({"types": {}}, 92001, "'Types' Parameter Required"),
        ({"types": {"twilio/text": None}}, 92001, "'Types' Parameter Required"),
        (
            {"variables": {str(n): "x" for n in range(101)}},
            92002,
            "The 'variables' parameter exceeds the allowed limit",
        ),
        ({"language": None}, 92003, "'language' Parameter Required"),
        ({"language": "xx"}, 92004, "Invalid language code"),
        ({"types": {"twilio/button": {}}}, 92008, "Unsupported Content Type"),
        ({"types": {"twilio/texts": {}}}, 20001, "Parameter 'types' is invalid"),
        (
            {"types": {"twilio/text": {}}},
            20001,
            "Invalid parameter: $.types.twilio/text.body is required",
        ),
        (
            {"types": {"twilio/text": "x"}},
            20001,
            "Invalid parameter: $.types.twilio/text must be of type object",
        ),
        (
            {"friendly_name": "x" * 65},
            20001,
            "Invalid parameter: $.friendly_name must have at most 64 characters",
        ),
    ],
)
async def test_a_refusal(
    editor: "Editor", changes: dict[str, Any], code: int, message: str
) -> None:
    """400 with Twilio's code and text; nothing is made. A change is refused alike."""
    asked = {"language": "en", "types": TEXT, **changes}
    (await editor.ask("POST", ROOT, asked)).refused(400, code, message)
    assert editor.caller.sandbox.tables.content == {}
    sid = (await editor.made())["sid"]
    if code != 92003:
        (await editor.ask("PUT", f"{ROOT}/{sid}", asked)).refused(400, code, message)


def longer(kind: str, **changes: Any) -> dict[str, Any]:
    return {kind: {**PLAIN[kind], **changes}}


def several(count: int, one: Any) -> list[Any]:
    return [one] * count


LIMITS: list[tuple[str, str, Any, Any]] = [
    ("twilio/text", "body", "x" * 1_600, "x" * 1_601),
    ("twilio/text", "body", "x", ""),
    ("twilio/media", "media", several(10, URL), several(11, URL)),
    ("twilio/media", "media", [URL], []),
    ("twilio/quick-reply", "body", "x" * 1_024, "x" * 1_025),
    ("twilio/quick-reply", "actions", several(10, QUICK), several(11, QUICK)),
    ("twilio/quick-reply", "actions", [QUICK], []),
    ("twilio/quick-reply", "actions", [QUICK], [GO]),
    ("twilio/call-to-action", "actions", [GO], []),
    ("twilio/call-to-action", "actions", [{**GO, "type": "VOICE_CALL_REQUEST"}], [QUICK]),
    ("twilio/list-picker", "body", "x" * 1_024, "x" * 1_025),
    ("twilio/list-picker", "items", several(10, ITEM), several(11, ITEM)),
    ("twilio/list-picker", "items", [{**ITEM, "item": "x" * 24}], [{**ITEM, "item": "x" * 25}]),
    ("twilio/list-picker", "items", [{**ITEM, "id": "x" * 200}], [{**ITEM, "id": "x" * 201}]),
    (
        *("twilio/list-picker", "items"),
        [{**ITEM, "description": "x" * 72}],
        [{**ITEM, "description": "x" * 73}],
    ),
    ("twilio/card", "title", "x" * 1_024, "x" * 1_025),
    ("twilio/card", "subtitle", "x" * 60, "x" * 61),
    ("twilio/card", "actions", [QUICK, GO], [{"title": "Yes"}]),
    ("twilio/card", "height", "TALL", "HUGE"),
    ("twilio/carousel", "cards", several(10, SIDE), several(11, SIDE)),
    ("twilio/carousel", "cards", [SIDE, SIDE], [SIDE]),
    (
        *("twilio/carousel", "cards"),
        several(2, {**SIDE, "actions": [QUICK, QUICK]}),
        several(2, {**SIDE, "actions": several(3, QUICK)}),
    ),
    ("twilio/carousel", "cards", [SIDE, SIDE], several(2, {**SIDE, "actions": []})),
    ("twilio/flows", "type", "OTHER", "PARTY"),
    ("whatsapp/authentication", "actions", [COPY], [COPY, COPY]),
    ("whatsapp/authentication", "actions", [COPY], []),
    ("whatsapp/authentication", "code_expiration_minutes", 30, "soon"),
    ("whatsapp/authentication", "code_expiration_minutes", "30", "-1"),
    ("twilio/location", "latitude", -1.5, "-1.5"),
]


@pytest.mark.parametrize(("kind", "member", "fits", "too_much"), LIMITS)
async def test_the_limits_of_types(
    editor: "Editor", kind: str, member: str, fits: Any, too_much: Any
) -> None:
    """At the limit, and one past it; the refusal names the place."""
    await editor.made(types=longer(kind, **{member: fits}))
    asked = {"language": "en", "types": longer(kind, **{member: too_much})}
    answer = await editor.ask("POST", ROOT, asked)
    answer.refused(400, 20001)
    assert f"$.types.{kind}.{member}" in answer.json["message"]


@pytest.mark.parametrize("kind", PLAIN)
async def test_what_each_type_needs(editor: "Editor", kind: str) -> None:
    """With the least it is made; without any of that it is refused."""
    await editor.made(types={kind: PLAIN[kind]})
    for missing in PLAIN[kind]:
        less = {name: value for name, value in PLAIN[kind].items() if name != missing}
        answer = await editor.ask("POST", ROOT, {"language": "en", "types": {kind: less}})
        answer.refused(400, 20001)


def test_every_type_is_here() -> None:
    """All that there are, in the schema and in what goes where."""
    assert PLAIN.keys() == CHANNELS.keys() == load("content/types")["properties"].keys()


@pytest.mark.parametrize(
    ("variables", "fits"),
    [
        ({"1": "x", "name": "y"}, True),
        ({str(n): "x" for n in range(100)}, True),
        ({"k" * 16: "x" * 1_600}, True),
        ({"k" * 17: "x"}, False),
        ({"1": "x" * 1_601}, False),
        ({"id name": "x"}, False),
        ({"1": 7}, False),
        (["x"], False),
    ],
)
async def test_variables(editor: "Editor", variables: Any, fits: bool) -> None:
    """Texts by keys without blanks."""
    answer = await editor.ask(
        "POST", ROOT, {"language": "en", "types": TEXT, "variables": variables}
    )
    assert answer.status == (201 if fits else 400)


async def test_what_nobody_knows(editor: "Editor") -> None:
    """A member of the body is ignored, with a word in the journal; one of a type is kept."""
    types = {"twilio/text": {"body": "x", "colour": "red"}}
    answer = await editor.ask(
        "POST", ROOT, {"language": "en", "types": types, "freindly_name": "x"}
    )
    assert answer.json["types"] == types
    [warning] = editor.caller.journal[-1].warnings
    assert warning.endswith("was ignored: did you mean `friendly_name`?")


anything = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["body", "title", "actions", "cards", "items", "type"]),
            inside,
            max_size=4,
        )
    ),
    max_leaves=8,
)
TYPES = DocumentSchema({"properties": {"types": load("content/types")}})


@given(st.dictionaries(st.sampled_from([*CHANNELS]), anything, min_size=1, max_size=3))
def test_anything_can_be_judged(types: dict[str, Any]) -> None:
    """By the schema; what is wrong has a place in the types."""
    for fault in TYPES.read({"types": types}).faults:
        assert fault.context.startswith("$.types")
        assert fault.code == 20001


async def test_test_credentials(at_content: "AtContent") -> None:
    """Have no templates."""
    editor = await at_content(account=(Account(OTHER, "token", mode="test"),))
    editor.caller.auth = f"{OTHER}:token"
    (await editor.ask("GET", ROOT)).refused(403, 20008)
