"""Stores and cohorts that a seed gives."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.faults import Given, Scenario
from mockserver.world.audiences.finding import OwnAudience, crowd
from mockserver.world.audiences.seeding import (
    drop_cohort,
    drop_store,
    planned,
    readied,
)
from mockserver.world.scenarios import ScenarioError, parse, parse_given
from mockserver.world.seed import peopled
from mockserver.world.tables import Tables, Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld

HOME, OTHER = "AC" + "1" * 32, "AC" + "2" * 32
STORE = "mem_store_01h9krwprkeee8fzqspvwy6nq8"
COHORT = "cmp_cohort_01h9krwprkeee8fzqspvwy6nq8"
PROFILE = "mem_profile_01h9krwprkeee8fzqspvwy6nq8"
PHONE = "+14155550123"

TABLE = "phone,firstName\n+14155550123,Ada\n+14155550124,Bob\n"


def seeded(tables: Tables | None = None, **document: Any) -> Tables:
    """The tables with a seed in them."""
    tables, unit = tables or Tables(), Unit()
    planned(parse_given(document), HOME, tables).put(tables, unit)
    return tables


def refused(tables: Tables | None = None, **document: Any) -> str:
    """Why a seed cannot be put."""
    with pytest.raises(ScenarioError) as caught:
        seeded(tables, **document)
    return str(caught.value)


def members(tables: Tables, name: str) -> list[dict[str, Any]]:
    """The traits of a cohort's members, by id or name."""
    [cohort] = [each for each in tables.cohorts.values() if name in (each.id, each.name)]
    found = crowd(tables, cohort)
    traits = [each for block in found.store.blocks for each in block.all_traits()]
    return traits if found.places is None else [traits[place] for place in found.places]


def scenario_at(folder: Path, given: str) -> Scenario:
    """A scenario in a file beside which its files are."""
    return parse(f"given:\n{given}", str(folder / "campaign.yaml"))


# Listed


def test_a_store_is_there_by_its_id() -> None:
    """With its profiles; it is its account's alone."""
    tables = seeded(stores=[{"id": STORE, "profiles": [{"phone": PHONE}, {"id": PROFILE}]}])
    ours, theirs = OwnAudience(tables, HOME), OwnAudience(tables, OTHER)
    store = ours.store(STORE)
    assert store is not None
    assert (store.account_sid, store.count, store.find(PROFILE)) == (HOME, 2, 1)
    assert theirs.store(STORE) is None
    assert ours.store(STORE[:-1] + "9") is None


def test_a_store_without_an_id_has_one_by_its_name() -> None:
    """The same in every sandbox, so that programs can be told."""
    document: Any = {"stores": [{"name": "customers"}, {"name": "staff"}]}
    ids = list(seeded(**document).profile_stores)
    assert ids == list(seeded(**document).profile_stores)
    assert len(set(ids)) == 2


def test_a_cohort_is_all_of_a_store_or_some_of_it() -> None:
    """By the store's id or name, in whatever order they are listed, each once."""
    profiles = [{"n": "0"}, {"n": "1", "id": PROFILE}, {"n": "2"}]
    tables = seeded(stores=[{"name": "customers", "profiles": profiles}])
    [store] = tables.profile_stores.values()
    some = [store.profile_id(2), PROFILE, store.profile_id(2)]
    seeded(
        tables,
        cohorts=[
            {"name": "all", "store": "customers"},
            {"name": "some", "store": store.id, "profiles": some},
            {"name": "none", "store": store.id, "profiles": []},
        ],
    )
    assert [each["n"] for each in members(tables, "all")] == ["0", "1", "2"]
    assert [each["n"] for each in members(tables, "some")] == ["2", "1"]
    assert members(tables, "none") == []


def test_a_cohort_of_a_whole_store_grows_with_it() -> None:
    """One of some of it does not."""
    tables = seeded(
        stores=[{"name": "customers", "profiles": [{}]}],
        cohorts=[
            {"name": "all", "store": "customers"},
            {"name": "none", "store": "customers", "profiles": []},
        ],
    )
    [store] = tables.profile_stores.values()
    batch = parse_given({"stores": [{"name": "x", "profiles": [{}, {}]}]}).stores[0].people.batch
    assert batch is not None
    tables.profile_stores[store.id] = store.grown(batch, 8)
    assert [len(members(tables, name)) for name in ("all", "none")] == [3, 0]


