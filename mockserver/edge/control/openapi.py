"""The OpenAPI document of the control API, out of the table of routes and the schemas."""

import re
from collections.abc import Iterable
from typing import Any, Final

from mockserver.domain.version import __version__
from mockserver.edge.control.ask import Route
from mockserver.edge.control.filters import LIMIT, MOST
from mockserver.world.scenarios.checking import schema

Document = dict[str, Any]

PARAMETERS: Final[dict[str, Document]] = {
    "order": {"enum": ["asc", "desc"], "default": "asc"},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
    "cursor": {"type": "string", "description": "`next_cursor` of the page before."},
    "count": {"type": "integer", "minimum": 1, "default": 1},
    "timeout": {"type": "number", "minimum": 0, "default": 5},
    "canonical": {"enum": ["0", "1"], "default": "0"},
    "last_event_id": {"type": "integer", "description": "As the header Last-Event-ID."},
}
"""Schemas of query parameters; any other is a filter: text, repeated for any of."""

FILTER: Final[Document] = {"type": "array", "items": {"type": "string"}}


def document(routes: Iterable[Route]) -> Document:
    """OpenAPI 3.1; `routes` as they are served, each under every path it has."""
    paths: Document = {}
    used = {"Error"}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
        used |= {name for name in (route.answer, _component(route.body)) if name}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "twilio-mockserver control API",
            "version": __version__,
            "description": "Looks into a mock of Twilio's messaging APIs, and arranges it.",
        },
        "paths": paths,
        "components": {"schemas": {name: _schema(name) for name in sorted(used)}},
    }


_PARTS: Final = {
    "given": "Given",
    "delivery": "DeliveryRule",
    "faults": "FaultRule",
    "weather": "WeatherRule",
    "handsets": "HandsetRule",
    "store": "GivenStore",
    "cohort": "GivenCohort",
}
"""Bodies that are parts of a scenario."""


def _component(body: str) -> str:
    return _PARTS.get(body, body.removeprefix("control/"))


def _schema(name: str) -> Document:
    part = next((part for part, named in _PARTS.items() if named == name), f"control/{name}")
    return {key: value for key, value in schema(part).items() if key != "$schema"}


def _operation(route: Route) -> Document:
    body = _component(route.body)
    return {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "parameters": [*_placeholders(route.path), *map(_parameter, route.query)],
        **({"requestBody": {"content": _content(body) | _rows(route)}} if body else {}),
        "responses": {str(route.status): _answer(route), "4XX": _refusal()},
    }


def _rows(route: Route) -> Document:
    """The forms of a table."""
    text = {"schema": {"type": "string"}}
    return dict.fromkeys(("text/csv", "application/x-ndjson"), text) if route.rows else {}


def _operation_id(route: Route) -> str:
    words = re.findall(r"[a-z]+", route.path.removeprefix("/_mock"))
    return route.method.lower() + "".join(word.capitalize() for word in words)


def _placeholders(path: str) -> list[Document]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _parameter(name: str) -> Document:
    return {"name": name, "in": "query", "schema": PARAMETERS.get(name, FILTER)}


def _answer(route: Route) -> Document:
    said = {"description": route.summary}
    return {**said, "content": _content(route.answer)} if route.answer else said


def _refusal() -> Document:
    return {"description": "Refused.", "content": _content("Error")}


def _content(name: str) -> Document:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
