"""Every answer that the official client gets is held against the published descriptions."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft4Validator

if TYPE_CHECKING:
    from tests.contract.conftest import Exchange, ToMock

OAI = Path(__file__).parents[4] / "shared/oai"


@cache
def description(version: str) -> dict[str, Any]:
    """Of `v1` or `v2`."""
    document: dict[str, Any] = json.loads((OAI / f"twilio_content_{version}.json").read_text())
    return document


def _plain(schema: Any, root: Any) -> Any:
    """The description's `nullable` becomes what JSON Schema has for it."""
    if isinstance(schema, list):
        return [_plain(part, root) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _plain(root["components"]["schemas"][name], root)
    plain = {name: _plain(part, root) for name, part in schema.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain


def judge(exchange: "Exchange") -> str:
    """Status and body are as described, no key missing or too many; version and operation."""
    path = urlsplit(exchange.url).path
    version = path.split("/")[1]
    root = description(version)
    [found] = [
        each for each in root["paths"] if re.fullmatch(re.sub(r"{\w+}", "[^/]+", each), path)
    ]
    operation = root["paths"][found][exchange.method.lower()]
    name = f"{version}.{operation['operationId']}"
    answer = operation["responses"][str(exchange.status_code)]
    if "content" not in answer:
        assert not exchange.text
        return name
    schema = _plain(answer["content"]["application/json"]["schema"], root)
    document = json.loads(exchange.text)
    Draft4Validator(schema).validate(document)
    assert set(document) == set(schema["properties"])
    if "meta" in document:
        own = set(schema["properties"]["contents"]["items"]["properties"])
        assert all(set(record) == own for record in document["contents"])
        assert set(document["meta"]) == set(schema["properties"]["meta"]["properties"])
    return name


@pytest.fixture
def described() -> Callable[[str], dict[str, Any]]:
    """`described("v1")`: the published description, or the test is skipped."""
    if not OAI.exists():
        pytest.skip(f"the published descriptions are not here: {OAI.name}")
    return description


@pytest.fixture(autouse=True)
def judged(http: "ToMock") -> Iterator[Callable[[], set[str]]]:
    """Judges, also afterwards, all that was answered to the client and was no refusal."""

    def judged() -> set[str]:
        return {
            judge(exchange)
            for exchange in http.exchanges
            if exchange.status_code < 400 and "content.twilio.com" in exchange.url
        }

    yield judged
    if OAI.exists():
        judged()
