"""A caller to notify.twilio.com, whose server checks its own answers and stands still."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

SERVICES = "/v1/Services"

AtNotify = Callable[..., Awaitable["Caller"]]


@dataclass
class Service:
    """One service, by a caller."""

    caller: "Caller"
    document: dict[str, Any]

    @property
    def sid(self) -> str:
        return str(self.document["sid"])

    @property
    def path(self) -> str:
        return f"{SERVICES}/{self.sid}"

    async def bind(self, identity: str = "Bob", **form: Any) -> dict[str, Any]:
        """What the create of a binding answers; a list is a parameter that is repeated."""
        asked = {"BindingType": "apn", "Address": "token", **form, "Identity": identity}
        return await self.caller.made(pairs(asked), f"{self.path}/Bindings")

    async def listed(self, what: str = "Bindings", query: str = "") -> dict[str, Any]:
        """A list of what is in the service."""
        answer = await self.caller.call("GET", f"{self.path}/{what}?{query}")
        assert answer.status == 200
        assert self.caller.journal[-1].warnings == []
        document: dict[str, Any] = answer.json
        return document


def pairs(form: dict[str, Any]) -> list[tuple[str, str]]:
    """A form of it; a list is a parameter that is repeated."""
    return [
        (name, each)
        for name, value in form.items()
        for each in (value if isinstance(value, list) else [value])
    ]


@pytest.fixture
def at_notify(serve: "Serve") -> AtNotify:
    """`await at_notify(strict_accounts=True)`: the caller, on such a server."""

    async def at_notify(**settings: Any) -> "Caller":
        caller = await serve(check_responses=True, clock="manual", seed=7, **settings)
        caller.host = "notify.twilio.com"
        return caller

    return at_notify


@pytest.fixture
async def notify(at_notify: AtNotify) -> "Caller":
    """The same with the usual settings."""
    return await at_notify()


@pytest.fixture
async def service(notify: "Caller") -> Service:
    """An empty service."""
    return Service(notify, await notify.made({}, SERVICES))