def test_a_cohort_may_have_members_of_its_own() -> None:
    """A store comes with it; it may be empty, too."""
    tables = seeded(cohorts=[{"id": COHORT, "members": [{"phone": PHONE}]}, {"name": "empty"}])
    assert members(tables, COHORT) == [{"phone": PHONE}]
    assert members(tables, "empty") == []
    assert len(tables.profile_stores) == 2
    found = OwnAudience(tables, HOME).cohort(COHORT)
    assert found is not None
    assert found.count == 1
    assert OwnAudience(tables, OTHER).cohort(COHORT) is None


def test_another_account_may_own_them() -> None:
    """A store's name is then looked for among its own."""
    stores = [{"name": "customers"}, {"name": "customers2", "account_sid": OTHER}]
    tables = seeded(stores=stores)
    assert [each.account_sid for each in tables.profile_stores.values()] == [HOME, OTHER]
    theirs = {"name": "x", "account_sid": OTHER, "store": "customers2"}
    assert next(iter(seeded(tables, cohorts=[theirs]).cohorts.values())).account_sid == OTHER
    assert "there is no store 'customers'" in refused(
        tables, cohorts=[{**theirs, "store": "customers"}]
    )


def test_what_a_seed_names_and_is_not_there_is_refused() -> None:
    """All of it at once, with the nearest name; nothing is put then."""
    tables = seeded(stores=[{"name": "customers", "id": STORE, "profiles": [{}]}])
    said = refused(
        tables,
        cohorts=[
            {"name": "a", "store": "custommers"},
            {"name": "b", "store": "customers", "profiles": [PROFILE]},
        ],
    )
    assert said.splitlines() == [
        "given: cohorts[0].store: there is no store 'custommers' of this account; "
        "did you mean 'customers'?",
        f"given: cohorts[1].profiles[0]: {STORE} has no profile {PROFILE}",
    ]
    assert not tables.cohorts


# Again


def test_what_has_the_same_id_is_replaced() -> None:
    """A store takes its cohorts with it, whose members are gone; others stay."""
    tables = seeded(
        stores=[{"name": "customers", "profiles": [{"n": "0"}]}, {"name": "staff"}],
        cohorts=[{"name": "all", "store": "customers"}, {"name": "team", "store": "staff"}],
    )
    seeded(tables, stores=[{"name": "customers", "profiles": [{"n": "1"}]}])
    assert [each.name for each in tables.cohorts.values()] == ["team"]
    assert [(each.name, each.count) for each in tables.profile_stores.values()] == [
        ("staff", 0),
        ("customers", 1),
    ]


def test_the_same_seed_twice_is_the_same_as_once() -> None:
    """As with anything that is given."""
    document: Any = {
        "stores": [{"name": "customers", "profiles": [{"n": "0"}]}],
        "cohorts": [{"name": "all", "store": "customers"}, {"name": "own", "members": [{}]}],
    }
    once, twice = seeded(**document), seeded(seeded(**document), **document)
    assert set(once.cohorts) == set(twice.cohorts)
    assert set(once.profile_stores) == set(twice.profile_stores)


# Going


def test_a_cohort_takes_the_store_that_is_its_own_with_it() -> None:
    """But no store that was there by itself."""
    tables = seeded(
        stores=[{"name": "customers"}],
        cohorts=[{"name": "all", "store": "customers"}, {"name": "own", "members": [{}]}],
    )
    for cohort in tuple(tables.cohorts):
        drop_cohort(cohort, tables, Unit())
    assert [each.name for each in tables.profile_stores.values()] == ["customers"]


def test_its_own_store_stays_while_another_cohort_is_of_it() -> None:
    """Somebody may have made one of its members."""
    tables = seeded(cohorts=[{"name": "own", "members": [{}]}])
    [store] = tables.profile_stores
    seeded(tables, cohorts=[{"name": "other", "store": store}])
    drop_cohort(next(iter(tables.cohorts)), tables, Unit())
    assert [each.name for each in tables.cohorts.values()] == ["other"]
    assert list(tables.profile_stores) == [store]


def test_a_store_takes_its_cohorts_with_it() -> None:
    """And the unit says so of each."""
    tables, unit = seeded(cohorts=[{"id": COHORT, "members": [{}]}]), Unit()
    [store] = tables.profile_stores
    drop_store(store, tables, unit)
    assert not tables.cohorts
    assert unit.rows == [("cohorts", COHORT, None), ("profile_stores", store, None)]


# Files and made-up people


