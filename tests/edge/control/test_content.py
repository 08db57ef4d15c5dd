"""`/_mock/content`: WhatsApp says what a test wants it to say; handsets tap what they are shown."""

from typing import Any

import pytest

from mockserver.domain.content.review import submission_of

HX = "HX" + "a" * 32
HANDSET, NUMBER = "+14155552671", "+15017122661"
BUTTONS = [
    {"type": "QUICK_REPLY", "title": "Yes", "id": "y_{{1}}"},
    {"type": "QUICK_REPLY", "title": "No"},
]
TYPES = {"twilio/quick-reply": {"body": "Come, {{1}}?", "actions": BUTTONS}}
FORM = {
    "From": f"whatsapp:{NUMBER}",
    "To": f"whatsapp:{HANDSET}",
    "Body": "-",
    "ContentSid": HX,
    "ContentVariables": '{"1": "Ada"}',
}


@pytest.fixture(autouse=True)
async def given(desk: Any) -> None:
    """The account's template."""
    await desk.post("/seed", {"content": [{"sid": HX, "types": TYPES, "approval": "unsubmitted"}]})


async def test_a_word_of_whatsapp(desk: Any) -> None:
    """The answer has what was handed in, made up where nobody did."""
    said = await desk.post(f"/content/{HX}/approval", {"status": "approved"})
    assert said.document == {
        "sid": HX,
        "account_sid": desk.sid,
        "status": "approved",
        "rejection_reason": "",
        "name": HX.lower(),
        "category": "UTILITY",
        "content_type": "twilio/quick-reply",
    }
    reason = {"status": "rejected", "rejection_reason": "INVALID_FORMAT. No."}
    said = await desk.post(f"/content/{HX}/approval", reason)
    assert (said["status"], said["rejection_reason"]) == ("rejected", "INVALID_FORMAT. No.")
    assert submission_of(desk.sandbox.tables.content[HX]).rejection_reason == "INVALID_FORMAT. No."
    alerts = (await desk.get("/alerts")).document["alerts"]
    assert [(each["error_code"], each["level"], each["resource_sid"]) for each in alerts] == [
        (63046, "warning", HX),
        (63040, "error", HX),
    ]


@pytest.mark.parametrize(
    ("sid", "body", "status", "kind"),
    [
        ("HX" + "0" * 32, {"status": "approved"}, 404, "not_found"),
        (HX, {"status": "fine"}, 400, "bad_body"),
        (HX, {}, 400, "bad_body"),
    ],
)
async def test_what_it_cannot_say(
    desk: Any, sid: str, body: dict[str, str], status: int, kind: str
) -> None:
    """Of no template, or another word."""
    said = await desk.ask("POST", f"/content/{sid}/approval", body)
    assert (said.status, said.type) == (status, kind)


async def tapped(desk: Any, **more: Any) -> dict[str, str]:
    """What a tap is told as, or the refusal's type and text."""
    ends = {"from": HANDSET, "to": NUMBER, "channel": "whatsapp"}
    said = await desk.ask("POST", "/inbound", {**ends, **more})
    if said.status >= 400:
        return {"type": said.type, "text": said.message}
    return {"body": said["message"]["body"]}


async def payload(desk: Any, **more: Any) -> str:
    """The parameter `ButtonPayload` of the webhook that a tap makes."""
    from mockserver.edge.control.handset import read

    ends = {"from": HANDSET, "to": NUMBER, "channel": "whatsapp"}
    found = dict(read({**ends, **more}, desk.sandbox, "").extras)
    return found["ButtonPayload"]


async def test_a_tap_tells_what_the_template_says(desk: Any) -> None:
    """The button's id, filled in; what it says where it has none, or where nobody has it."""
    yes, no = {"button": {"text": "Yes"}}, {"button": {"text": "No"}}
    assert await payload(desk, **yes) == "Yes"  # nothing was sent
    sid = await desk.create(**FORM)
    assert [await payload(desk, **each) for each in (yes, no)] == ["y_Ada", "No"]
    assert await payload(desk, **yes, replied_to=sid) == "y_Ada"
    assert await payload(desk, button={"text": "Yes", "payload": "mine"}) == "mine"
    assert await payload(desk, button={"text": "Perhaps"}) == "Perhaps"
    assert await tapped(desk, **yes) == {"body": "Yes"}


async def test_a_button_that_is_not_there(desk: Any) -> None:
    """On the message that is named: the refusal says which ones are."""
    sid = await desk.create(**FORM)
    perhaps = {"button": {"text": "Perhaps"}, "replied_to": sid}
    assert await tapped(desk, **perhaps) == {
        "type": "bad_body",
        "text": f"button: {sid} has no quick reply 'Perhaps'; it has Yes, No",
    }
    plain = await desk.create(From=FORM["From"], To=FORM["To"], Body="Ahoy")
    assert await payload(desk, button={"text": "Perhaps"}, replied_to=plain) == "Perhaps"


async def test_a_snapshot_has_all_of_it(desk: Any) -> None:
    """The template, its approval, and what its messages show."""
    sid = await desk.create(**FORM)
    await desk.post(f"/content/{HX}/approval", {"status": "pending"})
    snapshot = (await desk.get("/snapshot")).document
    assert snapshot["shown"].keys() == {sid}
    await desk.post("/reset")
    await desk.put("/snapshot", snapshot)
    found = (await desk.get(f"/messages/{sid}")).document
    assert found["content"]["shows"]["actions"][0]["id"] == "y_Ada"
    assert desk.sandbox.tables.content[HX].approval == "pending"
