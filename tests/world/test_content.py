"""Content templates in the tables, and WhatsApp's review of them on the clock."""

from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.content import ContentTemplate
from mockserver.domain.content.review import submission_of
from mockserver.domain.content.search import Search
from mockserver.domain.errors import TwilioError
from mockserver.domain.faults import Given, GivenTemplate, Scenario
from mockserver.domain.paging import PageAsk
from mockserver.world.clock import SEEDED_START
from mockserver.world.snapshot import BadSnapshot, parse
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

STRANGER = Account("AC" + "2" * 32)
TEXT: dict[str, Any] = {"language": "en", "types": {"twilio/text": {"body": "Hi {{1}}!"}}}
SAMPLED = {**TEXT, "variables": {"1": "Ada"}}
REQUEST = {"name": "invitation", "category": "UTILITY"}


class Kept:
    """Keeps units."""

    durable: Final = True

    def __init__(self) -> None:
        self.units: list[Unit] = []

    async def commit(self, unit: Unit) -> None:
        self.units.append(unit)


async def made(world: "World", **changes: Any) -> ContentTemplate:
    box = world.sandbox
    return await box.templates.create(box.accounts.first, {**SAMPLED, **changes})


async def submitted(world: "World", name: str = "invitation", **changes: Any) -> ContentTemplate:
    template = await made(world, **changes)
    return await world.sandbox.templates.submit(template, {**REQUEST, "name": name})


def said(world: "World", template: ContentTemplate) -> str:
    """What WhatsApp says of it now."""
    return world.sandbox.tables.content[template.sid].approval


# -- keeping them ----------------------------------------------------------------------------------


async def test_each_command_is_one_unit(make_world: "MakeWorld") -> None:
    """The template as it is then; with the first, its account."""
    store = Kept()
    box = make_world("manual", store=store).sandbox
    template = await box.templates.create(STRANGER, {**SAMPLED, "unknown": 7})
    changed = await box.templates.change(template, {"types": {"twilio/media": {"media": ["x"]}}})
    await box.templates.drop(changed)
    account = box.accounts.find(STRANGER.sid)
    assert [unit.rows for unit in store.units] == [
        [("accounts", STRANGER.sid, account), ("content", template.sid, template)],
        [("content", template.sid, changed)],
        [("content", template.sid, None), ("deleted", f"content {template.sid}", 0)],
    ]
    assert (template.created_at, template.updated_at) == (SEEDED_START, SEEDED_START)
    assert (changed.language, changed.variables) == ("en", {"1": "Ada"})


async def test_whose(make_world: "MakeWorld") -> None:
    """Its account's alone; a seeded one is as any other."""
    world = make_world("manual")
    given = GivenTemplate("HX" + "a" * 32, {"twilio/text": {"body": "x"}}, approval="rejected")
    world.give(Given(content=(given,)))
    box = world.sandbox
    for sid in ("HX" + "a" * 32, (await made(world)).sid):
        found = box.templates.one(box.accounts.first, sid)
        assert found is not None
        assert found.sid == sid
        assert box.templates.one(STRANGER, sid) is None
        assert (await box.templates.change(found, TEXT)).types == TEXT["types"]
    assert box.templates.one(box.accounts.first, "HX" + "0" * 32) is None


async def test_sids_come_from_the_seed(make_world: "MakeWorld") -> None:
    """The same ones in the same order, and never one again."""
    first, second = make_world("manual"), make_world("manual")
    sids = [(await made(first)).sid for _ in range(3)]
    assert sids == [(await made(second)).sid for _ in range(3)]
    box = first.sandbox
    await box.templates.drop(box.tables.content[sids[2]])
    assert (await made(first)).sid not in sids


def listed(world: "World", ask: PageAsk, **filters: str) -> tuple[str, bool]:
    """The names of a page, and whether there is more."""
    box = world.sandbox
    found, more = box.templates.search(box.accounts.first, ask, Search(), filters)
    return "".join(each.friendly_name for each in found), more


async def test_pages(make_world: "MakeWorld") -> None:
    """Newest first, on and back by token."""
    world = make_world("manual")
    sids = [(await made(world, friendly_name=name)).sid for name in "abcde"]
    assert listed(world, PageAsk(0, 2)) == ("ed", True)
    assert listed(world, PageAsk(1, 2, after=sids[3])) == ("cb", True)
    assert listed(world, PageAsk(2, 2, after=sids[1])) == ("a", False)
    assert listed(world, PageAsk(1, 2, before=sids[0])) == ("cb", True)
    with pytest.raises(TwilioError):
        listed(world, PageAsk(1, 2, after="HX" + "0" * 32))


async def test_pages_in_another_order(make_world: "MakeWorld") -> None:
    """The same; where the token's template is gone, the page's number tells."""
    world = make_world("manual")
    sids = {name: (await made(world, friendly_name=name)).sid for name in "caebd"}
    order = {"SortByContentName": "asc"}
    assert listed(world, PageAsk(0, 2), **order) == ("ab", True)
    assert listed(world, PageAsk(1, 2, after=sids["b"]), **order) == ("cd", True)
    assert listed(world, PageAsk(2, 2, after=sids["d"]), **order) == ("e", False)
    assert listed(world, PageAsk(0, 2, before=sids["c"]), **order) == ("ab", True)
    assert listed(world, PageAsk(7, 1000), **order) == ("", False)
    box = world.sandbox
    await box.templates.drop(box.tables.content[sids["b"]])
    assert listed(world, PageAsk(1, 2, after=sids["b"]), **order) == ("de", False)


# -- WhatsApp's review -----------------------------------------------------------------------------


