"""A caller to accounts.twilio.com, whose server checks its own answers and stands still."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve


@pytest.fixture
async def accounts(serve: "Serve") -> "Caller":
    caller = await serve(check_responses=True, clock="manual", seed=7)
    caller.host = "accounts.twilio.com"
    return caller
