"""JSON in which any text may be Liquid."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.json_faults import Fault
from mockserver.domain.personalising.shapes import compiled, filled, templates
from mockserver.domain.personalising.template import MEDIA_URL, TAG, Template

AT = datetime(2026, 12, 1, tzinfo=UTC)


def shape(value: Any, **options: Any) -> tuple[Any, list[Fault]]:
    """What is compiled of a value, and what is wrong with it."""
    faults: list[Fault] = []
    return compiled(value, "$.content", AT, faults, **options), faults


def test_texts_with_liquid_become_templates() -> None:
    """Each knows its JSON path; everything else stays as it is, names included."""
    value = {"{{ a }}": ["x", {"b": "Hi {{ a }}"}], "n": 1, "yes": True, "none": None}
    made, faults = shape(value)
    assert faults == []
    [template] = templates(made)
    assert template.context == "$.content.{{ a }}[1].b"
    assert {**made, "{{ a }}": None} == {**value, "{{ a }}": None}
    assert made["{{ a }}"] == ["x", {"b": template}]


def test_they_are_filled_in() -> None:
    """In their places; the compiled value stays as it was."""
    made, _ = shape({"a": ["{{ x }}", "y"], "b": {"c": "{{ x | upcase }}"}})
    assert filled(made, {"x": "v"}) == {"a": ["v", "y"], "b": {"c": "V"}}
    assert filled(made, {}) == {"a": ["", "y"], "b": {"c": ""}}
    assert all(isinstance(each, Template) for each in (made["a"][0], made["b"]["c"]))


def test_what_cannot_be_rendered_is_empty() -> None:
    """Whoever shows it has been told of the fault elsewhere."""
    made, _ = shape({"a": "{{ x }}"})
    assert filled(made, {"x": "y" * 1_601}) == {"a": ""}


def test_faults_are_gathered() -> None:
    """Of templates that are none, and of constant texts that are wrong for everybody."""
    _, faults = shape(
        {"a": "{{ x", "b": "y" * 1_601, "c": [{"url": "nowhere"}], "d": {"url": "https://{{ x }}"}},
        kinds={"url": MEDIA_URL},
    )
    found = [(fault.context, fault.code) for fault in faults]
    assert found == [("$.content.a", 20001), ("$.content.b", 21617), ("$.content.c[0].url", 21620)]


def test_a_text_alone_has_the_kind_that_is_asked_for() -> None:
    """As a tag has."""
    made, faults = shape("not a tag", kind=TAG)
    assert (made, [fault.context for fault in faults]) == ("not a tag", ["$.content"])
    assert shape("a-tag", kind=TAG) == ("a-tag", [])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_characters="{")),
    lambda inside: (
        st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=5), inside, max_size=4)
    ),
    max_leaves=20,
)


@given(json_values)
def test_what_has_no_liquid_is_itself(value: Any) -> None:
    """Compiled as well as filled in."""
    made, faults = shape(value)
    assert (made, faults) == (value, [])
    assert filled(made, {"a": "b"}) == value
    assert list(templates(made)) == []
