"""The request's schema, and requests to check by it."""

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

from mockserver.domain.bulk.examine import Verdict, examine, finish
from mockserver.domain.bulk.gate import Gate
from mockserver.domain.bulk.records import Terms
from mockserver.world.schema_files import load

Check = Callable[..., Verdict]


@pytest.fixture(name="gate", scope="session")
def _gate() -> Gate:
    """The gate as a server makes it."""
    return Gate(load("comms/v1/SendMessages"), jsonschema_rs.Draft202012Validator)


@pytest.fixture(name="terms", scope="session")
def _terms() -> Terms:
    """2026-12-01T00:00:00Z, and seven days from it."""
    return Terms(1_796_083_200_000_000)


@pytest.fixture(name="check", scope="session")
def _check(gate: Gate, terms: Terms) -> Check:
    """`check(to=…, content=…)` is the verdict; what is not given is fine, `drop` leaves it out."""

    def check(drop: str = "", **fields: Any) -> Verdict:
        document = {
            "to": [{"address": "+14155552671", "channel": "PHONE"}],
            "content": {"text": "Ahoy"},
            **{name.rstrip("_"): value for name, value in fields.items()},
        }
        document.pop(drop, None)
        return finish(examine(document, gate, terms))

    return check
