"""Our routes and schemas against the published description of events.twilio.com."""

import re
from typing import Any

from mockserver.edge.events import MODULES
from mockserver.world.schema_files import load

OURS = {"FetchSchemaDocument"}
"""What Twilio has at another host."""

OLDER = {"UpdateSubscription": {"SinkSid"}}
"""Parameters of older descriptions."""

WITHOUT_CODE = {"CreateSubscription": {"Types"}}
"""Required, but what is missing has a code of its own."""

ROUTES = [route for module in MODULES for route in module.ROUTES if route.operation not in OURS]


def _shape(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def test_every_operation_is_served(described: dict[str, Any]) -> None:
    """By its `operationId`, at its method and path."""
    published = {
        (method.upper(), _shape(path)): operation["operationId"]
        for path, item in described["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict) and "operationId" in operation
    }
    assert {(r.method, _shape(r.path)): r.operation for r in ROUTES} == published
    assert len(published) == 22


def test_every_parameter_is_known(described: dict[str, Any]) -> None:
    """Our schema of each request names them all, and no more; what is required is, too."""
    judged = 0
    for item in described["paths"].values():
        for operation in (item.get("post"), item.get("get")):
            name = operation["operationId"] if operation else ""
            wanted, required = _parameters(operation or {})
            if not wanted:
                continue
            ours = load(f"events/v1/{name}")
            assert set(ours["properties"]) == wanted | OLDER.get(name, set())
            assert set(ours.get("required", ())) == required - WITHOUT_CODE.get(name, set())
            judged += 1
    assert judged == 12


def _parameters(operation: dict[str, Any]) -> tuple[set[str], set[str]]:
    asked = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
    if "requestBody" not in operation:
        return asked, set()
    body = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    return set(body["properties"]), set(body.get("required", ()))


def test_kinds_and_statuses(described: dict[str, Any]) -> None:
    """Of sinks, in our schemas of requests and answers."""
    published = described["components"]["schemas"]
    sink = load("events/v1/Sink")["properties"]
    kinds, statuses = (published[f"sink_enum_{name}"]["enum"] for name in ("sink_type", "status"))
    ours = sink["sink_type"]["enum"]
    assert [kind for kind in ours if kind != "eventbridge"] == kinds  # that one is not described
    assert load("events/v1/CreateSink")["properties"]["SinkType"]["enum"] == ours
    assert sink["status"]["enum"] == statuses
