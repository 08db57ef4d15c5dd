"""Filings in the tables: what a command writes, and whose they are."""

from typing import Any, Final

import msgspec
import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TwilioError
from mockserver.domain.faults import Given, GivenService, Scenario
from mockserver.domain.filings import BRAND, CAMPAIGN, DECIDED, VERIFICATION, Filing
from mockserver.domain.paging import PageAsk
from mockserver.world.clock import SEEDED_START, Mode
from mockserver.world.filings import Filings, registered
from mockserver.world.ports import Answer, Limits, Parcel
from mockserver.world.sandbox import House, Plan, Sandbox
from mockserver.world.snapshot import BadSnapshot, parse
from mockserver.world.store import MemoryStore
from mockserver.world.tables import Unit

OWN, STRANGER = "AC" + "1" * 32, Account("AC" + "2" * 32)
MG, OTHER = "MG" + "a" * 32, "MG" + "b" * 32
FORM: Final = {"UsAppToPersonUsecase": "2FA", "BrandRegistrationSid": "BN" + "0" * 32}


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
    given = Given(services=(GivenService(MG), GivenService(OTHER)))
    plan = Plan(
        "sb",
        Account(OWN, "token"),
        seed=seed,
        seed_given=True,
        mode=Mode.parse("manual"),
        scenario=Scenario("", given=given),
    )
    return Sandbox(plan, House(Nobody(), store or MemoryStore()))


async def campaign(box: Sandbox, sid: str = MG) -> Filing:
    service, own = box.tables.services[sid], box.accounts.first
    return await Filings(box).file_campaign(own, service, FORM, strict=False)


async def test_each_command_is_one_unit() -> None:
    """The filing as it is then; with the first, its account."""
    store = Kept()
    box = sandbox(store)
    filings = Filings(box)
    made = await filings.file(STRANGER, BRAND, {"Mock": False})
    changed = await filings.hand_in(made, {"Mock": True})
    await filings.withdraw(changed)
    account = box.accounts.find(STRANGER.sid)
    assert [unit.rows for unit in store.units] == [
        [("accounts", STRANGER.sid, account), ("filings", made.sid, made)],
        [("filings", made.sid, changed)],
        [("filings", made.sid, None), ("deleted", f"filings {made.sid}", 0)],
    ]
    now = SEEDED_START
    assert made == Filing(made.sid, STRANGER.sid, {"Mock": False}, "", now, now)
    assert changed.form == {"Mock": True}


async def test_refused() -> None:
    """Nothing is written."""
    store = Kept()
    box = sandbox(store)
    with pytest.raises(TwilioError):
        await Filings(box).file_campaign(
            box.accounts.first, box.tables.services[MG], FORM, strict=True
        )
    assert (store.units, box.tables.filings) == ([], {})


async def test_whose() -> None:
    """Found by its account, as what it is, and of what it is."""
    box = sandbox()
    made, filings, own = await campaign(box), Filings(box), box.accounts.first
    assert filings.one(own, made.sid, CAMPAIGN, MG) == made
    assert filings.one(STRANGER, made.sid, CAMPAIGN, MG) is None
    assert filings.one(own, made.sid, CAMPAIGN, OTHER) is None
    assert filings.one(own, made.sid, BRAND, MG) is None
    assert filings.one(own, "QE" + "0" * 32, CAMPAIGN, MG) is None
    assert filings.campaign(box.tables.services[MG]) == made
    assert filings.campaign(box.tables.services[OTHER]) is None


async def test_kinds_are_listed_apart() -> None:
    """Newest first, each by itself."""
    box = sandbox()
    filings, own = Filings(box), box.accounts.first
    made = [await filings.file(own, kind, {}) for kind in (BRAND, VERIFICATION, BRAND)]
    assert len({each.sid for each in made}) == 3
    assert filings.of_kind(own, PageAsk(), BRAND) == ([made[2], made[0]], False)
    assert filings.of_kind(own, PageAsk(), VERIFICATION) == ([made[1]], False)
    assert filings.of_kind(STRANGER, PageAsk(), BRAND) == ([], False)


async def test_registered() -> None:
    """A service is, once its own campaign is verified."""
    box = sandbox()
    await campaign(box)
    mine, other = (box.tables.services[sid] for sid in (MG, OTHER))
    assert not registered(box.tables, mine, SEEDED_START + DECIDED - 1)
    assert registered(box.tables, mine, SEEDED_START + DECIDED)
    assert not registered(box.tables, other, SEEDED_START + DECIDED)


async def test_a_campaign_goes_with_its_service() -> None:
    """And nothing else does; its SID is not given again."""
    box = sandbox()
    mine, other = await campaign(box), await campaign(box, OTHER)
    brand = await Filings(box).file(box.accounts.first, BRAND, {})
    await box.services.delete(box.tables.services[MG])
    assert box.tables.filings == {other.sid: other, brand.sid: brand}
    assert mine.sid in box.tables.deleted["filings"]


async def test_the_same_seed_files_the_same() -> None:
    """By kind and ordinal."""
    first, second, third = sandbox(), sandbox(), sandbox(seed=2)
    await Filings(second).file(second.accounts.first, BRAND, {})
    assert (await campaign(first)).sid == (await campaign(second)).sid
    assert (await campaign(third)).sid not in first.tables.filings


@pytest.mark.parametrize("change", [{"sid": "XX" + "a" * 32}, {"sid": "QE1"}, {"updated_at": -1}])
async def test_what_is_no_filing(change: dict[str, Any]) -> None:
    """A snapshot that holds it is refused."""
    box = sandbox()
    await campaign(box)
    kept: dict[str, Any] = msgspec.to_builtins(box.snapshot())
    restored = parse(kept)
    assert restored.filings[0].form == FORM
    kept["filings"][0] |= change
    with pytest.raises(BadSnapshot, match=r"filings\[0\]"):
        parse(kept)
