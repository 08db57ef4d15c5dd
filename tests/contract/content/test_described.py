"""The official client drives every operation of the Content API that it has."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest.content.v1.content import ContentInstance, ContentList
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage, Stage

ME, YOU = "+15017122661", "+14155552671"
BUTTONS = [
    {"type": "QUICK_REPLY", "title": "Yes", "id": "yes_{{1}}"},
    {"type": "QUICK_REPLY", "title": "No", "id": "no"},
]


def asked(kind: Any = ContentList.ContentCreateRequest, **members: Any) -> Any:
    """A request as the library makes it: what is not set goes out as null."""
    types = {
        "twilio/text": {"body": "Hi {{1}}, come? Yes or no."},
        "twilio/quick-reply": {"body": "Hi {{1}}, come?", "actions": BUTTONS},
    }
    return kind({"language": "en", "types": types, "variables": {"1": "you"}, **members})


def submit(on: "Stage", sid: str, name: str = "invitation") -> Any:
    request = ApprovalCreateList.ContentApprovalRequest({"name": name, "category": "UTILITY"})
    return on.client.content.v1.contents(sid).approval_create.create(request)


def test_the_example_of_the_documents(stage: "MakeStage") -> None:
    """Make a template, have it approved, send it, and read the answer to its button."""
    on = stage({"given": {"numbers": [f"whatsapp:{ME}"]}})
    made = on.client.content.v1.contents.create(asked(friendly_name="Invitation"))
    assert submit(on, made.sid).status == "received"
    on.advance(seconds=0.5)
    assert made.fetch().sid == made.sid
    assert on.client.content.v1.contents(made.sid).approval_fetch().fetch().whatsapp["status"] == (
        "pending"
    )
    on.advance(seconds=0.5)
    [both] = on.client.content.v1.content_and_approvals.list()
    assert both.approval_requests["status"] == "approved"
    sent = on.client.messages.create(
        to=f"whatsapp:{YOU}",
        from_=f"whatsapp:{ME}",
        content_sid=made.sid,
        content_variables='{"1": "Ada"}',
    )
    assert (sent.body, sent.sid[:2]) == ("Hi Ada, come?", "MM")
    shown = on.control("GET", f"/messages/{sent.sid}")["content"]
    assert shown["type"] == "twilio/quick-reply"
    assert shown["shows"]["actions"][0] == {"title": "Yes", "type": "QUICK_REPLY", "id": "yes_Ada"}
    tap = {"from": YOU, "to": ME, "channel": "whatsapp", "button": {"text": "Yes"}}
    answer = on.control("POST", "/inbound", tap)
    assert answer["message"]["body"] == "Yes"


def test_every_operation(
    stage: "MakeStage",
    judged: Callable[[], set[str]],
    described: Callable[[str], dict[str, Any]],
) -> None:
    """Each is driven, and its answer is as described."""
    given = {"sid": "HX" + "b" * 32, "types": {"twilio/text": {"body": "Old"}}}
    legacy = {"legacy_template_name": "old", "legacy_body": "Old"}
    on = stage({"given": {"content": [{**given, **legacy}]}})
    v1, v2 = on.client.content.v1, on.client.content.v2
    first = v1.contents.create(asked(friendly_name="First"))
    assert (first.friendly_name, first.variables) == ("First", {"1": "you"})
    assert first.types.keys() == {"twilio/text", "twilio/quick-reply"}
    second = v1.contents.create(asked(language="de"))
    change = asked(ContentList.ContentUpdateRequest, friendly_name="Second", language=None)
    assert second.update(change).friendly_name == "Second"
    assert v1.contents(second.sid).fetch().language == "de"
    submit(on, first.sid)
    assert v1.contents(first.sid).approval_fetch().fetch().whatsapp["name"] == "invitation"
    assert [each.sid for each in v1.contents.list(page_size=1)] == [
        *(second.sid, first.sid, given["sid"]),
    ]
    assert len(v1.content_and_approvals.list(page_size=2)) == 3
    [old] = v1.legacy_contents.list()
    assert (old.legacy_template_name, old.legacy_body) == ("old", "Old")
    assert len(v2.contents.list(page_size=2)) == len(v2.content_and_approvals.list()) == 3
    assert second.delete() is True
    described_ones = {
        f"{version}.{operation['operationId']}"
        for version in ("v1", "v2")
        for path in described(version)["paths"].values()
        for verb, operation in path.items()
        if verb in ("get", "post", "put", "delete")
    }
    assert judged() == described_ones


def test_searching(stage: "MakeStage") -> None:
    """The second version's filters, as the library sends them; its pages go on by themselves."""
    on = stage(seed=7)
    contents = on.client.content.v1.contents
    made = [
        contents.create(asked(friendly_name=name, language=language))
        for name, language in (("Beta", "en"), ("Alpha", "de"), ("Gamma", "en"))
    ]
    submit(on, made[0].sid)
    v2 = on.client.content.v2

    def names(**filters: Any) -> list[str]:
        found = v2.contents.list(page_size=1, **filters)
        assert found == [] or isinstance(found[0].date_created, datetime)
        both = v2.content_and_approvals.list(page_size=2, **filters)
        assert [each.sid for each in both] == [each.sid for each in found]
        return [each.friendly_name for each in found]

    at = datetime(2026, 12, 1, tzinfo=UTC)
    assert names() == ["Gamma", "Alpha", "Beta"]
    assert names(sort_by_content_name="ASC") == ["Alpha", "Beta", "Gamma"]
    assert names(sort_by_date="asc", language=["en", "fr"]) == ["Beta", "Gamma"]
    assert names(content_name="^[AB]", content="come.{1,3}Yes") == ["Alpha", "Beta"]
    assert names(content_type=["twilio/card", "twilio/text"], language=["de"]) == ["Alpha"]
    assert names(channel_eligibility=["whatsapp:received"]) == ["Beta"]
    assert len(names(date_created_after=at, date_created_before=at)) == 3
    assert names(date_created_after=at + timedelta(seconds=1)) == []


