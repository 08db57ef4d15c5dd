"""A caller to oauth.twilio.com, who says who it is in bodies, on a clock that stands still."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve


@pytest.fixture
async def oauth(serve: "Serve") -> "Caller":
    caller = await serve(check_responses=True, clock="manual", seed=7)
    caller.host, caller.auth = "oauth.twilio.com", None
    return caller
