"""Our routes and schemas against the published description of messaging.twilio.com."""

import re
from typing import Any

from mockserver.edge.messaging import MODULES
from mockserver.world.schema_files import load

OURS = {"FetchDeactivationList"}
"""Operations that Twilio serves elsewhere."""

PAGES = frozenset({"Page", "PageSize", "PageToken"})
"""Of every list; the description leaves them out of one."""

ROUTES = [route for module in MODULES for route in module.ROUTES if route.operation not in OURS]


def _shape(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def test_every_operation_has_its_published_name(described: dict[str, Any]) -> None:
    """`operationId`, at the same method and path."""
    published = {
        (method.upper(), _shape(path)): operation["operationId"]
        for path, item in described["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict) and "operationId" in operation
    }
    assert ROUTES
    for route in ROUTES:
        assert published[route.method, _shape(route.path)] == route.operation
    unserved = set(published.values()) - {route.operation for route in ROUTES}
    assert unserved == {name for (_, path), name in published.items() if "LinkShort" in path}


def test_every_published_parameter_is_known(described: dict[str, Any]) -> None:
    """Our schema of each request names them all, and no more; what is required is, too."""
    judged = 0
    for item in described["paths"].values():
        for operation in (item.get("post"), item.get("get")):
            if operation is None or operation["operationId"] not in {r.operation for r in ROUTES}:
                continue
            wanted, required = _parameters(operation)
            if not wanted:
                continue
            ours = load(f"messaging/v1/{operation['operationId']}")
            pages = PAGES if operation["operationId"].startswith("List") else frozenset()
            assert set(ours["properties"]) == wanted | pages
            missing = {*ours.get("required", ()), *ours.get("x-problem-required", {})}
            if operation["operationId"] != "CreateService":
                assert missing == required
            judged += 1
    assert judged > 20


def _parameters(operation: dict[str, Any]) -> tuple[set[str], set[str]]:
    if "requestBody" not in operation:
        asked = [each for each in operation.get("parameters", ()) if each.get("in") == "query"]
        return {each["name"] for each in asked}, set()
    body = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    return set(body["properties"]), set(body.get("required", ()))
