"""Contents, compiled: what each channel sends, and what a fetched message shows of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.bulk.examine import examine, finish
from mockserver.domain.bulk.gate import Gate
from mockserver.domain.bulk.records import Content, Module, Send, Terms
from mockserver.domain.content import ContentTemplate
from mockserver.domain.json_faults import Fault, Refused
from mockserver.world.bulk.scripts import script_of, templates_of
from mockserver.world.bulk.writing import CHANNELS, Script, Written
from mockserver.world.schema_files import load
from mockserver.world.showing import shown_of, with_button

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field

SID, ACCOUNT, OTHER = "HX" + "a" * 32, "AC" + "a" * 32, "AC" + "b" * 32
ADA = {"name": "Ada", "1": "Ada"}
URL = "https://example.com/a.png"


def script(
    content: Content,
    tags: tuple[tuple[str, str], ...] = (),
    template: ContentTemplate | None = None,
) -> Script:
    """What has no fault."""
    found = script_of(Send(content, (), 0, tags=tags), 0, lambda sid: template)
    assert not isinstance(found, list), found
    return found


def faults(content: Content, tags: tuple[tuple[str, str], ...] = ()) -> list[tuple[str, int]]:
    """Where and what is wrong with a content."""
    found = script_of(Send(content, (), 0, tags=tags), 0)
    assert isinstance(found, list)
    return [(fault.context, fault.code) for fault in found]


def of(types: dict[str, Any], **more: Any) -> Script:
    """Of a template with these types."""
    made = ContentTemplate(SID, ACCOUNT, types, **more)
    return script(Content(template=SID), (("c", "{{ name }}"),), made)


# -- text and media --------------------------------------------------------------------------------


def test_text_and_media_on_every_channel() -> None:
    """Filled in for the recipient; media make it an MM."""
    made = script(Content("Hi {{ name }}", (URL, "https://example.com/{{ name }}")))
    written = Written("Hi Ada", (URL, "https://example.com/Ada"))
    assert {channel: made.write(channel, ADA) for channel in CHANNELS} == dict.fromkeys(
        CHANNELS, written
    )
    assert made.channels == {*CHANNELS}
    assert {made.prefix(channel) for channel in CHANNELS} == {"MM"}
    assert made.free_text
    assert made.template is None


def test_text_and_media_as_shown() -> None:
    """In the request's shape."""
    made = script(Content("Hi {{ name }}", (URL, "https://example.com/{{ name }}")))
    assert made.content("SMS", ADA) == {
        "text": "Hi Ada",
        "media": [{"url": URL}, {"url": "https://example.com/Ada"}],
    }
    assert script(Content("Hi")).content("", {}) == {"text": "Hi"}
    assert script(Content(media=(URL,))).content("", {}) == {"media": [{"url": URL}]}


def test_what_is_the_same_for_all_is_written_once() -> None:
    """Everybody gets the same record, and there is nothing to look for."""
    made = script(Content("Hi", (URL,)), (("a", "b"),))
    assert made.write("SMS", {}) is made.write("RCS", ADA)
    assert [*made.templates] == []
    assert made.tags(ADA) is made.tags({})
    assert made.prefix("SMS") == "MM"
    assert script(Content("Hi")).prefix("SMS") == "SM"


def test_what_cannot_be_written_is_a_fault() -> None:
    """The text first, then tags, then media."""
    made = script(Content("{{ text }}", ("https://{{ host }}",)), (("c", "{{ tag }}"),))
    good = {"text": "Hi", "host": "example.com", "tag": "x"}
    assert made.write("SMS", good) == Written("Hi", ("https://example.com",))
    for name, bad, context, code in (
        ("text", "x" * 1_601, "$.content.text", 21617),
        ("tag", "a b", "$.tags", 20001),
        ("host", " ", "$.content.media[0].url", 21620),
    ):
        fault = made.write("SMS", {**good, name: bad})
        assert isinstance(fault, Fault)
        assert (fault.context, fault.code) == (context, code)


def test_tags() -> None:
    """All of them, rendered; none where one cannot be."""
    made = script(Content("Hi"), (("a", "{{ name }}"), ("b", "c")))
    assert made.tags(ADA) == {"a": "Ada", "b": "c"}
    assert made.tags({"name": "not a tag"}) == {}
    assert script(Content("Hi"), (("a", "b"),)).tags(ADA) == {"a": "b"}
    assert script(Content("Hi")).tags(ADA) == {}


