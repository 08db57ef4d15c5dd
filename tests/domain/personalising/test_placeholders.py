"""The `{{1}}` of content templates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.json_faults import Fault
from mockserver.domain.personalising.placeholders import compile_placeholders, keys_of

PATH = "$.content.contentId"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hi {{1}}", "Hi Ada"),
        ("{{ 1 }}{{1}}", "AdaAda"),
        ("{{2}} {{first_name}}", "two {{first_name}}"),
        ("{{empty}}|", "|"),
        ("{{3}}", "{{3}}"),
        ("{{ 3 }}", "{{ 3 }}"),
        ("{{id name}}{{1 | upcase}}{% if a %}", "{{id name}}{{1 | upcase}}{% if a %}"),
        ("{{{1}}}", "{Ada}"),
        ("{1} {{}} {{", "{1} {{}} {{"),
        ("", ""),
    ],
)
def test_placeholders_are_replaced_and_nothing_else(source: str, text: str) -> None:
    """The recipient's value, else the template's, else the placeholder as it is written."""
    template = compile_placeholders(source, PATH, {"1": "one", "2": "two"})
    assert template.render({"1": "Ada", "empty": ""}) == text
    assert template.bare == ()


def test_the_keys_of_a_text() -> None:
    """In order, as often as they stand there."""
    assert keys_of("{{1}} {{ name }} {{1}} {{no name}} {{}}") == ("1", "name", "1")
    assert keys_of("none") == ()


def test_a_text_without_placeholders_is_the_same_for_all() -> None:
    """So that nobody has to look at recipients for it."""
    assert compile_placeholders("Hi {{ you there }}", PATH, {}).constant
    assert not compile_placeholders("Hi {{you}}", PATH, {}).constant


def test_a_value_is_not_read_again() -> None:
    """Literal replacement in one pass."""
    assert compile_placeholders("{{1}}{{2}}", PATH, {}).render({"1": "{{2}}", "2": "b"}) == "{{2}}b"


def test_a_text_that_became_too_long_is_refused() -> None:
    """21617 at the template's path."""
    fault = compile_placeholders("{{1}}", PATH, {}).render({"1": "x" * 1_601})
    assert isinstance(fault, Fault)
    assert (fault.code, fault.context) == (21617, PATH)


@given(st.text(max_size=80), st.dictionaries(st.sampled_from("12a"), st.text(max_size=5)))
def test_what_has_no_values_stays_as_it_is(source: str, values: dict[str, str]) -> None:
    """Any text is a template; without values it renders to itself."""
    assert compile_placeholders(source, PATH, {}).render({}) == source
    known = compile_placeholders(source, PATH, values).render({})
    assert known == compile_placeholders(source, PATH, {}).render(values)
