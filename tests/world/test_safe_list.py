"""The safe list: added, found, removed."""

from typing import TYPE_CHECKING

from mockserver.domain.accounts import Account
from mockserver.world import safe_list

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld

NUMBER, OTHER = "+14155552671", Account("AC" + "9" * 32, "other")


async def test_a_numbers_time_on_the_list(make_world: "MakeWorld") -> None:
    """Added once however often; found by its own account only; gone when it is removed."""
    world = make_world("manual")
    box, first = world.sandbox, world.sandbox.accounts.first
    added = await safe_list.add(box, first, NUMBER)
    assert await safe_list.add(box, first, NUMBER) is added
    assert (added.account_sid, added.phone_number, added.sid[:2]) == (first.sid, NUMBER, "GN")
    assert safe_list.find(box, first, NUMBER) == added
    assert safe_list.find(box, OTHER, NUMBER) is None
    other = await safe_list.add(box, OTHER, NUMBER)
    assert other.sid != added.sid
    await safe_list.remove(box, added)
    assert safe_list.find(box, first, NUMBER) is None
    assert safe_list.find(box, OTHER, NUMBER) == other


async def test_sids_come_from_the_seed(make_world: "MakeWorld") -> None:
    """The same run makes the same ones, whatever the accounts are called."""
    worlds = [make_world("manual"), make_world("manual")]
    others = [OTHER, Account("AC" + "8" * 32, "other")]
    one, two = [
        await safe_list.add(world.sandbox, other, NUMBER)
        for world, other in zip(worlds, others, strict=True)
    ]
    assert one.sid == two.sid