def test_all_faults_at_once() -> None:
    """Of templates that are none, and of texts that are wrong for everybody."""
    found = faults(Content("{{ a", ("https://{% if %}", "nowhere", URL)), (("t", "{{"), ("u", " ")))
    assert found == [
        ("$.content.text", 20001),
        ("$.content.media[0].url", 20001),
        ("$.content.media[1].url", 21620),
        ("$.tags", 20001),
        ("$.tags", 20001),
    ]
    assert faults(Content("x" * 1_601), (("t", "{{ a }}"),)) == [("$.content.text", 21617)]


def test_now_is_when_it_was_accepted() -> None:
    """Whoever looks writes the same again."""
    content = Content("{{ 'now' | date: '%Y' }}")
    found = script_of(Send(content, (), 0), 1_796_083_200_000_000)
    assert not isinstance(found, list)
    assert found.write("SMS", {}) == Written("2026")


# -- modules ---------------------------------------------------------------------------------------


SMS = Module("SMS", "Hi {{ name }}")
WHATSAPP = Module("WHATSAPP", media=("https://example.com/{{ name }}",))
RCS = Module("RCS", rich=b'{"text":"Rich {{ name }}"}')


def test_modules_say_each_channel_its_own() -> None:
    """Channels without a module are not used."""
    made = script(Content(modules=(SMS, RCS)))
    assert made.channels == {"SMS", "RCS"}
    assert made.write("SMS", ADA) == Written("Hi Ada")
    assert made.write("RCS", ADA) == Written("Rich Ada")
    assert made.free_text
    picture = script(Content(modules=(WHATSAPP,)))
    assert picture.write("WHATSAPP", ADA) == Written("", ("https://example.com/Ada",))
    assert (picture.prefix("WHATSAPP"), made.prefix("SMS")) == ("MM", "SM")


def test_modules_as_shown() -> None:
    """The one of the channel used; all where none has been."""
    made = script(Content(modules=(SMS, RCS)))
    own, rich = {"sms": {"text": "Hi Ada"}}, {"rcs": {"text": "Rich Ada"}}
    assert made.content("SMS", ADA) == {"modules": [own]}
    assert made.content("RCS", ADA) == {"modules": [rich]}
    assert made.content("WHATSAPP", ADA) == made.content("", ADA) == {"modules": [own, rich]}


def test_faults_of_modules_have_paths_of_their_own() -> None:
    """By the module's place, and what is in it."""
    bad = (Module("RCS", rich=b'{"text":"{{"}'), Module("SMS", "{{", ("nowhere",)))
    assert faults(Content(modules=bad)) == [
        ("$.content.modules[0].rcs.text", 20001),
        ("$.content.modules[1].sms.text", 20001),
        ("$.content.modules[1].sms.media[0].url", 21620),
    ]


# -- templates -------------------------------------------------------------------------------------


TEXT = {"twilio/text": {"body": "Hi {{1}}, {{2}} {{ name }}"}}


def test_a_template_is_filled_in_literally() -> None:
    """No Liquid in it; the recipient's values, else its own, else what is written there."""
    made = of({"twilio/text": {"body": "{{1}} {{2}} {{3}} {{1 | upcase}}"}}, variables={"2": "two"})
    assert made.write("SMS", ADA) == Written("Ada two {{3}} {{1 | upcase}}")
    assert made.write("RCS", {"1": "{{2}}", "name": "x"}) == Written(
        "{{2}} two {{3}} {{1 | upcase}}"
    )
    assert made.tags({"name": "x"}) == {"c": "x"}


def test_whatsapp_minds_what_is_missing() -> None:
    """63028 for that message, once it is sent; other channels show the placeholder."""
    made = of(TEXT, variables={"2": "two"})
    found = made.write("WHATSAPP", {"1": "Ada"})
    assert isinstance(found, Fault)
    assert (found.code, found.context) == (63028, "$.content.contentId")
    assert "(name is missing)" in found.message
    assert made.write("WHATSAPP", ADA) == Written("Hi Ada, two Ada")
    assert made.write("SMS", {"1": "Ada", "name": "x"}) == Written("Hi Ada, two x")


