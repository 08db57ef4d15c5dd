"""What is found by looking at recipients, and when nobody needs to be looked at."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.bulk.records import COHORT as COHORT_KIND
from mockserver.domain.bulk.records import PHONE, PROFILE, Content, Module, RecipientBlock, Send
from mockserver.domain.content import ContentTemplate
from mockserver.domain.json_faults import Fault
from mockserver.domain.personalising.defaults import LiquidDefault
from mockserver.world.audiences.filling import at_once, of_rows
from mockserver.world.audiences.finding import OwnAudience
from mockserver.world.audiences.stores import Cohort, Store
from mockserver.world.bulk.people import Direct, Part, People
from mockserver.world.bulk.peopling import people_of
from mockserver.world.bulk.scripts import script_of
from mockserver.world.bulk.scrutiny import scrutinise
from mockserver.world.bulk.writing import Script, Written
from mockserver.world.tables import Tables

SID = "HX" + "a" * 32
TEXT = "$.content.text"
LONG = "x" * 1_601

Values = Mapping[str, str] | None


def script(
    text: str = "", *media: str, tags: tuple[tuple[str, str], ...] = (), **content: Any
) -> Script:
    """A content without fault."""
    send = Send(Content(text, media, **content), (), 0, tags=tags)
    found = script_of(send, 0)
    assert not isinstance(found, list), found
    return found


def block(values: list[Values], start: int = 0) -> RecipientBlock:
    """Recipients with these variables, as `examine` puts them into columns."""
    names = [set(one or ()) for one in values]
    return RecipientBlock(
        start,
        tuple(f"+1415{2_000_000 + place}" for place in range(len(values))),
        bytes(len(values)),
        msgspec.json.encode(values) if any(values) else b"",
        tuple(sorted(set.intersection(*names))) if names else (),
    )


def look(
    made: Script,
    *values: Values,
    rule: LiquidDefault = "if_missing",
    parts: list[Part] | None = None,
) -> list[Fault]:
    """The faults, once all stretches were taken."""
    people = People(parts if parts is not None else [Direct(block([*values]))])
    return finished(made, people, rule)[0]


def finished(made: Script, people: People, rule: LiquidDefault) -> tuple[list[Fault], int]:
    """The faults, and how many stretches it took."""
    steps, count = scrutinise(made, people, rule), 0
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            faults: list[Fault] = stop.value
            return faults, count
        count += 1


# -- variables without a default -------------------------------------------------------------------


def test_somebody_lacks_a_variable() -> None:
    """The first is named, the others counted: one fault for ten thousand recipients."""
    made = script("Hi {{ name }}")
    assert look(made, {"name": "Ada"}, {"name": "Bo"}) == []
    [fault] = look(made, {"name": "Ada"}, None, {"other": "x"}, {})
    start = "Invalid parameter: Liquid: variable 'name' has no default filter"
    said = f"{start}, and $.to[1] does not have it, nor do 2 more."
    assert fault == Fault(20001, said, TEXT)
    [fault] = look(made, {"name": "Ada"}, None)
    assert fault.message == f"{start}, and $.to[1] does not have it."


def test_an_empty_value_is_not_lacking() -> None:
    """It was given."""
    assert look(script("Hi {{ name }}"), {"name": ""}) == []


def test_every_variable_with_a_default() -> None:
    """Nobody lacks anything then."""
    assert look(script("Hi {{ name | default: 'you' }}"), None, {}) == []


@pytest.mark.parametrize("values", [{"name": "Ada"}, None])
def test_the_other_rules(values: Values) -> None:
    """`require` refuses in any case, `off` in none."""
    made = script("Hi {{ name }}")
    said = "Invalid parameter: Liquid: variable 'name' has no default filter."
    assert look(made, values, rule="require") == [Fault(20001, said, TEXT)]
    assert look(made, values, rule="off") == []
    assert look(script("{{ name | default: 'x' }}"), values, rule="require") == []


def test_each_text_has_a_fault_of_its_own() -> None:
    """Texts of all channels, media and tags."""
    modules = (Module("SMS", "{{ a }}", ("https://x/{{ b }}",)), Module("WHATSAPP", "{{ c }}"))
    made = script(modules=modules, tags=(("t", "{{ d }}"), ("u", "v")))
    found = look(made, {"a": "1"})
    assert [fault.context for fault in found] == [
        "$.content.modules[0].sms.media[0].url",
        "$.tags",
        "$.content.modules[1].whatsapp.text",
    ]


# -- what comes out --------------------------------------------------------------------------------


def test_a_text_that_becomes_too_long() -> None:
    """21617, for whom, and for how many more."""
    made = script("{{ a }}")
    assert look(made, {"a": "x" * 1_600}) == []
    [fault] = look(made, {"a": "x"}, {"a": LONG}, {"a": LONG})
    assert (fault.code, fault.context) == (21617, TEXT)
    assert fault.message.endswith("character limit (for $.to[1] and 1 more).")


def test_variables_that_are_not_used_may_be_long() -> None:
    """They make nobody's text long."""
    assert look(script("{{ a }}"), {"a": "x", "b": LONG}) == []


