"""Stores and cohorts in scenarios and seeds, as they are written."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.domain.audiences.given import GivenCohort, GivenFakes, GivenPeople, GivenStore
from mockserver.domain.faults import Given, Scenario
from mockserver.world.scenarios import (
    ScenarioError,
    from_document,
    parse,
    parse_cohort,
    parse_given,
    parse_store,
)
from mockserver.world.scenarios.audiences import LISTED

STORE = "mem_store_01h9krwprkeee8fzqspvwy6nq8"
COHORT = "cmp_cohort_01h9krwprkeee8fzqspvwy6nq8"
PROFILE = "mem_profile_01h9krwprkeee8fzqspvwy6nq8"
ACCOUNT = "AC" + "1" * 32

CAMPAIGN = f"""
given:
  stores:
    - id: {STORE}
      name: customers
      profiles:
        - {{phone: +14155550123, zip: 0010, vip: NO}}
        - {{id: {PROFILE}, traits: {{contact: {{phone: +14155550124, whatsapp: true}}}}}}
  cohorts:
    - {{id: {COHORT}, store: customers, profiles: [{PROFILE}]}}
    - {{name: fakes, fake: {{count: 100000, seed: 7}}}}
    - {{name: list, file: people.csv}}
"""


def rows(given: GivenStore | GivenCohort) -> list[dict[str, Any]]:
    assert given.people.batch is not None
    return list(given.people.batch.rows())


def refused(**given: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        parse_given(given)
    return str(caught.value)


def test_a_scenario_says_who_is_written_to(tmp_path: Path) -> None:
    """People by their traits, which are text as they stand; files lie beside the scenario's."""
    (tmp_path / "people.csv").write_text("phone\n")
    given = parse(CAMPAIGN, str(tmp_path / "campaign.yaml")).given
    [store] = given.stores
    assert (store.id, store.name, store.account_sid) == (STORE, "customers", "")
    assert rows(store) == [
        {"traits": {"phone": "+14155550123", "zip": "0010", "vip": "NO"}},
        {"id": PROFILE, "traits": {"contact": {"phone": "+14155550124", "whatsapp": "true"}}},
    ]
    some, fakes, listed = given.cohorts
    assert some == GivenCohort(COHORT, store="customers", profiles=(PROFILE,))
    assert fakes == GivenCohort(
        name="fakes", people=GivenPeople(fake=GivenFakes(count=100_000, seed=7))
    )
    assert listed == GivenCohort(name="list", people=GivenPeople(file=f"{tmp_path}/people.csv"))


DOCUMENT: dict[str, Any] = {
    "stores": [
        {"id": STORE, "account_sid": ACCOUNT, "profiles": [{"traits": {"a": 1.5}}]},
        {"name": "fakes", "fake": {"count": 3}},
    ],
    "cohorts": [
        {"id": COHORT, "name": "all", "store": STORE},
        {"name": "some", "store": "fakes", "profiles": [PROFILE]},
        {"name": "own", "members": [{"id": PROFILE, "traits": {}}]},
        {"name": "more", "fake": {"count": 3, "seed": 9, "whatsapp": True}},
        {"name": "empty", "members": []},
    ],
}


def test_what_was_given_is_told_as_it_was_written() -> None:
    """Reading that again gives the same; so a scenario can be looked at and put again."""
    given = parse_given(DOCUMENT)
    assert given.document() == DOCUMENT
    assert parse_given(given.document()) == given
    scenario = from_document({"name": "x", "given": DOCUMENT})
    assert from_document(scenario.document()) == scenario


def test_a_file_is_told_by_its_path() -> None:
    """Also once it was read."""
    store = GivenStore(name="a", people=GivenPeople(file="/x/a.csv"))
    assert store.document() == {"name": "a", "file": "/x/a.csv"}
    assert Given(stores=(store,)).document() == {"stores": [{"name": "a", "file": "/x/a.csv"}]}
    assert Scenario("x").given.document() == {}


