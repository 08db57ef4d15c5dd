"""Messages of an account that is suspended while they are under way."""

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mockserver.domain.faults import Scenario
from mockserver.domain.rates import Rates
from mockserver.world import copying
from mockserver.world.ports import Fetched, Limits, Routes
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

SERVICE = "MG" + "a" * 32


def suspend(world: "World", status: str = "suspended") -> None:
    accounts = world.sandbox.accounts
    accounts.change(replace(accounts.first, status=status), Unit())


async def test_it_fails_when_it_would_be_sent(make_world: "MakeWorld") -> None:
    """With 30002, at that moment; a callback tells of it."""
    world = make_world("manual")
    message = await world.create(StatusCallback="http://localhost/")
    suspend(world)
    await world.advance(10)
    assert world.timeline(message) == [("queued", 0.0), ("failed", 0.1)]
    delivery = world.delivery(message)
    assert (delivery.error_code, delivery.steps, delivery.price) == (30002, (), "")
    assert world.app.statuses == ["failed"]


@pytest.mark.parametrize("clock", ["instant", "manual"])
async def test_scheduled_and_through_a_service(make_world: "MakeWorld", clock: str) -> None:
    """It is queued when its time comes, and fails then."""
    world = make_world(clock)
    message = await world.create(world.scheduled(3600))
    suspend(world)
    await world.advance(7200)
    statuses = [status for status, _ in world.timeline(message)]
    assert statuses == ["scheduled", "queued", "failed"]
    assert world.delivery(message).error_code == 30002


async def test_what_is_out_is_out(make_world: "MakeWorld") -> None:
    """One that has left is delivered."""
    world = make_world("manual")
    message = await world.create()
    await world.advance(0.3)
    suspend(world)
    await world.advance(10)
    assert (world.status(message), world.delivery(message).error_code) == ("delivered", 0)


@pytest.mark.parametrize("clock", ["instant", "manual"])
async def test_behind_a_queue(make_world: "MakeWorld", clock: str) -> None:
    """With rates too, a message of a service fails when its turn to go out comes."""
    world = make_world(clock)
    world.sandbox.regime.put(Scenario("", rates=Rates(enabled=True)), Unit())
    message = await world.create(world.scheduled(3600))
    suspend(world)
    await world.advance(7200)
    statuses = [status for status, _ in world.timeline(message)]
    assert statuses == ["scheduled", "queued", "failed"]
    assert world.delivery(message).error_code == 30002


async def test_at_once(make_world: "MakeWorld") -> None:
    """Also where a clock that waits for nothing takes several steps in one go."""
    for rates in (Rates(), Rates(enabled=True)):
        world = make_world("instant")
        world.sandbox.regime.put(Scenario("", rates=rates), Unit())
        suspend(world)
        message = await world.create({"From": "-", "MessagingServiceSid": SERVICE})
        await world.settled()
        statuses = [status for status, _ in world.timeline(message)]
        assert statuses == ["accepted", "queued", "failed"]


async def test_reactivated_in_time(make_world: "MakeWorld") -> None:
    """What was not due meanwhile goes as if nothing had been."""
    world = make_world("manual")
    waiting = await world.create(world.scheduled(3600))
    suspend(world)
    await world.advance(1800)
    suspend(world, "active")
    await world.advance(7200)
    assert world.status(waiting) == "delivered"


async def test_others_go_on(make_world: "MakeWorld") -> None:
    """Only that account's messages are stopped."""
    world = make_world("manual")
    message = await world.create()
    world.sandbox.accounts.barred.add("AC" + "9" * 32)
    await world.advance(10)
    assert world.status(message) == "delivered"


async def test_after_a_reset(make_world: "MakeWorld") -> None:
    """The engine asks the accounts that there are then."""
    world = make_world("manual")
    suspend(world)
    copying.reset(world.sandboxes, world.sandbox)
    message = await world.create()
    await world.advance(10)
    assert world.status(message) == "delivered"
    suspend(world)
    later = await world.create(Body="later")
    await world.advance(10)
    assert world.status(later) == "failed"


class Host:
    """Where a picture lies."""

    async def fetch(self, url: str, limits: Limits, most: int, routes: Routes = ()) -> Fetched:
        return Fetched(200, "image/png", "", b"\x89PNG\r\n\x1a\n" + bytes(40))


async def test_with_media(make_world: "MakeWorld") -> None:
    """It waits for its media, and fails then; another account's goes."""
    world = make_world("manual", fetcher=Host())
    message = await world.create(MediaUrl="http://localhost/a.png")
    suspend(world)
    await world.advance(10)
    assert [status for status, _ in world.timeline(message)] == ["queued", "failed"]
    assert world.delivery(message).error_code == 30002
    suspend(world, "active")
    later = await world.create(MediaUrl="http://localhost/b.png")
    await world.advance(10)
    assert world.status(later) == "delivered"
