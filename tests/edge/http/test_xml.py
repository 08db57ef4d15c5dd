"""The XML of paths without `.json`."""

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from mockserver.edge.http.xml import to_xml

if TYPE_CHECKING:
    from tests.edge.conftest import Caller

FIELDS = [
    "Body",
    "NumSegments",
    "Direction",
    "From",
    "DateUpdated",
    "Price",
    "ErrorMessage",
    "Uri",
    "AccountSid",
    "NumMedia",
    "To",
    "DateCreated",
    "Status",
    "Sid",
    "DateSent",
    "MessagingServiceSid",
    "ErrorCode",
    "PriceUnit",
    "ApiVersion",
    "SubresourceUris",
]


async def test_a_created_message(api: "Caller") -> None:
    """Elements in the order of the JSON keys; what is null is empty; URIs have no `.json`."""
    form = b"To=%2B14155552671&From=%2B15017122661&Body=%3Cb%3E+%26+%22c%22"
    answer = await api.call("POST", api.path.removesuffix(".json"), form)
    assert (answer.status, answer.header("Content-Type")) == (201, "application/xml")
    assert answer.body.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<TwilioResponse><Mes")
    [message] = ElementTree.fromstring(answer.body)
    assert [part.tag for part in message] == FIELDS
    found = {part.tag: part.text for part in message}
    base = f"/2010-04-01/Accounts/{api.account}/Messages/{found['Sid']}"
    assert found["Uri"] == base
    assert found["Body"] == '<b> & "c"'
    assert b"<Price/>" in answer.body
    assert b"<ErrorCode/>" in answer.body
    assert message.findtext("SubresourceUris/Media") == f"{base}/Media"


async def test_a_list(api: "Caller") -> None:
    """Paging stands in lower-case attributes of the container; a null one is empty."""
    for body in ("one", "two"):
        await api.create(Body=body)
    await api.settled()
    path = api.path.removesuffix(".json")
    answer = await api.get(path, PageSize="1", To="+14155552671")
    [messages] = ElementTree.fromstring(answer.body)
    assert messages.tag == "Messages"
    assert [part.findtext("Body") for part in messages] == ["two"]
    query = "To=%2B14155552671&PageSize=1"
    assert messages.attrib == {
        "page": "0",
        "pagesize": "1",
        "uri": f"{path}?{query}&Page=0",
        "firstpageuri": f"{path}?{query}&Page=0",
        "previouspageuri": "",
        "nextpageuri": f"{path}?{query}&Page=1&PageToken=PA{messages[0].findtext('Sid')}",
    }
    following = await api.get(messages.attrib["nextpageuri"])
    [messages] = ElementTree.fromstring(following.body)
    assert [part.findtext("Body") for part in messages] == ["one"]
    assert (messages.attrib["page"], messages.attrib["nextpageuri"]) == ("1", "")


async def test_an_empty_list(api: "Caller") -> None:
    """A container with nothing in it."""
    answer = await api.get(api.path.removesuffix(".json"))
    [messages] = ElementTree.fromstring(answer.body)
    assert (messages.tag, len(messages)) == ("Messages", 0)


def test_a_filter_that_ends_in_json() -> None:
    """Only the path of a URI loses its `.json`."""
    document = {
        "page": 0,
        "page_size": 50,
        "messages": [],
        "uri": "/Messages.json?To=x.json&Page=0",
        "first_page_uri": "/Messages?To=x.json",
        "previous_page_uri": None,
        "next_page_uri": None,
    }
    [messages] = ElementTree.fromstring(to_xml(json.dumps(document).encode(), "Message"))
    assert messages.attrib["uri"] == "/Messages?To=x.json&Page=0"
    assert messages.attrib["firstpageuri"] == "/Messages?To=x.json"


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_can_be_read_again(text: str) -> None:
    """What XML cannot hold becomes U+FFFD; all else is the same, line ends included."""
    [message] = ElementTree.fromstring(to_xml(json.dumps({"body": text}).encode(), "Message"))
    expected = "".join(char if _fits(char) else "\ufffd" for char in text)
    assert (message.findtext("Body") or "") == expected


def _fits(char: str) -> bool:
    return char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff")
