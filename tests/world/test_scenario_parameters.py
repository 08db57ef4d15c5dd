"""What may be chosen when a scenario is put in force."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.world.scenarios import ScenarioError, from_document, parse
from mockserver.world.scenarios.parameters import spelt

FLAKY = """\
parameters:
  share: 0.5
  code: {default: 20429, about: Which error.}
  whose: {about: How the number begins.}
  strict: false
faults:
  - when: {share: "${share}", to: "${whose}*"}
    then: {error: "${code}", message: "$${x} ${code}: ${whose}"}
magic_numbers: ${strict}
"""


def refused(text: str, **chosen: object) -> list[str]:
    """What is wrong with a file, a line each."""
    with pytest.raises(ScenarioError) as caught:
        parse(text, "x.yaml", chosen)
    return [line.removeprefix("x.yaml:") for line in str(caught.value).split("\n")]


def test_values_are_filled_in_before_they_get_their_type() -> None:
    """A default, or what was chosen; `$${` is a plain `${`."""
    read = parse(FLAKY, "x.yaml", {"whose": "+1415", "share": 0.25, "strict": True})
    [rule] = read.faults
    assert rule.document() == {
        "id": "faults-1",
        "when": {"to": "+1415*", "share": 0.25},
        "then": {"error": 20429, "message": "${x} 20429: +1415"},
    }
    assert read.magic_numbers is True


def test_what_comes_of_it_has_no_parameters_any_more() -> None:
    """Its document says what is in force, and is read as the same."""
    read = parse(FLAKY, "x.yaml", {"whose": "+1415"})
    assert "parameters" not in read.document()
    assert from_document(read.document()) == read


def test_text_of_a_command_line_does_as_well() -> None:
    """The schema says what type it is."""
    chosen = {"whose": "+1", "share": "0.25", "code": "30001", "strict": "true"}
    read = parse(FLAKY, "x.yaml", chosen)
    assert (read.faults[0].when.share, read.magic_numbers) == (0.25, True)


@pytest.mark.parametrize(
    ("chosen", "line"),
    [
        ({}, "4:10: parameters.whose: must be chosen: `with: {whose: …}`, or `:whose=…`"),
        (
            {"whose": "+1", "shar": 1},
            "2:3: parameters: there is no parameter 'shar'; did you mean 'share'?",
        ),
        (
            {"whose": "+1", "zzz": 1},
            "2:3: parameters: there is no parameter 'zzz': known: share, code, whose, strict",
        ),
        (
            {"whose": "+1", "share": "half"},
            "7:19: faults[0].when.share: must be a number, not 'half'",
        ),
        ({"whose": "+1", "share": 3}, "7:19: faults[0].when.share: must be at most 1, not 3.0"),
    ],
)
def test_what_cannot_be_chosen(chosen: dict[str, Any], line: str) -> None:
    """Is refused with the line that it is about."""
    assert refused(FLAKY, **chosen) == [line]


def test_what_is_not_declared_is_refused_with_its_line() -> None:
    """With the nearest that is, or where to declare it."""
    text = "parameters: {share: 1}\nsummary: x ${shaer}\nname: ${}\n"
    assert refused(text) == [
        "2:10: summary: there is no parameter 'shaer'; did you mean 'share'?",
        "3:7: name: there is no parameter '': known: share",
    ]
    assert refused("summary: ${x}\n") == [
        "1:10: summary: there is no parameter 'x': declare it under `parameters`"
    ]


@pytest.mark.parametrize(
    ("declared", "line"),
    [
        ("5", "1:13: parameters: must be a mapping, not '5'"),
        (
            "{a b: 1}",
            "1:14: parameters.a b: must be a parameter's name: letters, digits and `_`",
        ),
        (
            "{a: [1]}",
            "1:17: parameters.a: must be text or a number or true or false or a mapping, "
            "not a list",
        ),
        (
            "{a: {defalt: 1, default: 1}}",
            "1:18: parameters.a.defalt: unknown key; did you mean 'default'?",
        ),
    ],
)
def test_broken_declarations(declared: str, line: str) -> None:
    """As any other key."""
    assert refused(f"parameters: {declared}\n") == [line]


def test_a_document_keeps_the_type_of_a_value() -> None:
    """Where it stands for a whole value; within a text it becomes text."""
    document = {
        "parameters": {"share": 0.1, "name": "x"},
        "summary": "a ${name}, ${share}",
        "delivery": [{"when": {"share": "${share}"}}],
    }
    read = from_document(document, {"share": 0.5})
    assert (read.summary, read.delivery[0].when.share) == ("a x, 0.5", 0.5)


def test_a_document_says_where_it_is_wrong() -> None:
    """By path, all at once."""
    document = {"parameters": {"a": 1, "b": {}}, "summary": "${c}", "delivery": [{"id": "${d}"}]}
    with pytest.raises(ScenarioError) as caught:
        from_document(document, {"e": 1})
    paths = [fault.path for fault in caught.value.faults]
    assert paths == ["parameters", "parameters.b", "summary", "delivery[0].id"]


@given(st.text(), st.text())
def test_any_text_is_shown_so_that_it_is_read_again(summary: str, body: str) -> None:
    """Also one that looks like a place for a parameter."""
    document = {
        "parameters": {"summary": summary, "body": body},
        "summary": "${summary}",
        "delivery": [{"when": {"body": "x${body}"}}],
    }
    read = from_document(document)
    assert (read.summary, read.delivery[0].when.matcher.filters["body"]) == (summary, f"x{body}")
    assert from_document({**read.document(), "name": "unnamed"}) == read


@pytest.mark.parametrize(
    ("text", "name", "chosen"),
    [
        ("flaky-api", "flaky-api", {}),
        ("flaky-api:share=0.5", "flaky-api", {"share": "0.5"}),
        ("x.yaml:a=1,b=", "x.yaml", {"a": "1", "b": ""}),
        ("x:to=a,b,c=http://d:1/?e", "x", {"to": "a,b", "c": "http://d:1/?e"}),
        ("C:/x.yaml:a=b", "C:/x.yaml", {"a": "b"}),
        ("a=b", "a=b", {}),
    ],
)
def test_how_a_choice_is_spelt(text: str, name: str, chosen: dict[str, str]) -> None:
    """Behind a name; a value may have commas and colons."""
    assert spelt(text) == (name, chosen)
