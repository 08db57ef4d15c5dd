"""`GET /Messages.json`: filters, pages, and tokens that keep their place."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.world.clock import parse_instant

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

A, B, C = "+14155550100", "+14155550101", "+14155550102"
SERVICE = "MG" + "a" * 32


async def bodies(api: "Caller", uri: str = "", **query: str) -> list[str]:
    """What a list shows, by its texts."""
    answer = await api.get(uri, **query)
    assert answer.status == 200
    return [message["body"] for message in answer.json["messages"]]


# -- filters ---------------------------------------------------------------------------------------


@pytest.fixture
async def post(api: "Caller") -> "Caller":
    """Four messages between two recipients and two senders."""
    for body, to, sender in (("1", A, C), ("2", B, C), ("3", A, B), ("4", A, C)):
        assert (await api.create(Body=body, To=to, From=sender)).status == 201
    return api


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "4321"),
        ({"To": A}, "431"),
        ({"To": B}, "2"),
        ({"From": C}, "421"),
        ({"To": A, "From": C}, "41"),
        ({"To": B, "From": B}, ""),
        ({"To": "+14155559999"}, ""),
        ({"To": ""}, "4321"),
        ({"To": "(415) 555-0100"}, "431"),
        ({"To": "4155550101"}, "2"),
        ({"to": B}, "4321"),
        ({"Status": "failed"}, "4321"),
    ],
)
async def test_by_address(post: "Caller", query: dict[str, str], expected: str) -> None:
    """Newest first; an address in any spelling; an empty filter and an unknown one are none."""
    assert "".join(await bodies(post, **query)) == expected


async def test_a_plus_that_became_a_space(post: "Caller") -> None:
    """`?To=+1415…`, not encoded."""
    assert await bodies(post, f"{post.path}?To={B}") == ["2"]


async def test_a_channel_address(api: "Caller") -> None:
    """By its whole address."""
    await api.create(To=f"whatsapp:{A}", From=f"whatsapp:{B}", Body="w")
    await api.create(To=A, From=B, Body="s")
    assert await bodies(api, To=f"whatsapp:{A}") == ["w"]
    assert await bodies(api, To=A) == ["s"]


async def test_a_sender_that_a_service_chose(api: "Caller") -> None:
    """The filter finds it once it is chosen."""
    uri = (await api.create(From="-", MessagingServiceSid=SERVICE, Body="s")).json["uri"]
    await api.create(Body="other")
    chosen = (await api.get(uri)).json["from"]
    assert await bodies(api, From=chosen) == ["s"]


async def test_accounts_do_not_see_each_other(api: "Caller") -> None:
    """A list has its own account's messages only."""
    await api.create(Body="mine")
    api.account = "AC" + "5" * 32
    api.auth = f"{api.account}:token"
    await api.create(Body="theirs")
    assert await bodies(api) == ["theirs"]


@pytest.fixture
async def days(serve: "Serve") -> "Caller":
    """A message on each of three days, and one that is not sent yet."""
    api = await serve(clock="manual", seed=1)
    engine = api.sandbox.engine
    for day in ("2026-12-02T10:00:00", "2026-12-03T00:00:00", "2026-12-04T23:59:59"):
        await engine.advance(parse_instant(day) - 200_000)
        await api.create(Body=day[9:10])
        await engine.advance(parse_instant(day) + 500_000)
    await api.create(Body="later")
    return api


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("DateSent=2026-12-03", "3"),
        ("DateSent=2026-12-03T00:00:00Z", "3"),
        ("DateSent=2026-12-03T18:00:00Z", "3"),
        ("DateSent=2026-12-01", ""),
        ("DateSent%3E=2026-12-03", "43"),
        ("DateSent>=2026-12-03", "43"),
        ("DateSent%3C=2026-12-03", "32"),
        ("DateSent<=2026-12-03", "32"),
        ("DateSent%3E=2026-12-02&DateSent%3C=2026-12-03", "32"),
        ("DateSent%3E=2026-12-04&DateSent%3C=2026-12-02", ""),
        ("DateSent%3E=2026-12-03T00:00:01Z", "4"),
        ("DateSent%3C=2026-12-03T00:00:00Z", "32"),
        ("DateSent%3C=2026-12-02T23:59:59Z", "2"),
        ("DateSent%3E=2026-12-02+10:00:00.000", "432"),
        ("DateSent%3E=12/02/2026+17:00:00+MST", "43"),
        ("DateSent%3E=Thu,+03+Dec+2026+00:00:01+-0000", "4"),
        ("DateSent%3E=2026-12-03T01:00:00%2B01:00", "43"),
        ("DateSent=yesterday", "later432"),
        ("DateSent=", "later432"),
        ("", "later432"),
    ],
)
async def test_by_date(days: "Caller", query: str, expected: str) -> None:
    """A day is a GMT day, both ends included; what was not sent matches no date."""
    assert "".join(await bodies(days, f"{days.path}?{query}")) == expected


