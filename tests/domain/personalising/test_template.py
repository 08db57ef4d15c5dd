"""How long texts can become, and texts that are made of others."""

from datetime import UTC, datetime
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.personalising.compiling import compile_text
from mockserver.domain.personalising.placeholders import compile_placeholders
from mockserver.domain.personalising.template import TEXT, Template, fixed, lines
from mockserver.domain.text import length_utf16

AT = datetime(2026, 12, 1, tzinfo=UTC)


def liquid(source: str) -> Template:
    """A text, compiled."""
    found = compile_text(source, "$", AT)
    assert isinstance(found, Template)
    return found


@pytest.mark.parametrize(
    ("source", "most"),
    [
        ("Hi", 2),
        ("😀", 2),
        ("Hi {{ a }}", 13),
        ("{{ a }}{{ b }}!", 11),
        ("{{ a }}{{ a }}!", 21),
        ("{{ a | default: 'you' }}", 13),
        ("{{ a | upcase }}", inf),
        ("{% if a %}b{% endif %}", inf),
    ],
)
def test_how_long_a_text_becomes_at_most(source: str, most: float) -> None:
    """Where all values of somebody have ten characters; the library's work nobody can foresee."""
    assert liquid(source).most(10) == most


PARTS = st.sampled_from(["{{ a }}", "{{ b | default: 'xyz' }}", "{{ c }}", "text", "😀", " "])
VALUES = st.dictionaries(st.sampled_from("abc"), st.text(max_size=20))


@given(st.lists(PARTS, max_size=8).map("".join), VALUES)
def test_no_text_becomes_longer_than_foreseen(source: str, values: dict[str, str]) -> None:
    """Liquid or placeholders; bytes of UTF-8 are never fewer than units of UTF-16."""
    size = sum(len(value.encode("utf-8", "surrogatepass")) for value in values.values())
    found = (liquid(source), compile_placeholders(source, "$", values))
    for template in (*found, lines(found, "$")):
        text = template.write(values)
        assert length_utf16(text) <= template.most(size)


def test_lines() -> None:
    """A blank line between two texts; none beside one that is empty."""
    card = lines([liquid("{{ title }}"), fixed("Body", "$", TEXT)], "$.card")
    assert card.render({"title": "T"}) == "T\n\nBody"
    assert card.render({}) == "Body"
    assert (card.context, card.constant, card.bare) == ("$.card", False, ())
    assert lines([liquid("{% if a %}b{% endif %}")], "$").most(0) == inf


def test_constant_lines() -> None:
    """What is the same for all is written once."""
    card = lines([fixed("T", "$", TEXT), fixed("B", "$", TEXT)], "$.card")
    assert card.constant
    assert card.render({}) == "T\n\nB"
    assert lines([], "$").render({}) == ""


def test_a_text_or_a_template_as_a_template() -> None:
    """A template is itself."""
    template = liquid("{{ a }}")
    assert fixed(template, "$.x", TEXT) is template
    assert fixed("{{ a }}", "$.x", TEXT).render({"a": "b"}) == "{{ a }}"
