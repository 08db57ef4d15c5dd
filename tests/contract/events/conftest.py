"""Every answer that the official client gets is held against the published description."""

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

OAI = Path(__file__).parents[4] / "shared/oai/twilio_events_v1.json"


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
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain


def _path(url: str) -> str:
    """The described path that a URL is an instance of; literal segments win."""
    asked = urlsplit(url).path
    for path in sorted(description()["paths"], key=lambda each: each.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), asked):
            return str(path)
    raise AssertionError(f"no described path for {url}")


def judge(exchange: "Exchange") -> str:
    """Status and body are as described, no key missing or too many; the operation's id."""
    operation = description()["paths"][_path(exchange.url)][exchange.method.lower()]
    assert str(exchange.status_code) in operation["responses"], exchange
    answer = operation["responses"][str(exchange.status_code)]
    if "content" not in answer:
        assert not exchange.text
        return str(operation["operationId"])
    schema = _plain(answer["content"]["application/json"]["schema"])
    document = json.loads(exchange.text)
    Draft4Validator(schema).validate(document)
    assert set(document) == set(schema["properties"])
    if "meta" in document:
        key = document["meta"]["key"]
        own = set(schema["properties"][key]["items"]["properties"])
        assert all(set(record) == own for record in document[key])
        assert set(document["meta"]) == set(schema["properties"]["meta"]["properties"])
    return str(operation["operationId"])


Judging = Callable[[], set[str]]


@pytest.fixture
def judging(http: "ToMock") -> Judging:
    """`judging()` judges all that was answered to the test's client and was no refusal."""
    return lambda: {judge(each) for each in http.exchanges if each.status_code < 400}


@pytest.fixture(autouse=True)
def _every_answer(judging: Judging) -> Iterator[None]:
    """Afterwards, whatever a test asked."""
    yield
    if OAI.exists():
        judging()


@pytest.fixture(scope="session")
def described() -> dict[str, Any]:
    """The published description, or the test is skipped."""
    if not OAI.exists():
        pytest.skip(f"the published description is not here: {OAI.name}")
    return description()