URL = "https://example.com/{{1}}.png"
CALL = {"type": "PHONE_NUMBER", "title": "Call", "phone": "+14155550123"}
GO = {"type": "URL", "title": "Go", "url": URL}
SIDE = {"title": "S", "body": "B", "media": URL, "actions": [GO]}
PAGE = {"id": "1", "title": "One", "layout": [{"type": "TEXT", "label": "Hi"}]}
TYPES: dict[str, dict[str, Any]] = {
    "twilio/text": {"body": "Hi"},
    "twilio/media": {"body": "Hi", "media": [URL]},
    "twilio/location": {"latitude": 1.5, "longitude": -2, "label": "L"},
    "twilio/list-picker": {"body": "B", "button": "Go", "items": [{"id": "s", "item": "Small"}]},
    "twilio/call-to-action": {"body": "B", "actions": [CALL]},
    "twilio/card": {"title": "Hats", "media": [URL], "actions": [CALL]},
    "twilio/catalog": {"body": "B", "items": [{"id": "1", "price": 2.5}]},
    "twilio/carousel": {"body": "B", "cards": [SIDE, SIDE]},
    "twilio/flows": {"body": "B", "button_text": "Go", "pages": [PAGE], "type": "OTHER"},
    "twilio/schedule": {"id": "1", "title": "T", "time_slots": "9"},
    "whatsapp/card": {"body": "B", "footer": "F"},
    "whatsapp/authentication": {
        "actions": [{"type": "COPY_CODE", "copy_code_text": "Copy"}],
        "code_expiration_minutes": 5,
    },
    "whatsapp/flows": {"body": "B", "button_text": "Go", "flow_id": "1"},
}


@pytest.mark.parametrize("kind", TYPES)
def test_a_template_of_every_type(stage: "MakeStage", kind: str) -> None:
    """As the library sends it; what is given comes back."""
    made = stage().client.content.v1.contents.create(asked(types={kind: TYPES[kind]}))
    assert [*made.types] == [kind]
    plain = {name: value for name, value in TYPES[kind].items() if isinstance(value, str | int)}
    assert plain.items() <= made.types[kind].items()


def test_refusals(stage: "MakeStage") -> None:
    """As the library raises them."""
    on = stage()
    contents = on.client.content.v1.contents
    made: ContentInstance = contents.create(asked())
    submit(on, made.sid)

    def code(call: Callable[[], object]) -> tuple[int, int]:
        with pytest.raises(TwilioRestException) as raised:
            call()
        return raised.value.status, raised.value.code

    assert code(lambda: contents.create(asked(language=None))) == (400, 92003)
    assert code(lambda: contents.create(asked(types=None))) == (400, 92001)
    assert code(lambda: submit(on, made.sid)) == (400, 92009)
    assert code(lambda: made.update(asked(ContentList.ContentUpdateRequest))) == (400, 92009)
    assert code(lambda: contents("HX" + "0" * 32).fetch()) == (404, 20404)