def test_one_store_or_cohort_may_be_read_by_itself() -> None:
    """As the control API does."""
    assert parse_store(DOCUMENT["stores"][0]) == parse_given(DOCUMENT).stores[0]
    assert parse_cohort(DOCUMENT["cohorts"][2]) == parse_given(DOCUMENT).cohorts[2]
    with pytest.raises(ScenarioError, match="needs an `id` or a `name`"):
        parse_store({"profiles": []})
    with pytest.raises(ScenarioError, match="phones: unknown key"):
        parse_cohort({"name": "a", "phones": []})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"stores": [{}]}, "stores[0]: needs an `id` or a `name`"),
        ({"stores": [{"id": "x"}]}, "stores[0].id: must be the id of a store: mem_store_ and"),
        ({"cohorts": [{"id": STORE}]}, "cohorts[0].id: must be the id of a cohort: cmp_cohort_"),
        ({"cohorts": [{"id": COHORT}, {"id": COHORT}]}, f"cohorts[1]: {COHORT} is here twice"),
        ({"stores": [{"name": "a"}, {"name": "a"}]}, "stores[1]: a is here twice"),
        (
            {"stores": [{"name": "a", "profiles": [], "fake": {"count": 1}}]},
            "stores[0].fake: say one of `profiles`, `file` and `fake`",
        ),
        (
            {"cohorts": [{"name": "a", "store": "b", "members": []}]},
            "cohorts[0].members: members of a `store` are not given here too",
        ),
        (
            {"cohorts": [{"name": "a", "profiles": [PROFILE]}]},
            "cohorts[0].profiles: say of which `store` they are",
        ),
        (
            {"stores": [{"name": "a", "profiles": [{}, {"phone": "x"}]}]},
            "stores[0].profiles[1]: phone: 'x' is not a phone number",
        ),
        (
            {"cohorts": [{"name": "a", "members": [{"id": PROFILE}, {"id": PROFILE}]}]},
            f"cohorts[0].members[1]: id: there is a profile {PROFILE} already",
        ),
        (
            {"stores": [{"name": "a", "profiles": ["x"]}]},
            "stores[0].profiles[0]: must be a mapping",
        ),
        ({"stores": [{"name": "a", "fake": {"count": 0}}]}, "must be at least 1, not 0"),
        ({"stores": [{"name": "a", "fake": {"count": 1_000_001}}]}, "must be at most 1000000"),
        ({"stores": [{"name": "a", "fake": {}}]}, "stores[0].fake: needs the key 'count'"),
        (
            {"cohorts": [{"name": "a", "file": "a.csv"}]},
            "cohorts[0].file: only a scenario's own file may name one: upload it",
        ),
    ],
)
def test_what_makes_no_sense_is_told_where_it_stands(given: dict[str, Any], said: str) -> None:
    """With what to do instead."""
    assert f"seed: {said}" in refused(**given) or said in refused(**given)


def test_who_has_many_is_sent_to_files() -> None:
    """A document is read in one go, and nobody is to wait for that."""
    listed = refused(stores=[{"name": "a", "profiles": [{}] * (LISTED + 1)}])
    assert f"stores[0].profiles: at most {LISTED} can be listed: write more to a file" in listed


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("people.txt", "its name must end in .csv or .jsonl or .ndjson"),
        ("people.csv", "there is no file "),
        ("folder.csv", "there is no file "),
    ],
)
def test_a_file_that_cannot_be_one_is_told_with_its_line(
    tmp_path: Path, name: str, said: str
) -> None:
    """When the scenario is read."""
    (tmp_path / "folder.csv").mkdir()
    text = f"given:\n  stores:\n    - name: a\n      file: {name}\n"
    with pytest.raises(ScenarioError) as caught:
        parse(text, str(tmp_path / "bad.yaml"))
    assert f"bad.yaml:4:13: given.stores[0].file: {said}" in str(caught.value)


def test_a_file_may_lie_anywhere_on_the_servers_disk(tmp_path: Path) -> None:
    """The scenario's author may name it by a whole path."""
    (tmp_path / "people.jsonl").write_text("")
    text = f"given: {{stores: [{{name: a, file: {tmp_path}/people.jsonl}}]}}"
    assert parse(text, "elsewhere/x.yaml").given.stores[0].people.file.endswith("people.jsonl")
