"""Every answer that the official client gets is held against the published description."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft4Validator

if TYPE_CHECKING:
    from tests.contract.conftest import Exchange, ToMock

OAI = Path(__file__).parents[4] / "shared/oai/twilio_messaging_v1.json"

ELSEWHERE = "/v1/Deactivations/"
"""Where files lie that Twilio has at another host."""


@cache
def description() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(OAI.read_text(encoding="utf-8"))
    return document


def _plain(schema: Any) -> Any:
    """The description's `nullable` becomes what JSON Schema has for it."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _plain(description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    plain = {name: _plain(part) for name, part in schema.items() if name != "nullable"}
    if "enum" in plain and schema.get("nullable"):
        plain["enum"] = [*plain["enum"], None]
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain


def _path(url: str) -> str:
    """The described path that a URL is an instance of; literal segments win."""
    asked = urlsplit(url).path
    for path in sorted(description()["paths"], key=lambda each: each.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), asked):
            return str(path)
    raise AssertionError(f"no described path for {url}")


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    """Of a record; of a campaign's two versions, those of the first."""
    found: dict[str, Any] = schema["oneOf"][0] if "oneOf" in schema else schema
    properties: dict[str, Any] = found["properties"]
    return properties


def judge(exchange: "Exchange") -> None:
    """Status and body are as described; no key is missing or too many, in lists neither."""
    operation = description()["paths"][_path(exchange.url)][exchange.method.lower()]
    assert str(exchange.status_code) in operation["responses"], exchange
    answer = operation["responses"][str(exchange.status_code)]
    if "content" not in answer:
        assert not exchange.text
        return
    schema = _plain(answer["content"]["application/json"]["schema"])
    document = json.loads(exchange.text)
    Draft4Validator(schema).validate(document)
    assert set(document) == set(_properties(schema))
    if "meta" in document:
        key = document["meta"]["key"]
        own = set(_properties(schema["properties"][key]["items"]))
        assert all(set(record) == own for record in document[key])
        assert set(document["meta"]) == set(schema["properties"]["meta"]["properties"])


@pytest.fixture(autouse=True)
def published(http: "ToMock") -> Iterator[None]:
    """Afterwards, all that was answered to the client of a test and was no refusal."""
    yield
    if OAI.exists():
        for exchange in http.exchanges:
            described = "messaging.twilio.com" in exchange.url and ELSEWHERE not in exchange.url
            if exchange.status_code < 400 and described:
                judge(exchange)


@pytest.fixture(scope="session")
def described() -> dict[str, Any]:
    """The published description, or the test is skipped."""
    if not OAI.exists():
        pytest.skip(f"the published description is not here: {OAI.name}")
    return description()
