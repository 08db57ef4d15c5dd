"""Users, their bindings, segments: left out of the description since 2018, and served still."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID

if TYPE_CHECKING:
    from tests.edge.notify.conftest import Service

HOST = "https://notify.twilio.com"


async def make(service: "Service", identity: str = "Bob", *segments: str) -> dict[str, Any]:
    pairs = [("Identity", identity), *(("Segment", segment) for segment in segments)]
    return await service.caller.made(pairs, f"{service.path}/Users")


async def test_a_user(service: "Service") -> None:
    """As create, fetch and list show it; found by identity and by SID."""
    user = await make(service, "Bob", "VIP", "new user")
    url = f"{HOST}{service.path}/Users/Bob"
    assert user == {
        "sid": user["sid"],
        "account_sid": DEFAULT_SID,
        "service_sid": service.sid,
        "identity": "Bob",
        "date_created": "2026-12-01T00:00:00Z",
        "date_updated": "2026-12-01T00:00:00Z",
        "segments": ["VIP", "new user"],
        "url": url,
        "links": {
            "bindings": f"{url}/Bindings",
            "segment_memberships": f"{url}/SegmentMemberships",
        },
    }
    for name in ("Bob", user["sid"]):
        assert (await service.caller.get(f"{service.path}/Users/{name}")).json == user
    assert (await service.listed("Users"))["users"] == [user]


async def test_a_user_is_made_once(service: "Service") -> None:
    """By a request or by the first binding."""
    await make(service)
    await service.bind("Eve")
    for identity in ("Bob", "Eve"):
        answer = await service.caller.post({"Identity": identity}, f"{service.path}/Users")
        answer.refused(409, 52304, "User already exists")
    await service.bind("Bob")
    assert len((await service.listed("Users"))["users"]) == 2


async def test_lists_of_users(service: "Service") -> None:
    """Of any of some identities, in all of some segments."""
    for identity, segments in (("Bob", ["VIP", "new"]), ("Eve", ["VIP"]), ("Mallory", [])):
        await make(service, identity, *segments)
    for query, expected in (
        ("", ["Mallory", "Eve", "Bob"]),
        ("Identity=Bob&Identity=Mallory", ["Mallory", "Bob"]),
        ("Segment=VIP", ["Eve", "Bob"]),
        ("Segment=VIP&Segment=new", ["Bob"]),
        ("Segment=VIP&Identity=Eve", ["Eve"]),
        ("Segment=other", []),
    ):
        found = (await service.listed("Users", query))["users"]
        assert [each["identity"] for each in found] == expected, query


async def test_delete_a_user(service: "Service") -> None:
    """Not while there are bindings."""
    binding = await service.bind()
    path = f"{service.path}/Users/Bob"
    answer = await service.caller.call("DELETE", path)
    answer.refused(409, 52306, "Cannot delete User resource with Bindings")
    await service.caller.call("DELETE", f"{path}/Bindings/{binding['sid']}")
    deleted = await service.caller.call("DELETE", path)
    assert (deleted.status, deleted.body) == (204, b"")
    for gone in (path, f"{path}/Bindings"):
        (await service.caller.get(gone)).refused(404, 20404)


async def test_bindings_of_a_user(service: "Service") -> None:
    """The same bindings, at an address of their own."""
    await service.bind("Eve")
    user = await make(service, "a b")
    root = f"{service.path}/Users/a%20b"
    form = [("BindingType", "sms"), ("Address", "+14155552671"), ("Tag", "x"), ("Tag", "y")]
    made = await service.caller.made(form, f"{root}/Bindings")
    assert made["url"] == f"{HOST}{root}/Bindings/{made['sid']}"
    assert made["links"] == {"user": f"{HOST}{root}"}
    assert (made["identity"], made["tags"]) == ("a b", ["x", "y"])
    one = f"{service.path}/Bindings/{made['sid']}"
    same = (await service.caller.get(one)).json
    assert {**same, "url": made["url"]} == made
    fetched = await service.caller.get(f"{service.path}/Users/{user['sid']}/Bindings/{made['sid']}")
    assert fetched.json == made
    for query, count in (("", 1), ("Tag=y", 1), ("Tag=apn", 0), ("StartDate=2027-01-01", 0)):
        listed = await service.listed("Users/a%20b/Bindings", query)
        assert len(listed["bindings"]) == count, query
    assert listed["meta"]["url"].startswith(f"{HOST}{root}/Bindings?StartDate=2027-01-01&")
    await service.caller.call("DELETE", f"{root}/Bindings/{made['sid']}")
    (await service.caller.get(one)).refused(404, 20404)


async def test_a_binding_is_below_its_own_user_only(service: "Service") -> None:
    """Below another, and below one that is not there, it is unknown."""
    binding = await service.bind("Bob")
    await service.bind("Eve")
    for user in ("Eve", "Nobody"):
        path = f"{service.path}/Users/{user}/Bindings/{binding['sid']}"
        (await service.caller.get(path)).refused(404, 20404)
        (await service.caller.call("DELETE", path)).refused(404, 20404)
    form = {"BindingType": "sms", "Address": "+14155552671"}
    path = f"{service.path}/Users/Nobody/Bindings"
    (await service.caller.post(form, path)).refused(404, 20404)


async def test_segments(service: "Service") -> None:
    """Joining makes one, leaving leaves it; names may be any text."""
    await make(service)
    path = f"{service.path}/Users/Bob/SegmentMemberships"
    made = await service.caller.made({"Segment": "new user/é"}, path)
    assert made == {
        "account_sid": DEFAULT_SID,
        "service_sid": service.sid,
        "identity": "Bob",
        "segment": "new user/é",
        "url": f"{HOST}{path}/new%20user%2F%C3%A9",
    }
    one = made["url"].removeprefix(HOST)
    assert (await service.caller.get(one)).json == made
    answer = await service.caller.post({"Segment": "new user/é"}, path)
    answer.refused(409, 52305, "User already belongs to the segment")
    [segment] = (await service.listed("Segments"))["segments"]
    assert segment == {
        "sid": segment["sid"],
        "account_sid": DEFAULT_SID,
        "service_sid": service.sid,
        "unique_name": "new user/é",
        "date_created": "2026-12-01T00:00:00Z",
        "date_updated": "2026-12-01T00:00:00Z",
    }
    deleted = await service.caller.call("DELETE", one)
    assert (deleted.status, deleted.body) == (204, b"")
    for method in ("GET", "DELETE"):
        (await service.caller.call(method, one)).refused(404, 20404)
    assert (await service.listed("Segments"))["segments"] == [segment]
    user = await service.caller.get(f"{service.path}/Users/Bob")
    assert user.json["segments"] == []


async def test_segments_of_one_service(service: "Service") -> None:
    """Newest first, a page at a time; those of another are not there."""
    await make(service, "Bob", "1", "2", "3")
    other = await service.caller.made({}, "/v1/Services")
    await service.caller.made(
        [("Identity", "Bob"), ("Segment", "4")], f"/v1/Services/{other['sid']}/Users"
    )
    first = await service.listed("Segments", "PageSize=2")
    assert [each["unique_name"] for each in first["segments"]] == ["3", "2"]
    second = await service.listed("Segments", first["meta"]["next_page_url"].partition("?")[2])
    assert [each["unique_name"] for each in second["segments"]] == ["1"]


@pytest.mark.parametrize(
    ("path", "form", "message"),
    [
        ("", {}, "Missing required parameter Identity in the post body"),
        (
            "",
            {"Identity": "Eve", "Segment": ""},
            "Can not convert incoming parameters to User object: Parameter 'Segment' is invalid",
        ),
        ("/Bob/SegmentMemberships", {}, "Missing required parameter Segment in the post body"),
        ("/Bob/Bindings", {}, "Missing required parameter BindingType in the post body"),
        (
            "/Bob/Bindings",
            {"BindingType": "fax", "Address": "1"},
            "Can not convert incoming parameters to UserBinding object: "
            "Parameter 'BindingType' is invalid",
        ),
    ],
)
async def test_what_is_refused(
    service: "Service", path: str, form: dict[str, str], message: str
) -> None:
    """Nothing is made."""
    await make(service)
    answer = await service.caller.post(form, f"{service.path}/Users{path}")
    answer.refused(400, 20001, message)
    assert len((await service.listed("Users"))["users"]) == 1
