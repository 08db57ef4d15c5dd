"""`/v1/Content/{Sid}/ApprovalRequests`: what is asked, and what WhatsApp says of it."""

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.edge.content.conftest import Editor

ROOT = "/v1/Content"
QUICK = {"twilio/quick-reply": {"body": "Hi {{1}}!", "actions": [{"title": "Yes"}]}}
PICKER = {
    "twilio/list-picker": {"body": "B", "button": "Go", "items": [{"id": "s", "item": "Small"}]}
}
PAGE = {"id": "1", "title": "One", "layout": [{"type": "TEXT"}]}
FLOWS = {"twilio/flows": {"body": "B", "button_text": "Go", "pages": [PAGE], "type": "SURVEY"}}


async def asked(editor: "Editor", sid: str) -> dict[str, Any]:
    """What WhatsApp says now."""
    answer = await editor.ask("GET", f"{ROOT}/{sid}/ApprovalRequests")
    assert answer.status == 200
    editor.sound()
    found: dict[str, Any] = answer.json["whatsapp"]
    return found


async def test_a_request(editor: "Editor") -> None:
    """Key for key as in samples of answers, from `unsubmitted` to `approved`."""
    sid = (await editor.made(types=QUICK, variables={"1": "Ada"}))["sid"]
    nothing = {
        "type": "whatsapp",
        "name": "",
        "category": "",
        "content_type": "",
        "status": "unsubmitted",
        "rejection_reason": "",
        "allow_category_change": True,
        "flows": None,
    }
    assert json.dumps(await asked(editor, sid)) == json.dumps(nothing)
    answer = await editor.submit(sid, category="utility", allow_category_change=False)
    editor.sound()
    said = {
        "name": "invitation",
        "category": "UTILITY",
        "content_type": "twilio/quick-reply",
        "status": "received",
        "rejection_reason": "",
        "allow_category_change": False,
    }
    assert (answer.status, json.dumps(answer.json)) == (201, json.dumps(said))
    for status in ("received", "pending", "approved"):
        assert await asked(editor, sid) == {**nothing, **said, "status": status}
        await editor.advance(0.5)
    whole = (await editor.ask("GET", f"{ROOT}/{sid}/ApprovalRequests")).json
    assert {name: value for name, value in whole.items() if name != "whatsapp"} == {
        "sid": sid,
        "account_sid": editor.caller.account,
        "url": f"https://content.twilio.com/v1/Content/{sid}/ApprovalRequests",
    }
    assert editor.caller.journal[-1].operation == "content.v1.FetchApprovalFetch"


async def test_a_rejection(editor: "Editor") -> None:
    """Has a reason, in the list of both too."""
    sid = (await editor.made(types={"twilio/text": {"body": "{{1}}"}}))["sid"]
    await editor.submit(sid)
    await editor.advance(1)
    found = await asked(editor, sid)
    assert found["status"] == "rejected"
    assert found["rejection_reason"].startswith("INVALID_FORMAT. ")
    [both] = (await editor.listed("/v1/ContentAndApprovals"))["contents"]
    assert both["approval_requests"]["rejection_reason"] == found["rejection_reason"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": None}, "$.name is required"),
        ({"name": "Invitation"}, "$.name is not well-formed"),
        ({"name": ""}, "$.name is not well-formed"),
        ({"name": "in-vitation"}, "$.name"),
        ({"category": None}, "$.category is required"),
        ({"category": "PARTY"}, "$.category must be one of UTILITY, MARKETING, AUTHENTICATION"),
        ({"allow_category_change": "yes"}, "$.allow_category_change must be of type boolean"),
    ],
)
async def test_a_request_that_is_none(
    editor: "Editor", changes: dict[str, Any], place: str
) -> None:
    """20001 with the place of the fault; nothing is handed in."""
    sid = (await editor.made())["sid"]
    answer = await editor.submit(sid, **changes)
    answer.refused(400, 20001)
    assert place in answer.json["message"]
    assert (await asked(editor, sid))["status"] == "unsubmitted"


async def test_twice(editor: "Editor") -> None:
    """92009; so is a change meanwhile."""
    sid = (await editor.made())["sid"]
    assert (await editor.submit(sid)).status == 201
    text = "The template associated with this SID has already been submitted for approval."
    (await editor.submit(sid)).refused(400, 92009, text)
    change = {"types": {"twilio/text": {"body": "x"}}}
    (await editor.ask("PUT", f"{ROOT}/{sid}", change)).refused(400, 92009, text)


async def test_what_cannot_be_handed_in(editor: "Editor") -> None:
    """A list picker alone; beside another type, that one is."""
    sid = (await editor.made(types=PICKER))["sid"]
    (await editor.submit(sid)).refused(400, 20001)
    sid = (await editor.made(types={**PICKER, "twilio/text": {"body": "x"}}))["sid"]
    assert (await editor.submit(sid)).json["content_type"] == "twilio/text"


async def test_a_form(editor: "Editor") -> None:
    """Has an id at WhatsApp, and is a draft."""
    sid = (await editor.made(types=FLOWS))["sid"]
    await editor.submit(sid)
    flows = (await asked(editor, sid))["flows"]
    assert flows["status"] == "DRAFT"
    assert flows["id"].isdigit()


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_of_no_template(editor: "Editor", method: str) -> None:
    """20404."""
    last = "/whatsapp" if method == "POST" else ""
    document = {"name": "x", "category": "UTILITY"} if method == "POST" else None
    path = f"{ROOT}/HX{'0' * 32}/ApprovalRequests{last}"
    (await editor.ask(method, path, document)).refused(404, 20404)
