"""The commands of Messaging Services."""

from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TwilioError, problem
from mockserver.domain.faults import Scenario
from mockserver.domain.numbers import Service
from mockserver.domain.paging import PageAsk
from mockserver.world.clock import SEEDED_START, Mode
from mockserver.world.ports import Answer, Limits, Parcel
from mockserver.world.sandbox import House, Plan, Sandbox
from mockserver.world.schemas import Reading
from mockserver.world.snapshot import BadSnapshot, parse
from mockserver.world.store import MemoryStore
from mockserver.world.tables import Unit

OWN, OTHER = "AC" + "1" * 32, "AC" + "2" * 32
MG: Final = "MG" + "a" * 32


class Nobody:
    """A courier for a sandbox without messages."""

    async def deliver(self, parcel: Parcel, limits: Limits) -> Answer:
        raise NotImplementedError(parcel.url)

    async def close(self) -> None:
        """Nothing is open."""


class Kept(MemoryStore):
    """Counts units."""

    def __init__(self) -> None:
        self.units: list[Unit] = []

    async def commit(self, unit: Unit) -> None:
        self.units.append(unit)


def sandbox(store: MemoryStore | None = None, seed: int = 1) -> Sandbox:
    mode = Mode.parse("manual")
    plan = Plan("sb", Account(OWN, "token"), seed=seed, seed_given=True, mode=mode)
    return Sandbox(plan, House(Nobody(), store or MemoryStore()))


async def make(box: Sandbox, name: str = "x", account: Account | None = None) -> Service:
    reading = Reading({"FriendlyName": name})
    return await box.services.create(account or box.accounts.first, reading)


def document(box: Sandbox) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(box.snapshot()))
    return found


async def test_a_command_is_one_unit() -> None:
    """Make, change and delete; with what comes into being along the way."""
    store = Kept()
    box = sandbox(store)
    made = await make(box, account=Account(OTHER))
    changed = await box.services.update(made, Reading({"Usecase": "poll"}))
    await box.services.delete(changed)
    stranger = box.accounts.find(OTHER)
    assert [unit.rows for unit in store.units] == [
        [("accounts", OTHER, stranger), ("services", made.sid, made)],
        [("services", made.sid, changed)],
        [("services", made.sid, None), ("deleted", f"services {made.sid}", 0)],
    ]
    assert made == Service(
        made.sid, OTHER, friendly_name="x", created_at=SEEDED_START, updated_at=SEEDED_START
    )


async def test_refused() -> None:
    """What breaks its schema raises, and nothing is written."""
    store = Kept()
    box = sandbox(store)
    with pytest.raises(TwilioError):
        await box.services.create(box.accounts.first, Reading({}, (problem(21713), problem(21624))))
    assert (store.units, box.tables.services) == ([], {})


async def test_the_account_decides_who_finds_it() -> None:
    """Only its own."""
    box = sandbox()
    made = await make(box)
    assert box.services.find(box.accounts.first, made.sid) == made
    assert box.services.find(Account(OTHER), made.sid) is None
    assert box.services.find(box.accounts.first, MG) is None


async def test_a_sid_is_never_given_twice() -> None:
    """Also when one that the dice would give was set up, or was deleted."""
    first = (await make(sandbox())).sid
    box = sandbox()
    box.tables.services[first] = Service(first, OWN)
    made = [(await make(box)).sid for _ in range(3)]
    await box.services.delete(box.tables.services[made[0]])
    made += [(await make(box)).sid for _ in range(3)]
    assert len({first, *made}) == 7
    assert made[0] != (await make(sandbox(seed=2))).sid


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(1, 5))
async def test_pages_hold_everything_once(deleted: list[int], size: int) -> None:
    """From any page to the next and back, whatever was deleted before and meanwhile."""
    box, services = sandbox(), list[Service]()
    for number in range(12):
        services.append(await make(box, str(number)))
        await make(box, account=Account(OTHER))
    doomed = [services[n] for n in dict.fromkeys(deleted) if n < len(services)]
    ask, seen = PageAsk(0, size), list[Service]()
    while True:
        page, more = box.services.page(box.accounts.first, ask)
        if ask.after:
            back = PageAsk(0, size, before=page[0].sid) if page else ask
            before, _ = box.services.page(box.accounts.first, back)
            alive = [each for each in seen if each.sid in box.tables.services]
            assert before == (alive[-size:] if page else [])
        seen += page
        if doomed:
            gone = doomed.pop()
            await box.services.delete(gone)
        if not more:
            break
        ask = PageAsk(0, size, after=page[-1].sid)
    kept = [each for each in services[::-1] if each.sid in box.tables.services]
    assert [each for each in seen if each in kept] == kept
    assert len({each.sid for each in seen}) == len(seen)


async def test_a_token_of_no_service() -> None:
    """21481."""
    box = sandbox()
    for ask in (PageAsk(after=MG), PageAsk(before=MG)):
        with pytest.raises(TwilioError) as refused:
            box.services.page(box.accounts.first, ask)
        assert refused.value.code == 21481


async def test_snapshots_carry_them() -> None:
    """Those that are there and those that were: the same tokens lead to the same pages."""
    source, target = sandbox(), sandbox()
    made = [await make(source) for _ in range(4)]
    await source.services.delete(made[1])
    target.restore(parse(document(source)), Scenario(""))
    assert target.tables.services == source.tables.services
    assert target.tables.deleted["services"] == {made[1].sid: 1}
    page, _ = target.services.page(target.accounts.first, PageAsk(after=made[1].sid))
    assert page == made[:1]
    assert (await make(target)).sid not in {each.sid for each in made}


@pytest.mark.parametrize("change", [{"sid": "MG1"}, {"created_at": -1}, {"updated_at": 10**18}])
async def test_what_is_no_service(change: dict[str, Any]) -> None:
    """A snapshot with a SID or a time that there is not is refused."""
    box = sandbox()
    await make(box)
    kept = document(box)
    kept["services"][0] |= change
    with pytest.raises(BadSnapshot, match=r"services\[0\] is not a service"):
        parse(kept)
