"""Fetches side by side: not too many, each can be given up, and one can wait for all."""

import asyncio
from dataclasses import dataclass, field

import pytest

from mockserver.world.downloads import SLOTS, Downloads


@dataclass
class Host:
    """Answers when its gate is open."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    begun: list[tuple[str, int]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    most: int = 0

    async def fetch(self, sid: str, at: int) -> None:
        self.begun.append((sid, at))
        self.most = max(self.most, len(self.begun) - len(self.done))
        await self.gate.wait()
        self.done.append(sid)
        if sid == "broken":
            raise KeyError(sid)


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_not_too_many_at_once() -> None:
    """The others wait their turn: first come, first served; each once."""
    host = Host()
    downloads = Downloads(host.fetch)
    names = [f"MM{number}" for number in range(3 * SLOTS)]
    for place, sid in enumerate(names):
        downloads.start(sid, place)
        downloads.start(sid, 99)
    await turns()
    assert (len(host.begun), downloads.count) == (SLOTS, 3 * SLOTS)
    host.gate.set()
    await downloads.drained()
    assert host.begun == [(sid, place) for place, sid in enumerate(names)]
    assert (host.done, host.most, downloads.idle) == (names, SLOTS, True)


async def test_idle() -> None:
    """While something is fetched it is not; nobody waits for nothing."""
    host = Host()
    downloads = Downloads(host.fetch)
    states = [downloads.idle]
    await downloads.drained()
    downloads.start("MM1", 0)
    states.append(downloads.idle)
    host.gate.set()
    await downloads.drained()
    assert [*states, downloads.idle] == [True, False, True]


async def test_giving_one_up() -> None:
    """Whether it runs or waits; the next one gets its slot."""
    host = Host()
    downloads = Downloads(host.fetch)
    for number in range(SLOTS + 2):
        downloads.start(f"MM{number}", 0)
    await turns()
    downloads.cancel("MM0")
    downloads.cancel(f"MM{SLOTS}")
    downloads.cancel("MM999")
    await turns()
    assert host.begun[-1] == (f"MM{SLOTS + 1}", 0)
    host.gate.set()
    await downloads.drained()
    assert host.done == [f"MM{number}" for number in (*range(1, SLOTS), SLOTS + 1)]


async def test_giving_all_up() -> None:
    """Those who wait are told."""
    host = Host()
    downloads = Downloads(host.fetch)
    for number in range(2 * SLOTS):
        downloads.start(f"MM{number}", 0)
    waiting = asyncio.create_task(downloads.drained())
    await turns()
    downloads.stop()
    async with asyncio.timeout(20):
        await waiting
    assert (host.done, downloads.idle) == ([], True)


async def test_a_defect_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """And keeps nobody waiting."""
    host = Host()
    host.gate.set()
    downloads = Downloads(host.fetch)
    downloads.start("broken", 0)
    downloads.start("MM1", 0)
    await downloads.drained()
    assert host.done == ["broken", "MM1"]
    assert "fetching the media of broken broke the mock" in caplog.text
