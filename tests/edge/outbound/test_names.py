"""Names that look like ones on the internet are looked up with patience, but not for ever."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from mockserver.edge.outbound.names import MOST_REMEMBERED, Names, is_outside
from mockserver.edge.outbound.policy import Policy
from mockserver.world.ports import Outlying

HOST = "images.example.com"


class Nameserver:
    """What the system says to a look-up: an address, an error, or nothing for a long time."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.known: set[str] = set()
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, host: str, *_: Any, **__: Any) -> list[Any]:
        self.asked.append(host)
        assert self.gate.wait(20)
        if host not in self.known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]


@pytest.fixture
def nameserver(monkeypatch: pytest.MonkeyPatch) -> Nameserver:
    nameserver = Nameserver()
    monkeypatch.setattr(socket, "getaddrinfo", nameserver)
    return nameserver


@pytest.fixture
async def names() -> AsyncIterator[Callable[..., Names]]:
    made: list[Names] = []

    def make(*allow: str, patience: float = 20.0) -> Names:
        made.append(Names(Policy(allow), patience))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize(
    ("host", "outside"),
    [
        ("example.com", True),
        ("images.example.com.", True),
        ("cat.png.co.uk", True),
        ("localhost", False),
        ("app", False),
        ("app.", False),
        ("app.local", False),
        ("app.localhost", False),
        ("host.docker.internal", False),
        ("media.example", False),
        ("media.test", False),
        ("media.invalid", False),
        ("127.0.0.1", False),
        ("2001:db8::1.2.3.4", False),
    ],
)
def test_what_looks_like_the_internet(host: str, outside: bool) -> None:
    """A name with a dot, not under one of those that are kept for other uses."""
    assert is_outside(host) is outside


async def test_a_name_that_is_known(names: Callable[..., Names], nameserver: Nameserver) -> None:
    """Is for the policy to judge, by its address."""
    nameserver.known = {HOST}
    await names().check(HOST)
    assert nameserver.asked == [HOST]


async def test_a_name_that_nobody_knows(
    names: Callable[..., Names], nameserver: Nameserver
) -> None:
    """Counts as one on the internet, and is not looked up again soon."""
    asked = names()
    for _ in range(3):
        with pytest.raises(Outlying) as told:
            await asked.check(HOST)
        assert told.value.host == HOST
    assert nameserver.asked == [HOST]


async def test_names_that_are_not_looked_up(
    names: Callable[..., Names], nameserver: Nameserver
) -> None:
    """Those at home, and those that were allowed."""
    for host in ("localhost", "app.test", "127.0.0.1", HOST):
        await names(HOST).check(host)
    await names("*").check("example.org")
    assert nameserver.asked == []


async def test_no_answer(names: Callable[..., Names], nameserver: Nameserver) -> None:
    """Without a network there may never be one: that is the same as none."""
    nameserver.gate.clear()
    asked = names(patience=0.01)
    try:
        with pytest.raises(Outlying):
            await asked.check(HOST)
    finally:
        nameserver.gate.set()


async def test_one_look_up_for_all(names: Callable[..., Names], nameserver: Nameserver) -> None:
    """Who asks meanwhile waits for the same."""
    nameserver.known = {HOST}
    nameserver.gate.clear()
    asked = names()
    checks = [asyncio.create_task(asked.check(HOST)) for _ in range(20)]
    for _ in range(10):
        await asyncio.sleep(0)
    nameserver.gate.set()
    await asyncio.gather(*checks)
    assert nameserver.asked == [HOST]


async def test_names_are_forgotten(names: Callable[..., Names], nameserver: Nameserver) -> None:
    """The oldest, once there are too many."""
    asked = names()
    hosts = [f"n{number}.example.com" for number in range(MOST_REMEMBERED + 1)]
    for host in (*hosts, hosts[1], hosts[0]):
        with pytest.raises(Outlying):
            await asked.check(host)
    assert nameserver.asked == [*hosts, hosts[0]]
