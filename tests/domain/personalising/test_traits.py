"""References to a profile's traits in the values of variables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.personalising.traits import Traits, resolved

TRAITS: Traits = {
    "firstName": "Ada",
    "visits": 3,
    "score": 1.5,
    "vip": True,
    "nothing": None,
    "empty": "",
    "contact": {"phone": "+15558675310", "firstName": "Augusta", "city": "Paris"},
    "loop": "${Twilio.Profile.firstName}",
}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("${Twilio.Profile.firstName}", "Ada"),
        ("${Twilio.Profile.visits}", "3"),
        ("${Twilio.Profile.score}", "1.5"),
        ("${Twilio.Profile.vip}", "true"),
        ("${Twilio.Profile.empty}", ""),
        ("${Twilio.Profile.contact.phone}", "+15558675310"),
        ("${Twilio.Profile.contact.firstName}", "Augusta"),
        ("${Twilio.Profile.city}", "Paris"),
        ("${Twilio.Profile.loop}", "${Twilio.Profile.firstName}"),
        ("Dear ${Twilio.Profile.firstName} of ${Twilio.Profile.city}", "Dear Ada of Paris"),
        ("${Twilio.Profile.firstName", "${Twilio.Profile.firstName"),
        ("${Twilio.Profile.}", "${Twilio.Profile.}"),
        ("${Twilio.Contact.firstName}", "${Twilio.Contact.firstName}"),
        ("$5 {{ x }}", "$5 {{ x }}"),
    ],
)
def test_a_reference_becomes_the_trait(value: str, text: str) -> None:
    """Traits of the profile, or of a group; numbers as text; what is no reference stays."""
    assert resolved({"1": value}, TRAITS) == {"1": text}


@pytest.mark.parametrize(
    "name", ["lastName", "nothing", "contact", "contact.x", "firstName.x", "."]
)
def test_without_its_trait_a_variable_is_absent(name: str) -> None:
    """So that Liquid's default stands in, also where the reference is part of a longer text."""
    reference = f"${{Twilio.Profile.{name}}}"
    assert resolved({"a": reference, "b": f"Dear {reference}", "c": "x"}, TRAITS) == {"c": "x"}


def test_without_references_nothing_is_made() -> None:
    """The mapping itself comes back: most recipients have plain variables."""
    variables = {"a": "Ada", "b": "${x}"}
    assert resolved(variables, TRAITS) is variables


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20)), st.text(max_size=5))
def test_what_a_trait_holds_is_never_looked_at(variables: dict[str, str], trait: str) -> None:
    """One pass: every value is as it was, or the trait's text as it is."""
    asked = {**variables, "asked": "${Twilio.Profile.t}"}
    assert resolved(asked, {"t": trait}) == {**variables, "asked": trait}
