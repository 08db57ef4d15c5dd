"""References that are taken apart once."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.audiences.references import NONE, References
from mockserver.domain.personalising.traits import resolved

NAMES = st.sampled_from(["firstName", "city", "contact", "phone", "a b", "deep"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(".".join) | st.sampled_from(["a..b", "."])
REFERENCE = PATHS.map(lambda path: f"${{Twilio.Profile.{path}}}")
TEXT = st.lists(
    REFERENCE | st.sampled_from(["", "Hi ", "${Twilio.Profile.", "}", "${Twilio.Profile.}", "$"]),
    max_size=3,
).map("".join)
LEAVES = st.text(max_size=3) | st.integers() | st.booleans() | st.none() | st.lists(st.text())
TRAITS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.dictionaries(NAMES, LEAVES, max_size=4),
    lambda inner: st.dictionaries(NAMES, LEAVES | inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=2), TEXT, max_size=4), st.lists(TRAITS, max_size=3))
def test_everybody_gets_what_resolving_anew_gives(
    variables: dict[str, str], people: list[dict[str, Any]]
) -> None:
    """For any variables and any traits, one person after another."""
    references = References(variables)
    for traits in people:
        assert dict(references.of(traits)) == dict(resolved(variables, traits))


def test_a_trait_that_is_not_there_leaves_the_variable_out() -> None:
    """So that Liquid's default stands in; the others have theirs."""
    references = References({"1": "${Twilio.Profile.firstName}", "2": "x"})
    assert references.of({"city": "London"}) == {"2": "x"}
    assert references.of({"firstName": "Ada"}) == {"1": "Ada", "2": "x"}


def test_without_references_nothing_is_made() -> None:
    """The same variables are everybody's, and nobody's traits need be read."""
    variables = {"1": "x"}
    references = References(variables)
    assert not references.any
    assert references.of({"x": "y"}) is variables
    assert (NONE.any, NONE.of({})) == (False, {})
    assert References({"1": "${Twilio.Profile.a}"}).any
