"""Variables without a default, and the recipients that lack them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.json_faults import Fault
from mockserver.domain.personalising.compiling import compile_text
from mockserver.domain.personalising.defaults import LiquidDefault, default_faults, lacking
from mockserver.domain.personalising.template import Template, Variables

AT = datetime(2026, 12, 1, tzinfo=UTC)
START = "Invalid parameter: Liquid: variable 'name' has no default filter"


def template(source: str, context: str = "$.content.text") -> Template:
    """A text that is a template."""
    found = compile_text(source, context, AT)
    assert isinstance(found, Template)
    return found


def test_off_lets_everything_pass() -> None:
    """A missing variable is an empty text then, as in Liquid."""
    assert default_faults([template("{{ name }}")], "off", [{}]) == []
    assert template("{{ name }}").render({}) == ""


def test_require_refuses_what_has_no_default() -> None:
    """Whether or not everybody has the variable, as the live API was seen to."""
    faults = default_faults([template("{{ name }}")], "require", [{"name": "Ada"}])
    assert faults == [Fault(20001, f"{START}.", "$.content.text")]
    assert default_faults([template("{{ name | default: 'x' }}")], "require", [{}]) == []


def test_if_missing_refuses_only_what_somebody_lacks() -> None:
    """The documents' own examples pass, because everybody has their variables."""
    texts = [template("{{ name }}")]
    assert default_faults(texts, "if_missing", [{"name": "Ada"}, {"name": ""}]) == []
    [fault] = default_faults(texts, "if_missing", [{"name": "Ada"}, {}])
    assert fault == Fault(20001, f"{START}, and $.to[1] does not have it.", "$.content.text")


def test_the_first_that_lacks_it_is_named_and_the_others_counted() -> None:
    """One fault for ten thousand recipients, not ten thousand."""
    recipients: list[Variables] = [{"name": "Ada"}, {}, {"name": "Bo"}, {}, {}]
    [fault] = default_faults([template("{{ name }}")], "if_missing", recipients)
    assert fault.message == f"{START}, and $.to[1] does not have it, nor do 2 more."


def test_each_text_has_a_fault_of_its_own() -> None:
    """Texts, media and tags are judged alike, in one pass over the recipients."""
    texts = [
        template("{{ a | default: 'x' }}"),
        template("{{ b }}", "$.tags"),
        template("{{ c }}", "$.content.media[0].url"),
    ]
    faults = default_faults(texts, "if_missing", iter([{"b": "1"}, {"c": "1"}]))
    assert [fault.context for fault in faults] == ["$.tags", "$.content.media[0].url"]
    assert "$.to[1]" in faults[0].message
    assert "$.to[0]" in faults[1].message


@pytest.mark.parametrize("rule", ["if_missing", "require", "off"])
def test_recipients_are_left_alone_where_all_has_defaults(rule: LiquidDefault) -> None:
    """A text whose variables all have one costs nothing for each recipient."""

    recipients: Iterator[Variables] = iter([{}, {}])
    assert default_faults([template("{{ a | default: 'x' }}")], rule, recipients) == []
    assert len(list(recipients)) == 2


@given(st.lists(st.dictionaries(st.sampled_from("ab"), st.text(max_size=3)), max_size=10))
def test_if_missing_finds_a_lack_exactly_where_there_is_one(recipients: list[Variables]) -> None:
    """A fault means that some recipient lacks a variable, and the other way round."""
    text = template("{{ a }}{{ b }}")
    lacks = [place for place, one in enumerate(recipients) if lacking(text, one)]
    assert lacks == [place for place, one in enumerate(recipients) if {"a", "b"} - one.keys()]
    faults = default_faults([text], "if_missing", recipients)
    assert len(faults) == bool(lacks)
    assert all(f"$.to[{lacks[0]}]" in fault.message for fault in faults)
