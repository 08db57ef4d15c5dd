"""A caller to messaging.twilio.com, whose server checks its own answers and stands still."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

EVERYTHING: Final = {
    "FriendlyName": "\u00e9\u2713 \U0001f600",
    "InboundRequestUrl": "https://example.com/in",
    "InboundMethod": "GET",
    "FallbackUrl": "HTTP://example.com/back?a=b",
    "FallbackMethod": "GET",
    "StatusCallback": "https://example.com/status",
    "StickySender": "false",
    "MmsConverter": "False",
    "SmartEncoding": "false",
    "ScanMessageContent": "disable",
    "FallbackToLongCode": "false",
    "AreaCodeGeomatch": "false",
    "ValidityPeriod": "600",
    "SynchronousValidation": "true",
    "Usecase": "marketing",
    "UseInboundWebhookOnNumber": "true",
}
"""A value for each parameter, none of them its default."""


def snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)[1:]


AtMessaging = Callable[..., Awaitable["Caller"]]


@pytest.fixture
def at_messaging(serve: "Serve") -> AtMessaging:
    """`await at_messaging(strict_accounts=True)`: the caller, on such a server."""

    async def at_messaging(**settings: Any) -> "Caller":
        caller = await serve(check_responses=True, clock="manual", seed=7, **settings)
        caller.host = "messaging.twilio.com"
        return caller

    return at_messaging


@pytest.fixture
async def services(at_messaging: AtMessaging) -> "Caller":
    """The same with the usual settings."""
    return await at_messaging()


@pytest.fixture
def everything() -> dict[str, str]:
    """A value for each parameter of a service, none of them its default."""
    return dict(EVERYTHING)
