"""Scenarios are found by name and kept while unchanged; the ready-made ones do what they say."""

import os
from itertools import count
from pathlib import Path

import pytest

from mockserver.domain.faults import ErrorFault, GivenAccount, Scenario, StatusFault, decide
from mockserver.world.scenarios import Library, ScenarioError, UnknownScenario, read_file
from mockserver.world.schema_files import folder


def test_a_library_finds_scenarios_by_their_files_name(tmp_path: Path) -> None:
    """In alphabetical order, with their sentences; other files do not matter."""
    (tmp_path / "b.yaml").write_text("name: other\nsummary: Bee.\n")
    (tmp_path / "a.json").write_text('{"summary": "Ay."}')
    (tmp_path / "notes.txt").write_text("nothing")
    library = Library([tmp_path, tmp_path / "missing"])
    assert library.names() == ["a", "b"]
    assert library.summaries() == [("a", "Ay."), ("b", "Bee.")]
    assert library.get("b").name == "b"


def test_a_later_folder_wins(tmp_path: Path) -> None:
    """One's own scenario replaces a ready-made one of the same name."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.yaml").write_text(f"summary: {name}\n")
    assert Library([tmp_path / "first", tmp_path / "second"]).get("x").summary == "second"


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    """And is told apart from a broken scenario."""
    (tmp_path / "happy-path.yaml").write_text("")
    message = r"^scenarios: there is no scenario 'hapy-path'; did you mean 'happy-path'\?$"
    with pytest.raises(UnknownScenario, match=message):
        Library([tmp_path]).get("hapy-path")
    with pytest.raises(UnknownScenario, match="'zzz': `twilio-mockserver scenarios` lists those"):
        Library([tmp_path]).get("zzz")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """An unchanged one is not."""
    path = tmp_path / "x.yaml"
    ticks = count(1_000_000_000_000_000_000, 1_000_000_000)

    def write(summary: str) -> None:
        path.write_text(f"summary: {summary}\n")
        os.utime(path, ns=(0, next(ticks)))

    write("one")
    library = Library([tmp_path])
    first = library.get("x")
    assert library.get("x") is first
    write("two")
    assert library.get("x").summary == "two"


def test_a_broken_file_troubles_only_those_who_ask_for_it(tmp_path: Path) -> None:
    """The others are served; the list says what is wrong with it."""
    (tmp_path / "good.yaml").write_text("summary: Good.\n")
    (tmp_path / "bad.yaml").write_text("nam: x\n")
    library = Library([tmp_path])
    assert library.get("good").summary == "Good."
    with pytest.raises(ScenarioError, match=r"nam: unknown key; did you mean 'name'") as caught:
        library.get("bad")
    assert caught.value.source == str(tmp_path / "bad.yaml")
    assert library.summaries()[0] == (
        "bad",
        "broken: bad.yaml:1:1: nam: unknown key; did you mean 'name'?",
    )


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    """Missing, a folder, or not UTF-8."""
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(ScenarioError, match=r"missing\.yaml: cannot be read: No such file"):
        read_file(tmp_path / "missing.yaml")
    with pytest.raises(ScenarioError, match=r"folder\.yaml: cannot be read: Is a directory"):
        read_file(tmp_path / "folder.yaml")
    with pytest.raises(ScenarioError, match=r"latin\.yaml: is not UTF-8, from byte 9 on"):
        read_file(tmp_path / "latin.yaml")


def test_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    """Between being listed and being read, or as a link to nowhere."""
    (tmp_path / "x.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ScenarioError, match="cannot be read: No such file"):
        Library([tmp_path]).get("x")


def test_a_name_or_a_file_is_found(tmp_path: Path) -> None:
    """As `--scenario` takes either."""
    (tmp_path / "mine.yaml").write_text("summary: Mine.\n")
    library = Library([tmp_path])
    assert library.find("mine") == library.find(str(tmp_path / "mine.yaml"))
    with pytest.raises(ScenarioError, match=r"cannot be read"):
        library.find("nowhere.yaml")


# The ready-made ones.


@pytest.fixture
def ready_made() -> Library:
    return Library([folder("scenarios")])


def never() -> float:
    """No ready-made scenario rolls dice."""
    raise AssertionError("rolled without need")


def ends(scenario: Scenario, body: str, to: str = "+14155552671") -> tuple[str, int]:
    """Outcome and error code of a message."""
    rule, _ = decide(scenario.delivery, {"to": to, "body": body}, never, {})
    return (rule.fate.outcome, rule.fate.error_code) if rule else ("delivered", 0)


def test_the_ready_made_scenarios_are_sound(ready_made: Library) -> None:
    """Each has its file's name and a sentence, and nothing is wrong with any."""
    assert len(ready_made.names()) == 20
    assert all(summary.endswith(".") for _, summary in ready_made.summaries())
    for name in ready_made.names():
        assert read_file(folder("scenarios") / f"{name}.yaml").name == name


def test_happy_path_delivers(ready_made: Library) -> None:
    """Every message, half a second after the create."""
    scenario = ready_made.get("happy-path")
    assert ends(scenario, "Ahoy") == ("delivered", 0)
    assert scenario.delivery[0].fate.profile.final == 500_000


def test_trial_account_knows_one_number(ready_made: Library) -> None:
    """The sandbox's own account is a Trial; others are refused with 21219."""
    scenario = ready_made.get("trial-account")
    assert scenario.given.accounts == (GivenAccount(type="Trial"),)
    assert scenario.given.verified_callers == ("+14155552671",)
    assert scenario.trial_unverified_code == 21219


def test_carrier_outage_reaches_nobody(ready_made: Library) -> None:
    """Undelivered with 30003, whoever it is for, after four seconds."""
    scenario = ready_made.get("carrier-outage")
    assert ends(scenario, "Ahoy") == ("undelivered", 30003)
    assert ends(scenario, "Ahoy", to="+491701234567") == ("undelivered", 30003)
    assert scenario.delivery[0].fate.profile.final == 4_000_000


@pytest.mark.parametrize(
    "body", ["See https://example.com", "visit www.example.com", "You are a WINNER", "Act now!"]
)
def test_carrier_filtering_drops_what_looks_like_spam(ready_made: Library, body: str) -> None:
    """Undelivered with 30007; a harmless message passes."""
    scenario = ready_made.get("carrier-filtering")
    assert ends(scenario, body) == ("undelivered", 30007)
    assert ends(scenario, "Your code is 123456, dear freelancer") == ("delivered", 0)


def test_flaky_api_recovers_at_the_fourth_create(ready_made: Library) -> None:
    """Twice 20429, once a bare 503, then well; other calls are not concerned."""
    faults = ready_made.get("flaky-api").faults
    counts: dict[str, int] = {}
    answers = []
    for operation in ("FetchMessage", *["CreateMessage"] * 4):
        rule, changes = decide(faults, {"operation": f"api.v2010.{operation}"}, never, counts)
        counts.update(changes)
        answers.append(rule.then if rule else None)
    assert answers == [None, ErrorFault(20429), ErrorFault(20429), StatusFault(503), None]
