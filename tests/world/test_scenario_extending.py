"""Scenarios that build upon others."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.domain.faults import SECTIONS, Scenario
from mockserver.world.scenarios import Library, ScenarioError, from_document, read_file

OUTAGE = """\
summary: Nothing arrives.
clock: manual
senders: strict
magic_numbers: true
options: {send_at_min: 1m, send_at_max: 2d}
given: {account: {type: Trial, friendly_name: Base}, numbers: ["+14155550100"]}
delivery: [{id: lost, outcome: undelivered}, {outcome: failed}]
steps: [{at: 1m, off: [lost]}, {at: 3m, on: [lost], off: [delivery-2]}]
"""

SLOW = """\
clock: instant
options: {landline_code: 21635, send_at_max: 3d}
rates: {enabled: true}
weather: [{id: late, then: {delay: 1m}}]
"""

OWN = """\
extends: [outage, slow]
magic_numbers: false
options: {send_at_min: 2m}
given: {account: {friendly_name: Own}, numbers: ["+14155550101"]}
delivery: [{outcome: read}, {outcome: sent}]
steps: [{at: 1m, off: [late], senders: any}, {at: 0, off: [lost]}]
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Two bases, and one upon them."""
    for name, text in (("outage", OUTAGE), ("slow", SLOW), ("own", OWN)):
        (tmp_path / f"{name}.yaml").write_text(text)
    return Library([tmp_path])


def ids(scenario: Scenario) -> list[str]:
    """Of its rules, in the order in which they are asked."""
    return [rule.id for section in SECTIONS for rule in scenario.rules(section)]


def refused(folder: Path, name: str, text: str) -> list[str]:
    """What is wrong with a file, without the folder."""
    (folder / f"{name}.yaml").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        Library([folder]).get(name)
    return str(caught.value).replace(f"{folder}/", "").split("\n")


def test_own_rules_go_first_then_each_bases(library: Library) -> None:
    """Rules that have only a number get another one where it is taken."""
    own = library.get("own")
    assert ids(own) == ["delivery-1", "delivery-2", "lost", "delivery-3", "late"]
    assert [rule.outcome for rule in own.delivery] == ["read", "sent", "undelivered", "failed"]


def test_the_nearest_word_holds(library: Library) -> None:
    """Of switches and the clock; a list of bases has the nearest first. What is false is said."""
    own = library.get("own")
    assert (own.clock, own.senders, own.magic_numbers) == ("manual", "strict", False)
    assert own.summary == "Nothing arrives."
    assert own.rates is not None
    assert own.options == {"send_at_min": 120, "send_at_max": 172_800, "landline_code": 21635}


def test_what_is_given_is_joined(library: Library) -> None:
    """The account has what either says of it."""
    given = library.get("own").given
    assert [each.phone_number for each in given.numbers] == ["+14155550101", "+14155550100"]
    assert (given.accounts[0].type, given.accounts[0].friendly_name) == ("Trial", "Own")


def test_steps_are_joined_by_their_times(library: Library) -> None:
    """Of those at one time the own ones come last, and follow the rules' new numbers."""
    steps = library.get("own").document()["steps"]
    assert steps == [
        {"at": "0s", "off": ["lost"]},
        {"at": "1m", "off": ["lost"]},
        {"at": "1m", "off": ["late"], "senders": "any"},
        {"at": "3m", "on": ["lost"], "off": ["delivery-3"]},
    ]


def test_the_result_is_flat(library: Library) -> None:
    """Its document names no base, and is read as the same scenario."""
    own = library.get("own")
    assert "extends" not in own.document()
    assert from_document(own.document()) == own


def test_a_base_may_have_bases_and_parameters(tmp_path: Path) -> None:
    """Values are handed down by name."""
    (tmp_path / "a.yaml").write_text(
        "parameters: {code: 30003}\ndelivery: [{error_code: '${code}'}]\n"
    )
    (tmp_path / "b.yaml").write_text(
        "parameters: {c: 30005}\nextends: {name: a, with: {code: '${c}'}}\n"
    )
    (tmp_path / "c.yaml").write_text("extends: [{name: b, with: {c: 30006}}]\n")
    library = Library([tmp_path])
    codes = [library.get(name).delivery[0].error_code for name in ("a", "b", "c")]
    assert codes == [30003, 30005, 30006]
    assert library.find("b:c=30008").delivery[0].error_code == 30008