def test_the_richest_type_of_each_channel() -> None:
    """Media on SMS is MMS; a channel that can show none of them is not used."""
    types = {
        **TEXT,
        "twilio/media": {"body": "Look", "media": ["https://example.com/{{1}}.png"]},
        "twilio/list-picker": {"body": "Choose, {{1}}", "button": "Go", "items": []},
    }
    made = of(types)
    assert made.write("SMS", ADA) == Written("Look", ("https://example.com/Ada.png",))
    assert made.write("WHATSAPP", ADA) == Written("Choose, Ada")
    assert [made.prefix(channel) for channel in CHANNELS] == ["MM", "MM", "MM"]
    assert of(TEXT).prefix("SMS") == "SM"
    assert of({"twilio/location": {"latitude": 1}}).channels == {"WHATSAPP"}


def test_a_template_as_shown() -> None:
    """By its id alone: content has one of three shapes, and nothing else beside the id."""
    assert of(TEXT).content("SMS", ADA) == {"contentId": SID}


@pytest.mark.parametrize(("approval", "free"), [("approved", False), ("pending", True)])
def test_an_approved_template_goes_outside_of_sessions(approval: str, free: bool) -> None:
    """Any other is like free text."""
    made = of(TEXT, approval=approval)
    assert made.free_text is free
    assert made.template is not None
    assert made.template.sid == SID


def test_templates_that_are_wrong_for_everybody() -> None:
    """A text that is too long, an address that is none: told once, though on several channels."""
    for body, url, code in (("x" * 1_601, "nowhere", 21617), ("Look", "nowhere", 21620)):
        made = ContentTemplate(SID, ACCOUNT, {"twilio/media": {"body": body, "media": [url]}})
        found = script_of(Send(Content(template=SID), (), 0), 0, templates_of(ACCOUNT, {SID: made}))
        assert isinstance(found, list)
        assert [(fault.context, fault.code) for fault in found] == [("$.content.contentId", code)]


def test_a_template_that_is_not_the_accounts() -> None:
    """Unknown or somebody else's: 21655, with the faults of the tags."""
    kept = {SID: ContentTemplate(SID, OTHER, TEXT)}
    send = Send(Content(template=SID), (), 0, tags=(("t", "{{"),))
    for sid in (ACCOUNT, "AC" + "c" * 32):
        found = script_of(send, 0, templates_of(sid, kept))
        assert isinstance(found, list)
        assert [fault.code for fault in found] == [21655, 20001]
        assert found[0].context == "$.content.contentId"
    assert not isinstance(
        script_of(Send(Content(template=SID), (), 0), 0, templates_of(OTHER, kept)), list
    )


# -- all of them -----------------------------------------------------------------------------------


liquid = st.sampled_from(
    ["{{ name }}", "{{ name | upcase }}", "text", "{{1}}", "{% raw %}{{{% endraw %}"]
)
cards = st.fixed_dictionaries(
    {},
    optional={
        "title": liquid,
        "description": liquid,
        "media": st.fixed_dictionaries(
            {"contentInfo": st.fixed_dictionaries({"fileUrl": st.just(URL)})}
        ),
    },
)
rcs = (
    st.fixed_dictionaries({"text": liquid})
    | st.fixed_dictionaries({"media": st.just({"contentInfo": {"fileUrl": URL}})})
    | cards.map(lambda one: {"richCard": {"standaloneCard": {"cardContent": one}}})
    | st.lists(cards, min_size=2, max_size=4).map(
        lambda some: {"richCard": {"carouselCard": {"cardContents": some}}}
    )
)
plain = st.fixed_dictionaries({"text": liquid}, optional={"media": st.just([{"url": URL}])})
contents = (
    plain
    | st.fixed_dictionaries({"contentId": st.just(SID)})
    | st.fixed_dictionaries({}, optional={"sms": plain, "rcs": rcs, "whatsapp": plain})
    .filter(bool)
    .map(lambda by_channel: {"modules": [{name: one} for name, one in by_channel.items()]})
)


@pytest.fixture(name="gate", scope="session")
def _gate() -> Gate:
    """As a server has it."""
    return Gate(load("comms/v1/SendMessages"), jsonschema_rs.Draft202012Validator)


