"""What can go wrong between a handle and its server. PYTEST_DONT_REWRITE"""

from collections.abc import Mapping
from typing import Any


class MockTwilioError(Exception):
    """The handle could not do what it was asked to; the base of the others."""


class ServerGone(MockTwilioError):
    """No server answers: it did not start, has ended, or is not where `url` says."""


class ControlError(MockTwilioError):
    """The control API refused a call.

    `type` is its word for the reason (`account_taken`, …), `document` the whole answer.
    """

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status, self.document = status, document
        error = document.get("error")
        self.type: str = error.get("type", "") if isinstance(error, Mapping) else ""
        self.details: Any = error.get("details") if isinstance(error, Mapping) else None
        said = error.get("message", "") if isinstance(error, Mapping) else ""
        super().__init__(f"{said or 'the mock server refused'} ({self.type or status})")