def test_a_document_builds_upon_the_library(library: Library) -> None:
    """As a file does; one that came without a library upon nothing."""
    read = library.read({"extends": "slow", "weather": [{"then": {"drop": True}}]})
    assert ids(read) == ["weather-1", "late"]
    with pytest.raises(ScenarioError, match="extends: there is no scenario 'slow' here"):
        from_document({"extends": "slow"})


def test_a_file_finds_what_is_beside_it_first(library: Library, tmp_path: Path) -> None:
    """Then what is in the folders, a later one before an earlier one."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "slow.yaml").write_text("clock: real\n")
    path = tmp_path / "own" / "mine.yaml"
    path.write_text("extends: [slow, outage]\n")
    read = read_file(path, folders=[tmp_path])
    assert (read.clock, read.name, len(read.delivery)) == ("real", "mine", 2)


def test_one_may_build_upon_the_ready_made_of_the_same_name(tmp_path: Path) -> None:
    """A file is not its own base."""
    for name, text in (("ready", "clock: manual\n"), ("mine", "extends: x\nsenders: strict\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.yaml").write_text(text)
    read = Library([tmp_path / "ready", tmp_path / "mine"]).get("x")
    assert (read.clock, read.senders) == ("manual", "strict")


def test_a_changed_base_is_read_again(library: Library, tmp_path: Path) -> None:
    """What builds upon it is read anew as well."""
    assert library.get("own") is library.get("own")
    (tmp_path / "slow.yaml").write_text("weather: [{id: other, then: {drop: true}}]\n")
    with pytest.raises(ScenarioError, match="there is no rule 'late'"):
        library.get("own")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("extends: outrage\n", "own.yaml:1:10: extends: there is no scenario 'outrage'"),
        ("extends: [slow, slo]\n", "own.yaml:1:17: extends[1]: there is no scenario 'slo'"),
        ("extends: own\n", "own.yaml:1:10: extends: goes round in a circle: own → own"),
        ("extends: ../own/slow\n", "own.yaml:1:10: extends: there is no scenario '../own/slow'"),
        (
            "extends: {name: slow, with: {a: 1}}\n",
            "own.yaml:1:10: extends: 'slow' cannot be used: slow.yaml:1:1: parameters: "
            "there is no parameter 'a': declare it under `parameters`",
        ),
        ("extends: {with: {}}\n", "own.yaml:1:10: extends: needs the key 'name'"),
        (
            "extends: slow\nfaults: [{id: late, then: {status: 500}}]\n",
            "own.yaml:1:10: extends: 'slow' has a rule 'late' too, as has 'own': "
            "give one of them another id",
        ),
        (
            'extends: outage\ngiven:\n  numbers: ["+14155550100"]\n',
            "own.yaml:3:12: given.numbers: +14155550100 is in 'outage' too: leave it out of one",
        ),
        (
            "extends: slow\nsteps:\n  - {at: 1s, on: [lte]}\n",
            "own.yaml:3:19: steps[0].on[0]: there is no rule 'lte'; did you mean 'late'?",
        ),
    ],
)
def test_what_cannot_be_built_upon(library: Library, tmp_path: Path, text: str, line: str) -> None:
    """Is refused with its line and the nearest name."""
    [said] = refused(tmp_path, "own", text)
    assert said.startswith(line)


def test_a_base_is_named_once(library: Library, tmp_path: Path) -> None:
    """With the same values; with others it may be there again."""
    told = "told.yaml:1:17: extends[1]: 'slow' is here twice; its rules count once"
    assert refused(tmp_path, "told", "extends: [slow, slow]\n") == [told]


def test_a_circle_is_refused(tmp_path: Path) -> None:
    """With the way round."""
    (tmp_path / "b.yaml").write_text("extends: [c]\n")
    (tmp_path / "c.yaml").write_text("extends: a\n")
    [said] = refused(tmp_path, "a", "extends: b\n")
    assert said.endswith("c.yaml:1:10: extends: goes round in a circle: a → b → c → a")


def test_a_broken_base_says_where_it_is_broken(tmp_path: Path) -> None:
    """In the place that names it, with the base's own line."""
    (tmp_path / "b.yaml").write_text("clock: real\nsendrs: any\n")
    assert refused(tmp_path, "a", "extends: b\n") == [
        "a.yaml:1:10: extends: 'b' cannot be used: b.yaml:2:1: sendrs: unknown key; "
        "did you mean 'senders'?"
    ]


@pytest.mark.parametrize("extends", [5, {}, [], "", [{"name": "x", "wth": {}}], {"name": ""}])
def test_what_is_no_base(extends: Any) -> None:
    """Before anything is looked for."""
    with pytest.raises(ScenarioError, match=r"^scenario: extends"):
        from_document({"extends": extends})
