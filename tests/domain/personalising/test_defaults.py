"""Variables without a default."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.json_faults import Fault
from mockserver.domain.personalising.compiling import compile_text
from mockserver.domain.personalising.defaults import default_fault, lacking
from mockserver.domain.personalising.template import Template, Variables

AT = datetime(2026, 12, 1, tzinfo=UTC)
START = "Invalid parameter: Liquid: variable 'name' has no default filter"


def template(source: str) -> Template:
    """A text that is a template."""
    found = compile_text(source, "$.content.text", AT)
    assert isinstance(found, Template)
    return found


def test_what_somebody_lacks() -> None:
    """Variables without a default that are not there, in order; an empty one is there."""
    text = template("{{ b }} {{ a }} {{ c | default: 'x' }}")
    assert lacking(text, {}) == ("b", "a")
    assert lacking(text, {"b": ""}) == ("a",)
    assert lacking(text, {"a": "1", "b": "2"}) == ()


def test_the_fault_names_the_variable_and_the_text() -> None:
    """And says why the variable must have a default, where there is a reason."""
    text = template("{{ name }}")
    assert default_fault(text, "name") == Fault(20001, f"{START}.", "$.content.text")
    why = default_fault(text, "name", ", and $.to[1] does not have it").message
    assert why == f"{START}, and $.to[1] does not have it."


@given(st.dictionaries(st.sampled_from("abc"), st.text(max_size=3)))
def test_nothing_but_bare_variables_can_be_lacking(variables: Variables) -> None:
    """Those with a default never are."""
    absent = {*lacking(template("{{ a }}{{ b }}{{ c | default: 'x' }}"), variables)}
    assert absent == {"a", "b"} - variables.keys()