def test_a_file_lies_beside_the_scenarios(tmp_path: Path) -> None:
    """It is read when the scenario is put in force, not before."""
    file = tmp_path / "people.csv"
    file.write_text("nothing\n")
    scenario = scenario_at(tmp_path, "  cohorts: [{name: big, file: people.csv}]")
    file.write_text(TABLE)
    tables = Tables()
    planned(peopled(scenario).given, HOME, tables).put(tables, Unit())
    assert [each["firstName"] for each in members(tables, "big")] == ["Ada", "Bob"]


def test_people_are_made_up_where_a_count_is_given() -> None:
    """As many, for a store as for a cohort."""
    tables = seeded(
        stores=[{"name": "some", "fake": {"count": 3}}],
        cohorts=[{"name": "more", "fake": {"count": 1_200, "seed": 8, "whatsapp": True}}],
    )
    assert [store.count for store in tables.profile_stores.values()] == [3, 1_200]
    assert members(tables, "more")[0]["contact"].keys() == {"phone", "whatsapp"}


@pytest.mark.parametrize("waiting", [True, False])
def test_people_are_read_once(tmp_path: Path, *, waiting: bool) -> None:
    """In turns or at once: who has read them can put them as often as they like."""
    file = tmp_path / "people.csv"
    file.write_text(TABLE)
    given = "  cohorts: [{name: big, file: people.csv}, {name: fakes, fake: {count: 2}}]"
    scenario = scenario_at(tmp_path, given)
    scenario = asyncio.run(readied(scenario)) if waiting else peopled(scenario)
    file.unlink()
    tables = Tables()
    planned(scenario.given, HOME, tables).put(tables, Unit())
    first, second = tables.profile_stores.values()
    again = Tables()
    planned(scenario.given, HOME, again).put(again, Unit())
    assert [store.blocks for store in again.profile_stores.values()] == [
        *(first.blocks, second.blocks)
    ]
    assert again.profile_stores[first.id].blocks[0] is first.blocks[0]


async def test_a_scenario_without_people_is_ready() -> None:
    """As it is, at no cost."""
    scenario = Scenario("x", given=parse_given({"numbers": [PHONE]}))
    assert await readied(scenario) is scenario
    assert peopled(scenario) is scenario


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("name\n", "people.csv:1:1: no column is called phone or contact.phone, but 'name'"),
        (TABLE + "abc,Eve\n", "people.csv:4:1: phone: 'abc' is not a phone number"),
    ],
)
def test_a_bad_file_is_told_like_a_bad_scenario(tmp_path: Path, table: str, said: str) -> None:
    """With its path and the line at fault."""
    (tmp_path / "people.csv").write_text(table)
    scenario = scenario_at(tmp_path, "  stores: [{name: big, file: people.csv}]")
    with pytest.raises(ScenarioError) as at_once:
        peopled(scenario)
    with pytest.raises(ScenarioError) as in_turns:
        asyncio.run(readied(scenario))
    assert str(at_once.value) == str(in_turns.value) == f"{tmp_path}/{said}"


def test_a_file_that_went_is_told(tmp_path: Path) -> None:
    """It was there when the scenario was read."""
    (tmp_path / "people.csv").write_text(TABLE)
    scenario = scenario_at(tmp_path, "  stores: [{name: big, file: people.csv}]")
    (tmp_path / "people.csv").unlink()
    with pytest.raises(ScenarioError, match=r"people\.csv: cannot be read: No such file"):
        peopled(scenario)


# In a sandbox


async def test_a_reset_brings_them_back(make_world: "MakeWorld", tmp_path: Path) -> None:
    """As they were when the scenario was put, without another look at the file."""
    (tmp_path / "people.csv").write_text(TABLE)
    given = "  cohorts: [{name: big, file: people.csv}]"
    scenario = peopled(scenario_at(tmp_path, given))
    sandbox = make_world("manual", defaults={"scenario": scenario}).sandbox
    (tmp_path / "people.csv").unlink()
    blocks = [store.blocks for store in sandbox.tables.profile_stores.values()]
    sandbox.tables.cohorts.clear()
    sandbox.reset()
    assert len(members(sandbox.tables, "big")) == 2
    assert [store.blocks for store in sandbox.tables.profile_stores.values()] == blocks


async def test_a_bad_seed_changes_nothing(make_world: "MakeWorld") -> None:
    """Not even the numbers that it gives besides."""
    world = make_world("manual")
    bad: Mapping[str, Any] = {"numbers": [PHONE], "cohorts": [{"name": "a", "store": "b"}]}
    give: Callable[[Given], None] = world.give
    with pytest.raises(ScenarioError):
        give(parse_given(bad))
    assert PHONE not in world.sandbox.tables.numbers