@given(content=contents, name=st.text(st.characters(codec="utf-8"), max_size=5))
def test_whatever_is_accepted_can_be_written_and_shown(
    gate: Gate, content: dict[str, Any], name: str
) -> None:
    """On each of its channels; and what is shown has the request's shape, and is JSON."""
    document = {"to": [{"address": "+14155552671", "channel": "PHONE"}], "content": content}
    send = finish(examine(document, gate, Terms(0)))
    assert isinstance(send, Send)
    made = script(send.content, template=ContentTemplate(SID, ACCOUNT, TEXT))
    variables = {"name": name, "1": name, "2": name}
    for channel in made.channels:
        assert isinstance(made.write(channel, variables), Written)
        assert made.prefix(channel) in ("SM", "MM")
        orjson.dumps(made.content(channel, variables))
    shown = made.content("", variables)
    assert shown.keys() == content.keys()


async def test_a_message_made_from_a_template(field: "Callable[..., Field]") -> None:
    """From the seed to the classic message."""
    there = field()
    there.give(content=[{"sid": SID, "types": TEXT, "variables": {"2": "two"}}])
    person = {"address": "+14155552671", "channel": "PHONE", "variables": ADA}
    operation = await there.send(person, content={"contentId": SID})
    await there.over()
    [message] = there.twins(operation)
    assert message.body == "Hi Ada, two Ada"
    assert operation.tally.stats()["delivered"] == 1


@pytest.mark.parametrize(("approval", "code"), [("approved", 0), ("rejected", 63016)])
async def test_whatsapp_outside_of_a_session(
    field: "Callable[..., Field]", approval: str, code: int
) -> None:
    """Only what it approved is delivered, where sessions matter."""
    there = field()
    there.scenario(options={"whatsapp_session": "24h"})
    there.give(content=[{"sid": SID, "types": TEXT, "approval": approval}])
    person = {"address": "+14155552671", "channel": "WHATSAPP", "variables": {**ADA, "2": "x"}}
    sender = {"address": "+15005550007", "channel": "WHATSAPP"}
    operation = await there.send(person, from_=sender, content={"contentId": SID})
    await there.over()
    [message] = there.twins(operation)
    assert there.world.delivery(message).error_code == code
    assert message.sid.startswith("MM")


async def test_a_template_that_lacks_something_on_whatsapp(field: "Callable[..., Field]") -> None:
    """That message fails; the others are delivered."""
    there = field()
    there.give(content=[{"sid": SID, "types": {"twilio/text": {"body": "Hi {{1}}"}}}])
    sender = {"address": "+15005550007", "channel": "WHATSAPP"}
    people = [
        {"address": f"+1415555267{place}", "channel": "WHATSAPP", "variables": {key: "Ada"}}
        for place, key in enumerate("12")
    ]
    operation = await there.send(*people, from_=sender, content={"contentId": SID})
    await there.over()
    assert [code for _, _, code in there.told(operation)] == [0, 63028]


async def test_a_template_that_nobody_has(field: "Callable[..., Field]") -> None:
    """The request is refused with everything else that is wrong with it."""
    with pytest.raises(Refused) as refused:
        await field().send(1, content={"contentId": SID}, tags={"t": "{{"})
    assert [fault.code for fault in refused.value.faults] == [21655, 20001]


async def test_what_a_message_from_a_template_shows(field: "Callable[..., Field]") -> None:
    """Worked out for whoever looks, each recipient's own; with it, what its buttons tell."""
    there = field()
    buttons = [{"title": "Yes", "id": "y_{{1}}"}, {"title": "No"}]
    types = {"twilio/quick-reply": {"body": "Come, {{1}}?", "actions": buttons}}
    there.give(content=[{"sid": SID, "types": types}])
    sender = {"address": "+15005550007", "channel": "WHATSAPP"}
    person = {"address": "+14155552671", "channel": "WHATSAPP", "variables": ADA}
    operation = await there.send(person, from_=sender, content={"contentId": SID})
    plain = await there.send("+14155552671")
    await there.over()
    [message], [text] = there.twins(operation), there.twins(plain)
    found = shown_of(there.tables, message)
    assert found is not None
    assert found.buttons == {"Yes": "y_Ada", "No": "No"}
    assert shown_of(there.tables, text) is None
    assert with_button(there.tables, message.from_, message.to, "Yes") == (message, "y_Ada")