async def test_what_is_no_date_is_noted(days: "Caller") -> None:
    """The filter is ignored, and the journal says so; other filters need not look like dates."""
    await days.get(f"{days.path}?DateSent%3E=yesterday&DateSent%3C=2026-12-03&To=yesterday")
    assert days.journal[-1].warnings == ["`DateSent>` was ignored: 'yesterday' is no date"]


async def test_filters_are_echoed(days: "Caller") -> None:
    """In every URI, encoded, before the paging, as they were given."""
    query = "DateSent%3E=2026-12-02&To=%2B14155552671&PageSize=1"
    page = (await days.get(f"{days.path}?{query}")).json
    assert page["uri"] == f"{days.path}?{query}&Page=0"
    assert page["first_page_uri"] == f"{days.path}?{query}&Page=0"
    assert page["next_page_uri"].startswith(f"{days.path}?{query}&Page=1&PageToken=PASM")


# -- the envelope ----------------------------------------------------------------------------------


async def test_an_empty_list(api: "Caller") -> None:
    """Byte for byte."""
    path = f"/2010-04-01/Accounts/{DEFAULT_SID}/Messages.json"
    answer = await api.get()
    assert answer.body.decode() == (
        f'{{"end": 0, "first_page_uri": "{path}?PageSize=50&Page=0", "next_page_uri": null, '
        '"page": 0, "page_size": 50, "previous_page_uri": null, "messages": [], "start": 0, '
        f'"uri": "{path}?PageSize=50&Page=0"}}'
    )


async def test_three_pages(api: "Caller") -> None:
    """There and back again: start, end, page, and the URIs of the neighbours."""
    for number in range(5):
        await api.create(Body=str(number))
    uri: str | None = f"{api.path}?PageSize=2"
    pages: list[dict[str, Any]] = []
    while uri is not None:
        pages.append((await api.get(uri)).json)
        uri = pages[-1]["next_page_uri"]
    shown = [[message["body"] for message in page["messages"]] for page in pages]
    assert shown == [["4", "3"], ["2", "1"], ["0"]]
    places = [(page["page"], page["start"], page["end"], page["page_size"]) for page in pages]
    assert places == [(0, 0, 1, 2), (1, 2, 3, 2), (2, 4, 4, 2)]
    assert [page["previous_page_uri"] is None for page in pages] == [True, False, False]
    back = (await api.get(pages[2]["previous_page_uri"])).json
    assert [message["body"] for message in back["messages"]] == ["2", "1"]
    assert back["page"] == 1
    assert await bodies(api, back["next_page_uri"]) == ["0"]
    first = (await api.get(back["previous_page_uri"])).json
    assert [message["body"] for message in first["messages"]] == ["4", "3"]
    assert (first["page"], first["previous_page_uri"]) == (0, None)


async def test_a_page_behind_a_slash_too_many(api: "Caller") -> None:
    """A program put `https://api.twilio.com/` before the `next_page_uri`: the page is the same."""
    for body in "123":
        await api.create(Body=body)
    onward = (await api.get(PageSize="1")).json["next_page_uri"]
    assert (await api.get(f"/{onward}")).json == (await api.get(onward)).json
    assert await bodies(api, f"/{onward}") == ["2"]


async def test_a_token(api: "Caller") -> None:
    """`PA` and the SID of the last record of the page before."""
    for _ in range(3):
        await api.create()
    page = (await api.get(PageSize="2")).json
    query = parse_qs(urlsplit(page["next_page_uri"]).query)
    assert query == {
        "PageSize": ["2"],
        "Page": ["1"],
        "PageToken": ["PA" + page["messages"][-1]["sid"]],
    }


async def test_a_full_last_page(api: "Caller") -> None:
    """Nothing follows it, so `next_page_uri` is null."""
    for _ in range(2):
        await api.create()
    assert (await api.get(PageSize="2")).json["next_page_uri"] is None