def test_media_and_tags_that_do_not_fit() -> None:
    """An address with a blank in it, a tag with one."""
    made = script("", "https://example.com/{{ a }}", tags=(("t", "{{ a }}"),))
    found = look(made, {"a": "x"}, {"a": "no no"})
    assert [(fault.context, fault.code) for fault in found] == [
        ("$.content.media[0].url", 21620),
        ("$.tags", 20001),
    ]
    assert all(fault.message.endswith("(for $.to[1]).") for fault in found)


def test_liquid_that_cannot_be_carried_out() -> None:
    """For somebody's variables."""
    made = script("{{ a | divided_by: b }}")
    [fault] = look(made, {"a": "4", "b": "2"}, {"a": "4", "b": "0"})
    assert (fault.code, fault.context) == (20001, TEXT)
    assert "divi" in fault.message


def test_placeholders_that_nobody_fills_in_are_no_fault() -> None:
    """They stay as they are; WhatsApp complains when it is sent."""
    made = ContentTemplate(SID, "AC1", {"twilio/text": {"body": "Hi {{1}}"}})
    send = Send(Content(template=SID), (), 0)
    found = script_of(send, 0, lambda sid: made)
    assert not isinstance(found, list)
    assert look(found, None) == []
    [fault] = look(found, {"1": LONG})
    assert (fault.code, fault.context) == (21617, "$.content.contentId")


# -- how much is looked at -------------------------------------------------------------------------


def test_constant_content_needs_no_look() -> None:
    """Not one stretch."""
    people = People([Direct(block([None] * 10))])
    assert finished(script("Hi", tags=(("a", "b"),)), people, "if_missing") == ([], 0)


def unreadable(count: int) -> RecipientBlock:
    """Recipients whose variables cannot be looked at one by one; their sizes can be told."""
    return msgspec.structs.replace(
        block([{"a": "x"}] * count), variables=b"[" + b",".join([b"1234567"] * count) + b"]"
    )


def test_the_usual_request_needs_no_look_at_anybody() -> None:
    """All have what has no default, and nobody has enough to make the text too long."""
    made = script("{{ a }}, {{ b | default: 'x' }}")
    assert look(made, parts=[Direct(unreadable(5))]) == []
    with pytest.raises(msgspec.ValidationError):
        look(script("{{ c }}"), parts=[Direct(unreadable(5))])
    with pytest.raises(msgspec.ValidationError):
        look(script("{{ a }}" + "x" * 1_599), parts=[Direct(unreadable(5))])


def test_stretches_are_short() -> None:
    """A thousand recipients at most; one where the library renders, which may take long."""
    people = People([Direct(block([{"a": "x"}] * 1_000))] * 3)
    for text, count in (("{{ a }}", 3), ("{{ b }}", 6), ("{{ a | upcase }}", 3_003)):
        assert finished(script(text), people, "if_missing")[1] == count


def test_places_are_those_of_the_request() -> None:
    """In later blocks too."""
    parts: list[Part] = [Direct(block([{"a": "x"}] * 2, start=5)), Direct(block([None], start=9))]
    [fault] = look(script("{{ a }}"), parts=parts)
    assert "$.to[9]" in fault.message


# -- profiles and cohorts --------------------------------------------------------------------------


STORE = "mem_store_01h9krwprkeee8fzqspvwy6nq8"
COHORT = "cmp_cohort_01h9krwprkeee8fzqspvwy6nq8"
NAME = "${Twilio.Profile.firstName}"