async def test_the_review_is_an_appointment(make_world: "MakeWorld") -> None:
    """The instant clock waits to be advanced; half a second for each step, and an alert."""
    world = make_world("instant")
    template = await submitted(world)
    await world.settled()
    assert said(world, template) == "received"
    assert world.idle()
    await world.advance(0.49)
    assert said(world, template) == "received"
    await world.advance(0.02)
    assert said(world, template) == "pending"
    await world.advance(0.5)
    assert said(world, template) == "approved"
    assert world.alerts == [63046]
    assert world.sandbox.clock.pending == 0


async def test_the_store_gets_each_step(make_world: "MakeWorld") -> None:
    """One unit each."""
    store = Kept()
    world = make_world("manual", store=store)
    template = await submitted(world)
    await world.advance(5)
    rows = [row for unit in store.units for row in unit.rows if row[0] == "content"]
    assert {sid for _, sid, _ in rows} == {template.sid}
    steps = ["unsubmitted", "received", "pending", "approved"]
    assert [getattr(record, "approval", "") for _, _, record in rows] == steps


async def test_a_rejection(make_world: "MakeWorld") -> None:
    """With its reason, and another alert; by the scenario for whatever is handed in."""
    world = make_world("manual")
    bad = await submitted(world, variables={})
    named = await submitted(world, "reject_me")
    await world.advance(1)
    scenario = Scenario("", options={"template_verdict": "rejected", "template_review": 2_000_000})
    world.sandbox.regime.put(scenario, Unit())
    told = await submitted(world)
    await world.advance(3.9)
    assert said(world, told) == "pending"
    await world.advance(0.1)
    kept = world.sandbox.tables.content
    assert [kept[each.sid].approval for each in (bad, named, told)] == ["rejected"] * 3
    reasons = [submission_of(kept[each.sid]).rejection_reason for each in (bad, named, told)]
    assert reasons[0].startswith("INVALID_FORMAT.")
    assert all(reasons)
    assert world.alerts == [63040] * 3


async def test_a_template_under_review_stays_as_it_is(make_world: "MakeWorld") -> None:
    """92009 for a change until it is rejected; for a second request ever."""
    world = make_world("manual")
    template, templates = await submitted(world, "reject_me"), world.sandbox.templates
    for _ in range(2):
        present = world.sandbox.tables.content[template.sid]
        with pytest.raises(TwilioError) as refused:
            await templates.change(present, TEXT)
        assert refused.value.code == 92009
        await world.advance(0.5)
    present = world.sandbox.tables.content[template.sid]
    assert (await templates.change(present, {**TEXT, "language": "de"})).language == "de"
    with pytest.raises(TwilioError) as refused:
        await templates.submit(present, REQUEST)
    assert refused.value.code == 92009


async def test_one_that_goes_under_review(make_world: "MakeWorld") -> None:
    """Nothing more is said of it; nor of one that was set up anew meanwhile."""
    world = make_world("manual")
    gone, replaced = await submitted(world), await submitted(world)
    await world.sandbox.templates.drop(gone)
    types = {"twilio/text": {"body": "x"}}
    world.give(Given(content=(GivenTemplate(replaced.sid, types, approval="pending"),)))
    await world.advance(5)
    assert gone.sid not in world.sandbox.tables.content
    assert said(world, replaced) == "pending"
    assert world.alerts == []


@pytest.mark.parametrize(
    ("approval", "alerts"),
    [("approved", [63046]), ("paused", [63041]), ("disabled", [63042]), ("unsubmitted", [])],
)
async def test_forced(make_world: "MakeWorld", approval: Any, alerts: list[int]) -> None:
    """At once and for good, whatever was to come."""
    world = make_world("manual")
    template = await submitted(world)
    forced = await world.sandbox.templates.force(template, approval, "because")
    assert said(world, forced) == approval
    await world.advance(5)
    assert said(world, forced) == approval
    assert world.alerts == alerts
    reason = submission_of(forced).rejection_reason
    assert reason == ("because" if approval != "unsubmitted" else "")


async def test_forced_back(make_world: "MakeWorld") -> None:
    """`received` and `pending` go on from there; said twice, there is one alert."""
    world = make_world("manual")
    template = await submitted(world)
    await world.advance(1)
    for approval, after in (("received", 1.0), ("pending", 0.5)):
        present = world.sandbox.tables.content[template.sid]
        await world.sandbox.templates.force(present, approval, "")  # type: ignore[arg-type]
        await world.advance(after)
        assert said(world, template) == "approved"
    present = world.sandbox.tables.content[template.sid]
    await world.sandbox.templates.force(present, "approved", "")
    assert world.alerts == [63046] * 3


async def test_a_review_goes_on_in_a_snapshot(make_world: "MakeWorld") -> None:
    """Where it was; tokens of pages that name what was deleted are still good."""
    source, target = make_world("manual"), make_world("manual")
    template, gone = await submitted(source), await made(source)
    await source.sandbox.templates.drop(gone)
    await source.advance(0.6)
    document = msgspec.to_builtins(source.sandbox.snapshot())
    target.sandbox.restore(parse(document), Scenario(""))
    assert said(target, template) == "pending"
    await target.advance(0.5)
    assert said(target, template) == "approved"
    assert listed(target, PageAsk(1, 2, after=gone.sid)) == ("", False)
    document["content"][0]["submission"]["due"] = -1
    with pytest.raises(BadSnapshot, match=r"content\[0\]: a time of its submission"):
        parse(document)


async def test_a_reset_forgets_them(make_world: "MakeWorld") -> None:
    """And what was to become of them."""
    world = make_world("manual")
    await submitted(world)
    world.sandbox.reset()
    await world.advance(5)
    assert world.sandbox.tables.content == {}
    assert (await made(world)).sid in world.sandbox.tables.content
