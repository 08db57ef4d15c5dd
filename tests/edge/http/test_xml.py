"""The XML of paths without `.json`."""

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
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


async def test_a_search_for_numbers(api: "Caller") -> None:
    """Without pages there is the `uri` alone; SMS and MMS are written so, truths in lower case."""
    path = f"{api.path.removesuffix('Messages.json')}AvailablePhoneNumbers/US/Local"
    answer = await api.get(path, PageSize="2")
    [numbers] = ElementTree.fromstring(answer.body)
    assert (numbers.tag, numbers.attrib) == ("AvailablePhoneNumbers", {"uri": path})
    assert [part.tag for part in numbers] == ["AvailablePhoneNumber"] * 2
    [can] = numbers[0].iter("Capabilities")
    assert [(part.tag, part.text) for part in can] == [
        ("MMS", "true"),
        ("SMS", "true"),
        ("Voice", "true"),
    ]
    assert numbers[0].findtext("Beta") == "false"


async def test_countries_with_numbers(api: "Caller") -> None:
    """One element a country, with where its kinds of numbers are."""
    path = f"{api.path.removesuffix('Messages.json')}AvailablePhoneNumbers"
    [countries] = ElementTree.fromstring((await api.get(path)).body)
    assert (countries.tag, countries[0].tag) == ("Countries", "Country")
    assert countries[0].findtext("Country") == "United States"
    assert countries[0].findtext("SubresourceUris/Local") == f"{path}/US/Local"


@pytest.mark.parametrize("name", ["IncomingPhoneNumbers", "Applications"])
async def test_what_can_be_made(api: "Caller", name: str) -> None:
    """No element holds what only Python writes."""
    path = f"{api.path.removesuffix('Messages.json')}{name}"
    made = await api.call("POST", path, b"PhoneNumber=%2B14155550188&FriendlyName=mine")
    assert made.status == 201
    listed = await api.get(path)
    for answer in (made, listed):
        texts = {part.text for part in ElementTree.fromstring(answer.body).iter()}
        assert {"True", "False", "None"}.isdisjoint(texts)
        assert not any("{" in (text or "") for text in texts)


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