@pytest.mark.parametrize(
    ("size", "shown"),
    [("1", 1), ("1000", 3), ("0", 3), ("-1", 3), ("many", 3), ("", 3), (" 2 ", 2)],
)
async def test_page_sizes(api: "Caller", size: str, shown: int) -> None:
    """1 to 1000; what is no such number means 50."""
    for _ in range(3):
        await api.create()
    page = (await api.get(PageSize=size)).json
    assert len(page["messages"]) == shown
    assert page["page_size"] == (int(size) if size.strip() in ("1", "2", "1000") else 50)


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ({"PageSize": "1001"}, 20007, "Page size must be no greater than 1000"),
        ({"PageSize": "9" * 30}, 20007, "Page size must be no greater than 1000"),
        ({"Page": "1"}, 20001, "PageToken is required for paging."),
        ({"Page": "9" * 30}, 20001, "PageToken is required for paging."),
        ({"PageToken": "nonsense"}, 21481, "Invalid PageToken"),
        ({"PageToken": "PA"}, 21481, "Invalid PageToken"),
        ({"PageToken": "PASM" + "0" * 32}, 21481, "Invalid PageToken"),
        ({"PageToken": "XXSM" + "0" * 32}, 21481, "Invalid PageToken"),
        ({"Page": "1", "PageToken": "PBSM" + "0" * 32}, 21481, "Invalid PageToken"),
    ],
)
async def test_pages_that_there_are_not(
    api: "Caller", query: dict[str, str], code: int, message: str
) -> None:
    """400 with Twilio's code and text."""
    answer = await api.get(**query)
    assert (answer.status, answer.code, answer.json["message"]) == (400, code, message)


async def test_the_token_of_another_account(api: "Caller") -> None:
    """It is made up, as far as this one is concerned."""
    sid = (await api.create()).json["sid"]
    api.account = "AC" + "5" * 32
    api.auth = f"{api.account}:token"
    assert (await api.get(PageToken=f"PA{sid}")).code == 21481


async def test_page_zero_needs_no_token(api: "Caller") -> None:
    """It is the first."""
    await api.create(Body="one")
    assert await bodies(api, Page="0") == ["one"]


# -- tokens keep their place -----------------------------------------------------------------------


async def test_new_messages_while_paging(api: "Caller") -> None:
    """They do not move the pages that follow."""
    for number in range(4):
        await api.create(Body=str(number))
    page = (await api.get(PageSize="2")).json
    for _ in range(3):
        await api.create(Body="new")
    assert await bodies(api, page["next_page_uri"]) == ["1", "0"]


async def test_the_tokens_message_is_deleted(api: "Caller") -> None:
    """Its place remains."""
    for number in range(4):
        await api.create(Body=str(number))
    await api.settled()
    page = (await api.get(PageSize="2")).json
    for message in page["messages"]:
        assert (await api.call("DELETE", message["uri"])).status == 204
    assert await bodies(api, page["next_page_uri"]) == ["1", "0"]


async def test_nothing_is_left_behind_the_token(api: "Caller") -> None:
    """An empty page, and no next one."""
    for _ in range(3):
        await api.create()
    await api.settled()
    page = (await api.get(PageSize="2")).json
    last = (await api.get(page["next_page_uri"])).json["messages"][0]
    await api.call("DELETE", last["uri"])
    empty = (await api.get(page["next_page_uri"])).json
    assert (empty["messages"], empty["next_page_uri"]) == ([], None)
    assert (empty["start"], empty["end"]) == (0, 0)


async def test_going_back_when_nothing_follows(api: "Caller") -> None:
    """The page that was before says so when what came after it is gone."""
    for number in range(3):
        await api.create(Body=str(number))
    await api.settled()
    page = (await api.get(PageSize="2")).json
    following = (await api.get(page["next_page_uri"])).json
    await api.call("DELETE", following["messages"][0]["uri"])
    back = (await api.get(following["previous_page_uri"])).json
    assert [message["body"] for message in back["messages"]] == ["2", "1"]
    assert back["next_page_uri"] is None


async def test_what_has_become_of_messages(api: "Caller") -> None:
    """A list shows each as a fetch does."""
    for number in range(3):
        await api.create(Body=str(number))
    await api.settled()
    for message in (await api.get()).json["messages"]:
        assert (await api.get(message["uri"])).json == message


def test_the_days_of_the_tests() -> None:
    """They lie after the start of a seeded clock."""
    start = datetime(2026, 12, 1, tzinfo=UTC)
    assert parse_instant("2026-12-02T10:00:00") > start.timestamp() * 1_000_000
