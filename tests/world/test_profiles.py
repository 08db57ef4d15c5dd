"""Profile names of handsets."""

from typing import Any

from mockserver.domain.addresses import parse_to
from mockserver.domain.faults import Given, GivenHandset
from mockserver.world.profiles import Profiles

ONE, OTHER = (parse_to(f"whatsapp:+1415555267{digit}") for digit in "12")


def profiles(world: Any) -> Profiles:
    return Profiles(world.sandbox.tables, world.sandbox.dice)


def test_a_name_goes_with_the_number(make_world: Any) -> None:
    """Made up from seed and number: the same in every run, another for another number."""
    here = profiles(make_world(seed=7))
    assert here.of(ONE)
    assert here.of(ONE) == profiles(make_world(seed=7)).of(ONE) == here.of(parse_to(ONE.number))
    assert here.of(ONE) != here.of(OTHER)
    assert here.of(ONE) != profiles(make_world(seed=8)).of(ONE)


def test_a_name_that_was_set_up_counts(make_world: Any) -> None:
    """For this handset only, also where it has joined the sandbox since."""
    world = make_world(seed=7)
    made_up = profiles(world).of(OTHER)
    given = Given(handsets=(GivenHandset(ONE.number, profile_name="Zoë"),))
    world.give(given)
    assert profiles(world).of(ONE) == "Zoë"
    assert profiles(world).of(OTHER) == made_up


def test_who_has_no_number_has_no_name(make_world: Any) -> None:
    """Messenger's ids are no numbers."""
    assert profiles(make_world()).of(parse_to("messenger:1234567890")) == ""
