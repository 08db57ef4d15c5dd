"""Cookies of a conversation, on their way back to the application."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mockserver.edge.outbound.courier import HttpCourier
from mockserver.world.ports import Limits, Parcel

if TYPE_CHECKING:
    from tests.edge.outbound.conftest import Receiver

Make = Callable[..., Parcel]


def cookies(receiver: "Receiver") -> list[str | None]:
    """The header of each request, as it came."""
    return [dict(receiver.headers_of(each)).get("Cookie") for each in receiver.requests]


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_cookie_is_sent_behind_accept(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits, method: str
) -> None:
    """As it is, once; the journal is told of it like of any header."""
    sent = replace(parcel(receiver.url, method=method), cookie="a=1; b=x y")
    result = await courier.deliver(sent, limits)
    headers = receiver.headers_of(receiver.requests[0])
    assert [name for name, _ in headers][:4] == ["Host", "User-Agent", "Accept", "Cookie"]
    assert headers[3] == ("Cookie", "a=1; b=x y")
    assert list(result.sent_headers) == headers


async def test_a_cookie_stays_with_its_origin(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """It goes along with a redirect there, to no other host, and not back from one."""
    other = f"http://localhost:{receiver.port}/other"
    receiver.answers = [
        receiver.answer("307 Temporary Redirect", f"Location: {location}")
        for location in ("/next", other, f"{receiver.url}/back")
    ]
    await courier.deliver(replace(parcel(f"{receiver.url}/first"), cookie="a=1"), limits)
    assert cookies(receiver) == ["a=1", "a=1", None, None]


async def test_without_a_cookie_there_is_no_header(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """Neither is one kept from an answer to another callback."""
    receiver.answers = [receiver.answer("200 OK", "Set-Cookie: a=b")]
    for _ in range(2):
        await courier.deliver(parcel(receiver.url), limits)
    assert cookies(receiver) == [None, None]
