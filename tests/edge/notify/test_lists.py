"""Lists: filters, pages, and how both are echoed."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.message import SECOND

if TYPE_CHECKING:
    from tests.edge.notify.conftest import Service

DAY = 86_400 * SECOND
HOST = "https://notify.twilio.com"


def addresses(document: dict[str, Any]) -> list[str]:
    return [each["address"] for each in document["bindings"]]


async def test_any_identity_and_all_tags(service: "Service") -> None:
    """Implicit tags count; they are not shown."""
    await service.bind("Bob", Address="1", Tag=["a", "b"])
    await service.bind("Eve", Address="2", Tag=["b"])
    await service.bind("Eve", Address="3", BindingType="fcm", Tag=["a"])
    for query, expected in (
        ("", ["3", "2", "1"]),
        ("Identity=Bob", ["1"]),
        ("Identity=Bob&Identity=Eve&Identity=Nobody", ["3", "2", "1"]),
        ("Identity=eve", []),
        ("Tag=b", ["2", "1"]),
        ("Tag=a&Tag=b", ["1"]),
        ("Tag=all", ["3", "2", "1"]),
        ("Tag=all&Tag=apn", ["2", "1"]),
        ("Tag=fcm&Tag=b", []),
        ("Tag=a&Identity=Eve", ["3"]),
    ):
        assert addresses(await service.listed(query=query)) == expected, query
    assert all("apn" not in each["tags"] for each in (await service.listed())["bindings"])


async def test_by_day(service: "Service") -> None:
    """Of creation, in UTC, both ends included."""
    engine = service.caller.sandbox.engine
    for number in range(3):
        await service.bind(Address=f"{number}")
        await engine.advance(engine.clock.now() + DAY - (SECOND if not number else 0))
    for query, expected in (
        ("StartDate=2026-12-01", ["2", "1", "0"]),
        ("StartDate=2026-12-02", ["2"]),
        ("EndDate=2026-12-01", ["1", "0"]),
        ("StartDate=2026-12-01&EndDate=2026-12-01", ["1", "0"]),
        ("StartDate=2026-12-03", []),
    ):
        assert addresses(await service.listed(query=query)) == expected, query


@pytest.mark.parametrize("name", ["StartDate", "EndDate"])
async def test_a_day_that_is_none(service: "Service", name: str) -> None:
    """Is refused by its name."""
    answer = await service.caller.get(f"{service.path}/Bindings", **{name: "yesterday"})
    convert = "Can not convert incoming parameters to Binding object: Parameter '{}' is invalid"
    answer.refused(400, 20001, convert.format(name))


async def test_filters_are_echoed(service: "Service") -> None:
    """In Twilio's order whatever theirs was, each as often as it was given; then the page."""
    query = "Identity=a%20b&PageSize=7&Tag=t1&Identity=c&Tag=t2&EndDate=2026-12-31"
    meta = (await service.listed(query=query))["meta"]
    asked = "EndDate=2026-12-31&Tag=t1&Tag=t2&Identity=a%20b&Identity=c&PageSize=7&Page=0"
    url = f"{HOST}{service.path}/Bindings?{asked}"
    assert meta == {
        "page": 0,
        "page_size": 7,
        "first_page_url": url,
        "previous_page_url": None,
        "next_page_url": None,
        "key": "bindings",
        "url": url,
    }


async def test_pages(service: "Service") -> None:
    """Newest first; each leads to the next and to the one before, with its filters."""
    for number in range(5):
        await service.bind(Address=f"{number}", Tag=["x"])
    pages, path = [], f"{service.path}/Bindings?Tag=x&PageSize=2"
    while path:
        pages.append((await service.caller.call("GET", path)).json)
        path = (pages[-1]["meta"]["next_page_url"] or "").removeprefix(HOST)
    assert list(map(addresses, pages)) == [["4", "3"], ["2", "1"], ["0"]]
    assert [page["meta"]["page"] for page in pages] == [0, 1, 2]
    middle = pages[1]["meta"]
    assert "Tag=x&PageSize=2&Page=1&PageToken=" in middle["url"]
    assert middle["first_page_url"].endswith("?Tag=x&PageSize=2&Page=0")
    back = middle["previous_page_url"].removeprefix(HOST)
    assert "PageSize=2&Page=0&PageToken=" in back
    assert addresses((await service.caller.call("GET", back)).json) == ["4", "3"]


@pytest.mark.parametrize("what", ["Bindings", "Users"])
async def test_a_page_by_its_number_alone(service: "Service", what: str) -> None:
    """Without a token the n-th slice is shown."""
    for number in range(5):
        await service.bind(f"user {number}", Address=f"{number}")
    second = await service.listed(what, "PageSize=2&Page=1")
    assert [each["identity"] for each in second[what.lower()]] == ["user 2", "user 1"]
    assert (await service.listed(what, "PageSize=2&Page=7"))[what.lower()] == []


async def test_services_by_page(service: "Service") -> None:
    """The same of a quiet list."""
    caller = service.caller
    for number in range(4):
        await caller.made({"FriendlyName": f"{number}"}, "/v1/Services")
    second = (await caller.get("/v1/Services", PageSize="2", Page="1")).json
    assert [each["friendly_name"] for each in second["services"]] == ["1", "0"]
    third = second["meta"]["next_page_url"].removeprefix(HOST)
    assert [each["sid"] for each in (await caller.get(third)).json["services"]] == [service.sid]


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("PageSize=1001", 20007, "Page size must be no greater than 1000"),
        ("PageSize=0", 20001, "PageSize"),
        ("PageSize=-1", 20001, "PageSize"),
        ("PageSize=many", 20001, "PageSize"),
        ("Page=-1", 20001, "Page"),
        ("Page=last", 20001, "Page"),
        ("PageToken=nonsense", 21481, "Invalid PageToken"),
        (f"PageToken=PABS{'0' * 32}", 21481, "Invalid PageToken"),
        ("&".join(f"Tag=t{n}" for n in range(21)), 20001, "Tag"),
    ],
)
async def test_what_is_refused(service: "Service", query: str, code: int, message: str) -> None:
    """Sizes, numbers, tokens and tags that cannot be."""
    convert = "Can not convert incoming parameters to Binding object: Parameter '{}' is invalid"
    text = convert.format(message) if code == 20001 else message
    answer = await service.caller.call("GET", f"{service.path}/Bindings?{query}")
    answer.refused(400, code, text)


async def test_the_largest_page(service: "Service") -> None:
    """1,000 records, and 20 tags."""
    query = "PageSize=1000&" + "&".join(f"Tag=t{n}" for n in range(20))
    assert (await service.listed(query=query))["meta"]["page_size"] == 1000
