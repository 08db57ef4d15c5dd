"""A name server that is slow to say no is not asked for each callback."""

import socket
from typing import Any

import pytest

from mockserver.edge.outbound import connector
from mockserver.edge.outbound.connector import MOST_NAMES, CheckedResolver, Forbidden
from mockserver.edge.outbound.policy import Policy

HOST = "app.example.com"


class Nameserver:
    """Looks names up on a stopwatch of its own, which moves by as much as it takes."""

    def __init__(self) -> None:
        self.now = 100.0
        self.takes = 5.0
        self.address = ""
        self.asked: list[str] = []

    def elapsed(self) -> float:
        return self.now

    async def resolve(self, host: str, port: int, family: int) -> list[dict[str, Any]]:
        self.asked.append(host)
        self.now += self.takes
        if not self.address:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [{"host": self.address, "hostname": host, "port": port, "family": family}]

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def nameserver(monkeypatch: pytest.MonkeyPatch) -> Nameserver:
    nameserver = Nameserver()
    monkeypatch.setattr(connector, "ThreadedResolver", lambda: nameserver)
    return nameserver


@pytest.fixture
def resolver(nameserver: Nameserver) -> CheckedResolver:
    return CheckedResolver(Policy(), nameserver.elapsed)


async def in_vain(resolver: CheckedResolver, host: str = HOST) -> OSError:
    with pytest.raises(OSError) as refused:  # noqa: PT011 - which one is the question
        await resolver.resolve(host)
    return refused.value


async def test_a_slow_no_is_remembered(resolver: CheckedResolver, nameserver: Nameserver) -> None:
    """Ten times as long as it took; then the name is looked up again."""
    first = await in_vain(resolver)
    nameserver.now += 49.9
    assert str(await in_vain(resolver)) == str(first)
    assert nameserver.asked == [HOST]
    nameserver.now += 0.2
    await in_vain(resolver)
    assert nameserver.asked == [HOST, HOST]


async def test_a_quick_no_is_not(resolver: CheckedResolver, nameserver: Nameserver) -> None:
    """For longer than it matters: an application that comes up is found."""
    nameserver.takes = 0.003
    await in_vain(resolver)
    nameserver.now += 0.031
    nameserver.address = "127.0.0.1"
    [found] = await resolver.resolve(HOST)
    assert found["host"] == "127.0.0.1"


async def test_an_address_that_is_forbidden(
    resolver: CheckedResolver, nameserver: Nameserver
) -> None:
    """Is remembered with its verdict."""
    nameserver.address = "93.184.216.34"
    first, second = [await in_vain(resolver) for _ in range(2)]
    assert isinstance(second, Forbidden)
    assert second.outlying
    assert str(second) == str(first)
    assert len(nameserver.asked) == 1


async def test_no_longer_than_a_minute(resolver: CheckedResolver, nameserver: Nameserver) -> None:
    """However long the look-up took."""
    nameserver.takes = 30.0
    await in_vain(resolver)
    nameserver.now += 60.1
    await in_vain(resolver)
    assert len(nameserver.asked) == 2


async def test_what_was_found_is_looked_up(
    resolver: CheckedResolver, nameserver: Nameserver
) -> None:
    """Each time: how long that is known is for the connector."""
    nameserver.address = "127.0.0.1"
    assert [len(await resolver.resolve(HOST)) for _ in range(2)] == [1, 1]
    assert len(nameserver.asked) == 2


async def test_many_names(resolver: CheckedResolver, nameserver: Nameserver) -> None:
    """The oldest is forgotten."""
    for number in range(MOST_NAMES + 1):
        nameserver.takes = 5.0 if number == 0 else 0.0
        await in_vain(resolver, f"{number}.example.com")
    await in_vain(resolver, "0.example.com")
    assert nameserver.asked[-1] == "0.example.com"
