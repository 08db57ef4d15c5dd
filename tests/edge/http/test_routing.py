"""From a path to its operation."""

from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.routing import Router

ACCOUNT = "AC" + "a" * 32


async def _nothing(call: Call) -> Reply:
    return Reply(204)


ROUTER = Router(
    (
        Route("GET", "/Accounts/{AccountSid}/Messages", "List", _nothing),
        Route("POST", "/Accounts/{AccountSid}/Messages", "Create", _nothing),
        Route("DELETE", "/Accounts/{AccountSid}/Messages/{Sid}", "Delete", _nothing),
        Route("GET", "/Accounts/{AccountSid}/Messages/Special", "Special", _nothing),
    )
)


def operation(path: str, method: str = "GET") -> str | None:
    found = ROUTER.find(path)
    route = found.route(method) if found else None
    return route.operation if route else None


def test_a_path_with_and_without_its_suffix() -> None:
    """`.json` makes no difference to what is meant; placeholders give their values, decoded."""
    for suffix in ("", ".json"):
        assert operation(f"/Accounts/{ACCOUNT}/Messages{suffix}") == "List"
        found = ROUTER.find(f"/Accounts/{ACCOUNT}/Messages/a%20b{suffix}")
        assert found is not None
        assert found.params == {"AccountSid": ACCOUNT, "Sid": "a b"}


def test_head_is_get() -> None:
    """Where there is a GET."""
    assert operation(f"/Accounts/{ACCOUNT}/Messages", "HEAD") == "List"
    assert operation(f"/Accounts/{ACCOUNT}/Messages/x", "HEAD") is None


def test_a_literal_segment_wins_over_a_placeholder() -> None:
    """`Special` is not somebody's SID."""
    assert operation(f"/Accounts/{ACCOUNT}/Messages/Special") == "Special"
    assert operation(f"/Accounts/{ACCOUNT}/Messages/special", "DELETE") == "Delete"


def test_allow() -> None:
    """The methods in order, HEAD among them where there is a GET."""
    messages = ROUTER.find(f"/Accounts/{ACCOUNT}/Messages")
    one = ROUTER.find(f"/Accounts/{ACCOUNT}/Messages/x")
    assert messages is not None
    assert one is not None
    assert (messages.allow, one.allow) == ("GET, HEAD, POST", "DELETE")


def test_where_nothing_is() -> None:
    """No account, half a path, an empty segment, a placeholder's own sign."""
    paths = (
        "/",
        "",
        "/Accounts",
        f"/Accounts/{ACCOUNT}",
        "/Accounts/AC1/Messages",
        "/Accounts/{AccountSid}/Messages",
        "/Accounts/*/Messages",
        "/Accounts///Messages",
        f"/Accounts/{ACCOUNT}/Messages/",
        f"/Accounts/{ACCOUNT}/Messages/.json",
        f"/Accounts/{ACCOUNT}/Messages/x/y",
    )
    assert [path for path in paths if ROUTER.find(path)] == []


def test_words_in_any_case() -> None:
    """Where a router says so; what fills a placeholder stays as it was written."""
    routes = [
        Route("GET", "/v1/Things/{Sid}", "Fetch", _nothing),
        Route("GET", "/v1/Things/Special", "Special", _nothing),
    ]
    router = Router(routes, suffix="", any_case=True)
    found = router.find("/V1/tHINGS/AbC")
    assert found is not None
    assert (found.routes["GET"].operation, found.params) == ("Fetch", {"Sid": "AbC"})
    special = router.find("/v1/things/SPECIAL")
    assert special is not None
    assert special.routes["GET"].operation == "Special"
    assert Router(routes, suffix="").find("/v1/things/x") is None


def test_another_name_of_a_first_segment() -> None:
    """All that is below one is below the other; the routes are listed once."""
    routes = [Route("GET", "/v1/Things", "List", _nothing)]
    router = Router(routes, aliases={"preview": "v1"})
    for path in ("/v1/Things", "/preview/Things"):
        found = router.find(path)
        assert found is not None
        assert found.routes["GET"].operation == "List"
    assert [route.path for route in router.routes] == ["/v1/Things"]
    assert router.find("/v2/Things") is None
