"""Redirects of a callback."""

from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from mockserver.edge.outbound.courier import HttpCourier
from mockserver.world.ports import Limits, Parcel, Unreachable

if TYPE_CHECKING:
    from tests.edge.outbound.conftest import Receiver

Make = Callable[..., Parcel]


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_redirect_turns_into_a_get(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits, status: int
) -> None:
    """Without the form fields; the headers told are those of the request that was answered."""
    receiver.answers = [receiver.answer(f"{status} Found", "Location: /next?y=1#there")]
    result = await courier.deliver(parcel(f"{receiver.url}/first"), limits)
    first, second = receiver.requests
    assert first.startswith(b"POST /first ")
    assert second.startswith(b"GET /next?y=1 HTTP/1.1\r\n")
    assert second.endswith(b"\r\n\r\n")
    assert list(result.sent_headers) == receiver.headers_of(second)
    assert (result.status, result.error_code) == (204, 0)


async def test_a_redirect_may_hold_foreign_letters(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """A `Location` is UTF-8, encoded when it is followed."""
    receiver.answers = [
        receiver.answer("302 Found", f"Location: /{'ü'.encode().decode('latin-1')}")
    ]
    await courier.deliver(parcel(receiver.url), limits)
    assert receiver.requests[1].startswith(b"GET /%C3%BC HTTP/1.1\r\n")


async def test_one_redirect_keeps_method_and_form(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """307 sends the same again."""
    receiver.answers = [receiver.answer("307 Again", f"Location: {receiver.url}/next")]
    await courier.deliver(parcel(f"{receiver.url}/first", ("A", "1")), limits)
    first, second = receiver.requests
    assert second == first.replace(b"/first", b"/next")


@pytest.mark.parametrize("status", [300, 304, 305, 306, 308])
async def test_other_redirects_are_not_followed(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits, status: int
) -> None:
    """Not 308 either, with which Flask mends a missing slash: 11216."""
    receiver.answers = [receiver.answer(f"{status} There", f"Location: {receiver.url}/next")]
    result = await courier.deliver(parcel(receiver.url), limits)
    assert (result.status, result.error_code, len(receiver.requests)) == (status, 11216, 1)


async def test_an_answer_without_an_end_is_none(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """Only a 2xx is a success: who wants to speak another protocol (101) has taken nothing."""
    receiver.answers = [b"HTTP/1.1 101 Over\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"]
    result = await courier.deliver(parcel(receiver.url), limits)
    assert (result.status, result.error_code) == (101, 11200)


async def test_ten_redirects_are_followed_and_no_more(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """The eleventh is alert 11215."""
    hop = receiver.answer("302 Found", "Location: /again")
    receiver.answers = [hop] * 10
    assert (await courier.deliver(parcel(receiver.url), limits)).error_code == 0
    receiver.answers = [hop] * 11
    result = await courier.deliver(parcel(receiver.url), limits)
    assert (result.status, result.error_code) == (302, 11215)
    assert len(receiver.requests) == 22


@pytest.mark.parametrize(
    "header",
    [
        "X-None: 1",
        "Location:",
        "Location: ftp://h/",
        "Location: http://[",
        "Location: /a b",
        "Location: http://a..b/",
        "Location: http://h:0/",
    ],
)
async def test_a_redirect_to_nowhere_is_an_alert(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits, header: str
) -> None:
    """No `Location`, or one that is no URL: 11216."""
    receiver.answers = [receiver.answer("302 Found", header)]
    result = await courier.deliver(parcel(receiver.url), limits)
    assert (result.status, result.error_code) == (302, 11216)


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest/", "http://8.8.8.8/", "http://[::ffff:8.8.8.8]/"]
)
async def test_a_redirect_is_checked_like_a_url(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits, location: str
) -> None:
    """An application cannot lead the mock to where it may not go."""
    receiver.answers = [receiver.answer("307 Again", f"Location: {location}")]
    with pytest.raises(Unreachable) as problem:
        await courier.deliver(parcel(receiver.url), limits)
    assert problem.value.phase == "refused"
    assert list(problem.value.sent_headers) == receiver.headers_of(receiver.requests[0])


async def test_a_password_stays_with_its_origin(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """The same origin gets it again; another one does not, unless its URL has its own."""
    there = f"127.0.0.1:{receiver.port}"
    hops = (f"http://{there}/a", f"http://localhost:{receiver.port}/b", f"http://v:w@{there}/c")
    receiver.answers = [receiver.answer("307 Again", f"Location: {hop}") for hop in hops]
    await courier.deliver(parcel(f"http://u:p@{there}/"), limits)
    sent = [
        dict(receiver.headers_of(request)).get("Authorization") for request in receiver.requests
    ]
    first, last = (f"Basic {b64encode(pair).decode()}" for pair in (b"u:p", b"v:w"))
    assert sent == [first, first, None, last]
