"""Pages of Messaging Services."""

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.edge.conftest import Caller

ROOT = "/v1/Services"
HOST = "messaging.twilio.com"
MG = "MG" + "a" * 32
STRANGER = "AC" + "5" * 32


async def make(caller: "Caller", **form: str) -> dict[str, Any]:
    return await caller.made({"FriendlyName": "My Service!", **form}, ROOT)


async def _many(services: "Caller", count: int) -> list[str]:
    return [(await make(services, FriendlyName=str(n)))["sid"] for n in range(count)]


def _sids(page: dict[str, Any]) -> list[str]:
    return [service["sid"] for service in page["services"]]


async def test_an_empty_list(services: "Caller") -> None:
    """The envelope of the subdomain hosts, key by key."""
    answer = await services.get(ROOT)
    url = "https://messaging.twilio.com/v1/Services?PageSize=50&Page=0"
    meta = {
        "page": 0,
        "page_size": 50,
        "first_page_url": url,
        "previous_page_url": None,
        "next_page_url": None,
        "key": "services",
        "url": url,
    }
    assert answer.body == json.dumps({"meta": meta, "services": []}).encode()


async def test_pages(services: "Caller") -> None:
    """Newest first; each page leads to the next and the one before, nothing twice or left out."""
    made = await _many(services, 5)
    first = (await services.get(ROOT, PageSize="2")).json
    second = (await services.get(_path(first["meta"]["next_page_url"]))).json
    third = (await services.get(_path(second["meta"]["next_page_url"]))).json
    assert [_sids(page) for page in (first, second, third)] == [
        made[:2:-1],
        made[2:0:-1],
        made[:1],
    ]
    assert [page["meta"]["page"] for page in (first, second, third)] == [0, 1, 2]
    assert (first["meta"]["previous_page_url"], third["meta"]["next_page_url"]) == (None, None)
    back = (await services.get(_path(third["meta"]["previous_page_url"]))).json
    assert _sids(back) == _sids(second)
    assert back["meta"]["next_page_url"] == second["meta"]["next_page_url"]
    again = (await services.get(_path(back["meta"]["previous_page_url"]))).json
    assert _sids(again) == _sids(first)
    assert (await services.get(_path(second["meta"]["url"]))).json == second


def _path(url: str) -> str:
    assert url.startswith("https://messaging.twilio.com/")
    return url.removeprefix("https://messaging.twilio.com")


async def test_deleting_while_paging(services: "Caller") -> None:
    """A token stays good when its service goes, as who deletes all that he lists needs it."""
    made = await _many(services, 5)
    seen: list[str] = []
    page = (await services.get(ROOT, PageSize="2")).json
    while True:
        for sid in _sids(page):
            seen.append(sid)
            await services.call("DELETE", f"{ROOT}/{sid}")
        if (url := page["meta"]["next_page_url"]) is None:
            break
        page = (await services.get(_path(url))).json
    assert seen == made[::-1]
    assert (await services.get(ROOT)).json["services"] == []


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ({"Page": "1"}, 70002, "Paged requests must include a PageToken"),
        ({"PageSize": "1001"}, 20007, ""),
        ({"PageToken": "PT123"}, 21481, ""),
        ({"PageToken": f"PA{MG}"}, 21481, ""),
        ({"PageToken": f"PB{MG}", "Page": "1"}, 21481, ""),
    ],
)
async def test_pages_that_are_refused(
    services: "Caller", query: dict[str, str], code: int, message: str
) -> None:
    """With the code of the subdomain hosts where v2010 lists have 20001."""
    await _many(services, 1)
    (await services.get(ROOT, **query)).refused(400, code, message)