def listed(*kinds: int, variables: Mapping[str, str]) -> People:
    """Recipients of an account with a store of two, of whom one has a name, and a cohort of it."""
    rows = [{"phone": "+14155550101", "firstName": "Ada"}, {"phone": "+14155550102"}]
    store = Store(STORE, "AC1").grown(at_once(of_rows(rows)), 0)
    tables = Tables()
    tables.profile_stores[STORE] = store
    tables.cohorts[COHORT] = Cohort(COHORT, "AC1", STORE)
    to = {
        PHONE: "+14155552671",
        PROFILE: f"{STORE} {store.profile_id(0)}",
        NAMELESS: f"{STORE} {store.profile_id(1)}",
        COHORT_KIND: COHORT,
    }
    columns = msgspec.structs.replace(
        block([variables] * len(kinds)),
        to=tuple(to[kind] for kind in kinds),
        kinds=bytes(PROFILE if kind == NAMELESS else kind for kind in kinds),
    )
    people = people_of(Send(Content(), (columns,), len(kinds)), OwnAudience(tables, "AC1"))
    assert isinstance(people, People), people
    return people


NAMELESS = 99


def seen(made: Script, *kinds: int, **variables: str) -> list[Fault]:
    """The faults of a content for such recipients, all of whom have these variables."""
    return finished(made, listed(*kinds, variables=variables), "if_missing")[0]


def test_what_a_cohorts_item_gives_all_members() -> None:
    """Is looked at once, and counts as its place."""
    made = script("Hi {{ a }}")
    assert seen(made, COHORT_KIND, a="x") == []
    [fault] = seen(made, PHONE, COHORT_KIND, a=LONG)
    assert fault.message.endswith("(for $.to[0] and 1 more).")
    [fault] = seen(script("{{ b }}"), COHORT_KIND, a="x")
    assert "$.to[0] does not have it." in fault.message


def test_what_a_members_traits_make_of_it_is_found_when_it_is_sent() -> None:
    """Of a reference only that it is there."""
    made = script("Hi {{ a }}", tags=(("t", "{{ a }}"),))
    assert seen(made, COHORT_KIND, a=NAME) == []
    [fault] = seen(script("{{ a }}{{ b }}"), COHORT_KIND, a=NAME)
    assert "'b'" in fault.message


def test_profiles_are_looked_at_with_their_traits() -> None:
    """A reference that leads nowhere is a variable that is lacking."""
    made = script("Hi {{ a }}")
    assert seen(made, PROFILE, PHONE, PROFILE, a=NAME) == []
    [fault] = seen(made, PHONE, PROFILE, NAMELESS, a=NAME)
    assert "$.to[2] does not have it." in fault.message


def test_profiles_without_references_are_as_anybody() -> None:
    """What they have is in the request."""
    made = script("Hi {{ a }}")
    assert seen(made, PROFILE, NAMELESS, a="x") == []
    [fault] = seen(made, PHONE, NAMELESS, a=LONG)
    assert fault.message.endswith("(for $.to[0] and 1 more).")


# -- all of it -------------------------------------------------------------------------------------


pieces = st.sampled_from(["{{ a }}", "{{ b | default: 'y' }}", "{{ a | upcase }}", "Hi", "😀"])
texts = st.lists(pieces, min_size=1, max_size=4).map("".join)
lengths = st.sampled_from(["", "x", "😀" * 400, "x" * 800, "é" * 1_590, LONG])
people_ = st.lists(
    st.none() | st.dictionaries(st.sampled_from("abc"), lengths), min_size=1, max_size=6
)


@given(text=texts, values=people_)
def test_a_fault_is_found_exactly_where_there_is_one(text: str, values: list[Values]) -> None:
    """The quick ways out never miss anything, and never make anything up."""
    made = script(text)
    bare = {name for template in made.templates for name in template.bare}
    spoilt = [
        place
        for place, one in enumerate(values)
        if bare - {*(one or ())} or not isinstance(made.write("SMS", one or {}), Written)
    ]
    found = look(made, *values)
    assert len(found) == bool(spoilt)
    assert all(f"$.to[{spoilt[0]}]" in fault.message for fault in found)
