"""What the quiet resources share: schemas compiled once, forms, and queries of lists."""

from typing import TYPE_CHECKING

import pytest

from mockserver.edge.http.resource import schema

if TYPE_CHECKING:
    from tests.edge.conftest import Caller

KEYS = "/2010-04-01/Accounts/AC00000000000000000000000000002010/Keys.json"


def test_a_schema_is_compiled_once() -> None:
    """When it is first asked for."""
    name = "api/2010-04-01/ListKey"
    assert schema(name) is schema(name)
    with pytest.raises(FileNotFoundError):
        schema("api/2010-04-01/Nothing")


async def test_an_empty_list(api: "Caller") -> None:
    """The envelope around nothing."""
    assert (await api.get(KEYS)).json == {
        "end": 0,
        "first_page_uri": f"{KEYS}?PageSize=50&Page=0",
        "next_page_uri": None,
        "page": 0,
        "page_size": 50,
        "previous_page_uri": None,
        "keys": [],
        "start": 0,
        "uri": f"{KEYS}?PageSize=50&Page=0",
    }


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"PageSize": "1001"}, 20007),
        ({"Page": "1"}, 20001),
        ({"Page": "1", "PageToken": "PA"}, 21481),
        ({"Page": "1", "PageToken": "PASK" + "0" * 32}, 21481),
        ({"PageSize": "none"}, 0),
        ({"PageSize": "-1", "Page": "0"}, 0),
    ],
)
async def test_pages_that_there_are_not(api: "Caller", query: dict[str, str], code: int) -> None:
    """Refused as with messages; what is no number means the default."""
    answer = await api.get(KEYS, **query)
    assert (answer.json.get("code", 0), answer.status) == (code, 400 if code else 200)


async def test_the_same_at_a_short_name(api: "Caller") -> None:
    """Addresses of pages begin at the API's own root, whatever stands before it."""
    api.host = "localhost"
    answer = await api.get(f"/api{KEYS}", PageSize="5")
    assert answer.json["uri"] == f"{KEYS}?PageSize=5&Page=0"
