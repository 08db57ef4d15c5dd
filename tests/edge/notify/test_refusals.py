"""What every resource of this host answers to what it does not serve, know or allow."""

from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import DEFAULT_SID

if TYPE_CHECKING:
    from tests.edge.conftest import Caller
    from tests.edge.notify.conftest import AtNotify, Service

IS, BS, CR = ("".join((prefix, "0" * 32)) for prefix in ("IS", "BS", "CR"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *((method, f"/v1/Services/{IS}") for method in ("GET", "POST", "DELETE")),
        *((method, f"/v1/Services/{IS}/Bindings") for method in ("GET", "POST")),
        ("POST", f"/v1/Services/{IS}/Notifications"),
        *((method, f"/v1/Services/{IS}/Bindings/{BS}") for method in ("GET", "DELETE")),
        *((method, f"/v1/Services/{IS}/Users") for method in ("GET", "POST")),
        ("GET", f"/v1/Services/{IS}/Users/Bob/Bindings"),
        ("GET", f"/v1/Services/{IS}/Segments"),
        *((method, f"/v1/Credentials/{CR}") for method in ("GET", "POST", "DELETE")),
        ("GET", f"/v1/Credentials/{BS}"),
        ("GET", "/v1/Services/nonsense"),
    ],
)
async def test_unknown(notify: "Caller", method: str, path: str) -> None:
    """404 before anything else is looked at; the text has the path without its version."""
    answer = await notify.call(method, path, b"" if method == "POST" else None)
    answer.refused(404, 20404, f"The requested resource {path[3:]} was not found")


@pytest.mark.parametrize(
    "path", ["/v1/Notifications", "/v1/Credentials/x/y", "/v2/Services", "/v1", "/"]
)
async def test_what_is_nowhere(notify: "Caller", path: str) -> None:
    """The same, and a plain word in the journal."""
    answer = await notify.get(path)
    assert (answer.status, answer.code) == (404, 20404)
    assert "which this mock does not serve" in notify.journal[-1].warnings[0]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/v1/Services", "GET, HEAD, POST"),
        ("DELETE", "/v1/Services", "GET, HEAD, POST"),
        ("PATCH", f"/v1/Services/{IS}", "DELETE, GET, HEAD, POST"),
        ("POST", f"/v1/Services/{IS}/Bindings/{BS}", "DELETE, GET, HEAD"),
        ("POST", f"/v1/Services/{IS}/Users/Bob", "DELETE, GET, HEAD"),
        ("GET", f"/v1/Services/{IS}/Users/Bob/SegmentMemberships", "POST"),
        ("POST", f"/v1/Services/{IS}/Segments", "GET, HEAD"),
        ("GET", f"/v1/Services/{IS}/Notifications", "POST"),
    ],
)
async def test_a_method_that_is_not_offered(
    notify: "Caller", method: str, path: str, allow: str
) -> None:
    """405 with what there is."""
    answer = await notify.call(method, path)
    answer.refused(405, 20004, "Method not allowed")
    assert answer.header("Allow") == allow


async def test_paths_may_end_in_json(service: "Service") -> None:
    """As old clients write them; addresses in answers do not."""
    caller = service.caller
    form = {"Identity": "Bob", "BindingType": "sms", "Address": "+14155552671"}
    binding = await caller.made(form, f"{service.path}/Bindings.json")
    assert not binding["url"].endswith(".json")
    one = await caller.get(f"{service.path}/Bindings/{binding['sid']}.json")
    assert one.json == binding
    listed = (await caller.get("/v1/Services.json")).json
    assert listed["meta"]["url"].endswith("/v1/Services?PageSize=50&Page=0")
    missing = await caller.get(f"/v1/Credentials/{CR}.json")
    missing.refused(404, 20404, f"The requested resource /Credentials/{CR}.json was not found")


async def test_by_the_short_name(service: "Service") -> None:
    """At the server's own address; the addresses in answers lead there again."""
    caller = service.caller
    caller.host = f"localhost:{caller.server.port}"
    answer = (await caller.get(f"/notify{service.path}")).json
    base = f"http://localhost:{caller.server.port}/notify"
    assert answer["url"] == f"{base}{service.path}"
    assert set(answer["links"].values()) == {
        f"{base}{service.path}/{name}"
        for name in ("Bindings", "Notifications", "Segments", "Users")
    }
    (await caller.get("/v1/Services")).refused(404, 20404)


async def test_credentials_are_needed(at_notify: "AtNotify") -> None:
    """401 without, and with wrong ones once the account is known."""
    notify = await at_notify(strict_accounts=True)
    notify.auth = f"{DEFAULT_SID}:wrong"
    (await notify.get("/v1/Services")).refused(401, 20003)
    notify.auth = None
    (await notify.get("/v1/Services")).refused(401, 20003)


async def test_unknown_parameters_are_ignored(notify: "Caller") -> None:
    """With a word in the journal; as is a stray `Type`, which an example has."""
    form = {"friendlyname": "x", "Type": "S"}
    service = await notify.made(form, "/v1/Services")
    assert service["friendly_name"] is None
    assert "did you mean `FriendlyName`?" in notify.journal[-1].warnings[0]


async def test_operations(service: "Service") -> None:
    """Are in the journal by the names of the description, and after their pattern."""
    caller = service.caller
    binding = await service.bind()
    caller_paths = (
        ("GET", "/v1/Services"),
        ("GET", f"{service.path}/Bindings/{binding['sid']}"),
        ("GET", "/v1/Credentials"),
        ("GET", f"{service.path}/Users/Bob"),
        ("GET", f"{service.path}/Users/Bob/Bindings"),
        ("GET", f"{service.path}/Segments"),
    )
    for method, path in caller_paths:
        await caller.call(method, path)
    names = ["ListService", "FetchBinding", "ListCredential", "FetchUser", "ListUserBinding"]
    assert [entry.operation for entry in caller.journal[1:]] == [
        f"notify.v1.{name}" for name in ("CreateBinding", *names, "ListSegment")
    ]
