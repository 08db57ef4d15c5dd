"""Lists: pages, filters carried on, both versions, and what a seed brings."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.content import ContentTemplate
from mockserver.edge.content.shared import RENDERED
from mockserver.world.scenarios import from_document
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.content.conftest import Editor

LISTS = ("/v1/Content", "/v1/ContentAndApprovals", "/v2/Content", "/v2/ContentAndApprovals")
TEXT = {"twilio/text": {"body": "Hi"}}


async def make(editor: "Editor", names: str) -> None:
    for name in names:
        await editor.made(friendly_name=name)


def names(document: dict[str, Any]) -> str:
    return "".join(each["friendly_name"] for each in document["contents"])


@pytest.mark.parametrize("path", LISTS)
async def test_a_long_page(editor: "Editor", path: str) -> None:
    """Is whole and in order, though others have their turn while it is written."""
    sids = [f"HX{number:032x}" for number in range(2 * RENDERED + 1)]
    kept = editor.caller.sandbox.tables.content
    kept.update((sid, ContentTemplate(sid, DEFAULT_SID, TEXT)) for sid in sids)
    found = await editor.listed(path, "PageSize=1000")
    assert [each["sid"] for each in found["contents"]] == sids[::-1]
    assert found["meta"]["next_page_url"] is None


@pytest.mark.parametrize("query", ["Content=(a%2B)%2B$", "Content=(a%7Caa)%2B$"])
async def test_an_expression_that_python_would_not_come_back_from(
    editor: "Editor", query: str
) -> None:
    """Is answered."""
    await editor.made(types={"twilio/text": {"body": "a" * 1_600}})
    await editor.made(types={"twilio/text": {"body": "a" * 1_599 + "!"}})
    assert len((await editor.listed("/v2/Content", query))["contents"]) == 1


@pytest.mark.parametrize("path", LISTS)
async def test_pages(editor: "Editor", path: str) -> None:
    """Newest first, on and back by the addresses that they name."""
    await make(editor, "abcde")
    base = f"https://content.twilio.com{path}"
    first = await editor.listed(path, "PageSize=2")
    assert (names(first), first["meta"]["previous_page_url"]) == ("ed", None)
    assert first["meta"]["url"] == first["meta"]["first_page_url"] == f"{base}?PageSize=2&Page=0"
    assert first["meta"]["key"] == "contents"
    walked, page = "ed", first
    while (onward := page["meta"]["next_page_url"]) is not None:
        assert onward.startswith(f"{base}?PageSize=2&Page=")
        page = await editor.listed(path, onward.partition("?")[2])
        walked += names(page)
    assert walked == "edcba"
    back = await editor.listed(path, page["meta"]["previous_page_url"].partition("?")[2])
    assert names(back) == "cb"
    assert names(await editor.listed(path, "PageSize=2&Page=1")) == "cb"


async def test_an_empty_list(editor: "Editor") -> None:
    """Nobody has legacy templates but by a seed."""
    for path in (*LISTS, "/v1/LegacyContent"):
        found = await editor.listed(path)
        assert found["contents"] == []
        assert found["meta"]["next_page_url"] is None


@pytest.mark.parametrize("path", [*LISTS, "/v1/LegacyContent"])
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("PageSize=1000", 0),
        ("PageSize=1001", 20007),
        ("PageSize=0", 20001),
        ("PageSize=many", 20001),
        ("Page=-1", 20001),
        ("PageToken=x", 21481),
    ],
)
async def test_the_limits_of_pages(editor: "Editor", path: str, query: str, code: int) -> None:
    """1 to 1,000 templates on one."""
    answer = await editor.ask("GET", f"{path}?{query}")
    assert answer.status == (400 if code else 200)
    if code:
        assert answer.code == code


async def test_filters_are_carried_on(editor: "Editor") -> None:
    """In the addresses of pages, repeated ones repeated; the journal names the version."""
    await make(editor, "cab")
    query = "SortByContentName=ASC&Language=de&Language=en&ContentName=%5Ba-z%5D&PageSize=2"
    found = await editor.listed("/v2/Content", query)
    assert names(found) == "ab"
    last = await editor.listed("/v2/Content", found["meta"]["next_page_url"].partition("?")[2])
    assert (names(last), last["meta"]["next_page_url"]) == ("c", None)
    operations = [entry.operation for entry in editor.caller.journal]
    assert operations[-1] == "content.v2.ListContent"
    await editor.listed("/v1/Content")
    assert editor.caller.journal[-1].operation == "content.v1.ListContent"
    url = last["contents"][0]["url"]
    assert url.startswith("https://content.twilio.com/v1/Content/HX")


@pytest.mark.parametrize("path", ["/v2/Content", "/v2/ContentAndApprovals"])
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("SortByDate=up", "SortByDate"),
        ("DateCreatedAfter=soon", "DateCreatedAfter"),
        ("Content=(", "Content"),
        ("ChannelEligibility=whatsapp", "ChannelEligibility"),
    ],
)
async def test_filters_that_are_none(editor: "Editor", path: str, query: str, name: str) -> None:
    """20001, which names the parameter."""
    answer = await editor.ask("GET", f"{path}?{query}")
    answer.refused(400, 20001, f"Parameter '{name}' is invalid")


async def test_the_first_version_has_no_filters(editor: "Editor") -> None:
    """It ignores them, with a word in the journal."""
    await make(editor, "ab")
    answer = await editor.ask("GET", "/v1/Content?ContentName=a")
    assert names(answer.json) == "ba"
    assert "`ContentName` is not a parameter of this call" in editor.caller.journal[-1].warnings[0]


async def test_what_a_seed_brings(editor: "Editor") -> None:
    """Is as old as its sandbox, approved, and among legacy templates where it says so."""
    sids = ["HX" + digit * 32 for digit in "ab"]
    plain = {"sid": sids[0], "types": TEXT, "friendly_name": "Order shipped"}
    legacy = {"sid": sids[1], "types": TEXT, "legacy_template_name": "old", "legacy_body": "Old"}
    scenario = from_document({"given": {"content": [plain, legacy]}})
    editor.caller.sandbox.regime.put(scenario, Unit())
    both = (await editor.listed("/v1/ContentAndApprovals"))["contents"]
    assert [each["sid"] for each in both] == sids[::-1]
    assert both[1]["date_created"] == both[1]["date_updated"] == "2026-12-01T00:00:00Z"
    assert both[1]["approval_requests"] == {
        "name": "order_shipped",
        "category": "UTILITY",
        "content_type": "twilio/text",
        "status": "approved",
        "rejection_reason": "",
        "allow_category_change": True,
    }
    [old] = (await editor.listed("/v1/LegacyContent"))["contents"]
    assert (old["legacy_template_name"], old["legacy_body"]) == ("old", "Old")
    assert old["url"] == "https://content.twilio.com/v1/LegacyContent"
    assert "links" not in old
