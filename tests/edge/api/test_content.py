"""Messages from content templates, over the wire: what the create answers, and what is there."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.content import ContentTemplate

if TYPE_CHECKING:
    from tests.edge.api.conftest import Control
    from tests.edge.conftest import Caller

ME, YOU = "+15017122661", "+14155552671"
SERVICE, CONTENT = "MG" + "a" * 32, "HX" + "a" * 32
ADA = '{"1": "Ada"}'
FORM = {"ContentSid": CONTENT, "ContentVariables": ADA, "Body": "-"}
BUTTONS = [{"title": "Yes", "id": "y_{{1}}"}]
TYPES: dict[str, dict[str, Any]] = {
    "twilio/text": {"body": "Hi {{1}}!"},
    "twilio/quick-reply": {"body": "Come, {{1}}?", "actions": BUTTONS},
}


@pytest.fixture(name="given", autouse=True)
def _given(api: "Caller") -> ContentTemplate:
    """The account's template."""
    made = ContentTemplate(CONTENT, DEFAULT_SID, TYPES, approval="approved")
    api.sandbox.tables.content[CONTENT] = made
    return made


async def test_what_the_create_answers(api: "Caller") -> None:
    """The text with a sender; through a service nothing yet, and a fetch has it."""
    own = (await api.create(**FORM)).json
    assert (own["body"], own["sid"][:2]) == ("Hi Ada!", "SM")
    served = (await api.create(**FORM, From="-", MessagingServiceSid=SERVICE)).json
    assert (served["body"], served["status"]) == ("", "accepted")
    await api.settled()
    for message in (own, served):
        found = (await api.get(message["uri"])).json
        assert (found["body"], found["status"]) == ("Hi Ada!", "delivered")
        assert not {"content_sid", "content_variables"} & found.keys()
    assert api.journal[-1].warnings == []


async def test_empty_parameters(api: "Caller") -> None:
    """An empty `ContentSid` is none; empty variables are no JSON."""
    assert (await api.create(ContentSid="", Body="Ahoy")).json["body"] == "Ahoy"
    (await api.create(**{**FORM, "ContentVariables": ""})).refused(400, 21656)


async def test_a_template_of_another_account(api: "Caller") -> None:
    """21655, as for one that was deleted."""
    kept = api.sandbox.tables.content
    kept[CONTENT] = ContentTemplate(CONTENT, "AC" + "b" * 32, TYPES)
    (await api.create(**FORM)).refused(400, 21655, "The ContentSid is Invalid")
    del kept[CONTENT]
    (await api.create(**FORM)).refused(400, 21655)


async def test_quotes_and_line_breaks(api: "Caller") -> None:
    """Proper JSON may hold quotes and backslashes; line breaks are refused."""
    said = 'Ada "the" \\ {{1}} é😀'
    made = await api.create(**{**FORM, "ContentVariables": json.dumps({"1": said})})
    assert made.json["body"] == f"Hi {said}!"
    (await api.create(**{**FORM, "ContentVariables": '{"1": "a\\nb"}'})).refused(400, 21656)


async def test_what_the_control_api_shows(api: "Caller", control: "Control") -> None:
    """The template, the type that the channel got, and all that the handset shows."""
    whatsapp = {"From": f"whatsapp:{ME}", "To": f"whatsapp:{YOU}"}
    sid = (await api.create(**FORM, **whatsapp)).json["sid"]
    plain = (await api.create()).json["sid"]
    found = await control(api, "GET", f"/messages/{sid}")
    buttons = [{"title": "Yes", "id": "y_Ada"}]
    assert found["content"] == {
        "sid": CONTENT,
        "type": "twilio/quick-reply",
        "shows": {"body": "Come, Ada?", "actions": buttons},
    }
    assert "content" not in await control(api, "GET", f"/messages/{plain}")


async def test_two_runs_are_alike(api: "Caller", control: "Control") -> None:
    """With one seed, messages from templates have the same SIDs."""
    runs = []
    for _ in range(2):
        made = await control(api, "POST", "/sandboxes", {"seed": 7, "clock": "manual"})
        api.account, api.auth = made["account_sid"], f"{made['account_sid']}:{made['auth_token']}"
        kept = api.sandbox.tables.content
        kept[CONTENT] = ContentTemplate(CONTENT, api.account, TYPES)
        runs.append([(await api.create(**FORM)).json["sid"] for _ in range(3)])
    assert runs[0] == runs[1]
    assert len({*runs[0]}) == 3
