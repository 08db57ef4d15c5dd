"""A send request: every fault at once with its place, or a reading of the whole."""

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.domain.bulk.examine import Refusal, Verdict, examine, finish
from mockserver.domain.bulk.faults import MOST
from mockserver.domain.bulk.gate import Gate
from mockserver.domain.bulk.records import Content, Send, Terms

Check = Callable[..., Verdict]

ID: Final = "01h9krwprkeee8fzqspvwy6nq8"
NUMBER: Final = "+14155552671"
PHONE: Final = {"address": NUMBER, "channel": "PHONE"}
TEMPLATE: Final = "HX0123456789abcdef0123456789abcdef"
URL: Final = {"url": "https://example.com/a.png"}


def faults(verdict: Verdict) -> list[tuple[int, str]]:
    """Code and context of each."""
    assert isinstance(verdict, Refusal)
    return [(fault.code, fault.context) for fault in verdict.faults]


def sent(verdict: Verdict) -> Send:
    """The reading; fails with the faults when there are some."""
    assert isinstance(verdict, Send), verdict
    return verdict


# -- the table of faults ---------------------------------------------------------------------------

REFUSED: Final[list[tuple[dict[str, Any], list[tuple[int, str]]]]] = [
    # the recipients
    ({"drop": "to"}, [(20001, "$.to")]),
    ({"to": 5}, [(20001, "$.to")]),
    ({"to": PHONE}, [(20001, "$.to")]),
    ({"to": []}, [(20001, "$.to")]),
    ({"to": [PHONE] * 10_001}, [(20001, "$.to")]),
    ({"to": [PHONE, 5]}, [(20001, "$.to[1]")]),
    ({"to": [{}]}, [(20001, "$.to[0]")]),
    ({"to": [{"variables": {"a": "b"}}]}, [(20001, "$.to[0]")]),
    ({"to": [PHONE | {"cohortId": f"cmp_cohort_{ID}"}]}, [(20001, "$.to[0]")]),
    ({"to": [{"address": NUMBER}]}, [(20001, "$.to[0].channel")]),
    ({"to": [{"address": NUMBER, "channel": "SMS"}]}, [(20001, "$.to[0].channel")]),
    ({"to": [{"address": NUMBER, "channel": None}]}, [(20001, "$.to[0].channel")]),
    ({"to": [PHONE | {"address": "4155552671"}]}, [(21614, "$.to[0].address")]),
    ({"to": [PHONE | {"address": f"whatsapp:{NUMBER}"}]}, [(21614, "$.to[0].address")]),
    ({"to": [PHONE | {"address": f"{NUMBER}\n"}]}, [(21614, "$.to[0].address")]),
    ({"to": [PHONE | {"address": "+15555551234"}]}, [(21614, "$.to[0].address")]),
    ({"to": [PHONE | {"address": ""}]}, [(21614, "$.to[0].address")]),
    ({"to": [PHONE | {"address": 14155552671}]}, [(21614, "$.to[0].address")]),
    ({"to": [{"addresses": []}]}, [(20001, "$.to[0].addresses")]),
    ({"to": [{"addresses": [PHONE] * 11}]}, [(20001, "$.to[0].addresses")]),
    ({"to": [{"addresses": [PHONE, {}]}]}, [
        (20001, "$.to[0].addresses[1].address"), (20001, "$.to[0].addresses[1].channel"),
    ]),
    ({"to": [{"addresses": [PHONE, PHONE | {"address": "+15555551234"}]}]}, [
        (21614, "$.to[0].addresses[1].address"),
    ]),
    ({"to": [{"profileId": f"mem_profile_{ID}"}]}, [(20001, "$.to[0].memoryStoreId")]),
    ({"to": [{"memoryStoreId": f"mem_store_{ID}", "profileId": "me"}]}, [
        (20001, "$.to[0].profileId"),
    ]),
    ({"to": [{"cohortId": "all"}]}, [(20001, "$.to[0].cohortId")]),
    ({"to": [PHONE | {"variables": {"a": 1, "b c": "", "": "x"}}]}, [
        (20001, "$.to[0].variables"), (20001, "$.to[0].variables.a"),
        (20001, "$.to[0].variables['b c']"),
    ]),
    ({"to": [PHONE | {"variables": {"1": "", "01": 5, "0": "a"}}]}, [
        (20001, "$.to[0].variables['1']"), (20001, "$.to[0].variables['01']"),
    ]),
    ({"to": [PHONE | {"variables": ["a"]}]}, [(20001, "$.to[0].variables")]),
    # the sender
    ({"from_": {}}, [(20001, "$.from")]),
    ({"from_": None}, [(20001, "$.from")]),
    ({"from_": {"address": NUMBER, "channel": "FAX"}}, [(20001, "$.from.channel")]),
    ({"from_": {"address": NUMBER}}, [(20001, "$.from.channel")]),
    ({"from_": {"address": "", "channel": "SMS"}}, [(20001, "$.from.address")]),
    ({"from_": {"address": "MG" + "a" * 32, "channel": "SMS"}}, [(21606, "$.from.address")]),
    ({"from_": {"address": "rcs:agent", "channel": "RCS"}}, [(63007, "$.from.address")]),
    ({"from_": {"address": "agent", "channel": "whatsapp"}}, [(63007, "$.from.address")]),
    ({"from_": {"senderId": "comms_sender_1"}}, [(20001, "$.from.senderId")]),
    ({"from_": {"senderId": f"comms_sender_{ID}", "senderPoolId": f"comms_senderpool_{ID}"}}, [
        (20001, "$.from"),
    ]),
    ({"from_": {"senderPoolId": f"comms_senderpool_{ID}", "channels": {
        "filterIn": ["SMS", "sms"], "priority": [{"channel": "SMS", "priority": -1}],
    }}}, [
        (20001, "$.from.channels.filterIn"), (20001, "$.from.channels.priority[0].priority"),
    ]),
    # the content
    ({"drop": "content"}, [(20001, "$.content")]),
    ({"content": "Ahoy"}, [(20001, "$.content")]),
    ({"content": {}}, [(21619, "$.content")]),
    ({"content": {"text": ""}}, [(21619, "$.content")]),
    ({"content": {"media": []}}, [(21619, "$.content")]),
    ({"content": {"text": None}}, [(20001, "$.content.text")]),
    ({"content": {"body": "Ahoy"}}, [(20001, "$.content")]),
    ({"content": {"MessageContentTemplate": {"contentId": TEMPLATE}}}, [(20001, "$.content")]),
    ({"content": {"text": "Ahoy", "contentId": TEMPLATE}}, [(20001, "$.content")]),
    ({"content": {"contentId": "HX1"}}, [(21655, "$.content.contentId")]),
    ({"content": {"media": [URL] * 11}}, [(21623, "$.content.media")]),
    ({"content": {"media": [URL, {"url": "ftp://example.com"}, {}, 5]}}, [
        (21620, "$.content.media[1].url"), (21620, "$.content.media[2].url"),
        (21620, "$.content.media[3]"),
    ]),
    ({"content": {"modules": []}}, [(20001, "$.content.modules")]),
    ({"content": {"modules": [{"fax": {}}]}}, [(20001, "$.content.modules[0]")]),
    ({"content": {"modules": [{"sms": {}}]}}, [(21619, "$.content.modules[0].sms")]),
    ({"content": {"modules": [{"sms": {"text": "a"}}, {"sms": {"text": "b"}}]}}, [
        (20001, "$.content.modules"),
    ]),
    ({"content": {"modules": [{"sms": {"media": [{"url": "x"}]}}]}}, [
        (21620, "$.content.modules[0].sms.media[0].url"),
    ]),
    # the schedule: the clock stands at 2026-12-01T00:00:00Z
    ({"schedule": {}}, [(35111, "$.schedule.sendAt")]),
    ({"schedule": {"sendAt": []}}, [(35111, "$.schedule.sendAt")]),
    ({"schedule": {"expressions": ["2026-12-02T00:00:00Z"]}}, [(35111, "$.schedule.sendAt")]),
    ({"schedule": {"sendAt": 5}}, [(35114, "$.schedule.sendAt")]),
    ({"schedule": {"sendAt": "tomorrow"}}, [(35114, "$.schedule.sendAt")]),
    ({"schedule": {"sendAt": ["2026-12-02T00:00:00Z", "2026-13-02T00:00:00Z", 1]}}, [
        (35114, "$.schedule.sendAt[1]"), (35114, "$.schedule.sendAt[2]"),
    ]),
    ({"schedule": {"sendAt": ["2026-11-30T23:59:59Z"]}}, [(35114, "$.schedule.sendAt[0]")]),
    ({"schedule": {"sendAt": ["2026-12-08T00:00:01Z"]}}, [(35114, "$.schedule.sendAt[0]")]),
    ({"schedule": {"sendAt": ["2026-12-02T00:00:00Z", "2026-12-02T00:00:01Z"]}}, [
        (35114, "$.schedule.sendAt"),
    ]),
    # the tags
    ({"tags": {"a b": "c"}}, [(20001, "$.tags")]),
    ({"tags": {"a": "b c", "d": 5}}, [(20001, "$.tags")]),
    ({"tags": {"a": ""}}, [(20001, "$.tags")]),
    ({"tags": {"a" * 129: "b"}}, [(20001, "$.tags")]),
    ({"tags": {"a": "b" * 257}}, [(20001, "$.tags")]),
    ({"tags": {str(number): "a" for number in range(11)}}, [(20001, "$.tags")]),
    ({"tags": []}, [(20001, "$.tags")]),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "expected"), REFUSED)
def test_what_is_refused(
    check: Check, fields: dict[str, Any], expected: list[tuple[int, str]]
) -> None:
    """Each breach has its code and the path of its field, and nothing else is faulted with it."""
    assert faults(check(**fields)) == expected


@pytest.mark.parametrize("document", [None, [], "text", 5, True])
def test_a_document_must_be_an_object(document: object, gate: Gate, terms: Terms) -> None:
    """Anything else has one fault that no field has: its context is the text `null`."""
    assert faults(finish(examine(document, gate, terms))) == [(20001, "null")]


ACCEPTED: Final[list[dict[str, Any]]] = [
    {"to": [PHONE | {"channel": "Phone"}, PHONE | {"channel": "whatsapp"}]},
    {"to": [PHONE, PHONE]},
    {"to": [PHONE | {"variables": {}}]},
    {"to": [{"cohortId": f"cmp_cohort_{ID}"}]},
    {"from_": {"address": "+15005550006", "channel": "sms"}},
    {"from_": {"address": "12345", "channel": "SMS"}},
    {"from_": {"address": "ACME", "channel": "SMS"}},
    {"from_": {"address": "bowlingteam_212_sender", "channel": "RCS"}},
    {"from_": {"senderPoolId": f"comms_senderpool_{ID}", "channels": {}}},
    {"content": {"text": "Ahoy", "media": []}},
    {"content": {"media": [URL] * 10}},
    {"content": {"media": [{"url": "{{ picture }}"}]}},
    {"content": {"contentId": TEMPLATE}},
    {"schedule": {"sendAt": "2026-12-02T00:00:00Z"}},
    {"schedule": {"sendAt": ["2026-12-01T00:00:00Z"]}},
    {"schedule": {"sendAt": ["2026-12-08T00:00:00Z"]}},
    {"schedule": {"sendAt": ["2026-12-02 09:30-05:00", "2026-12-02T14:30:00.000000Z"]}},
    {"tags": {"campaign": "launch", "city": "{{ city }} {{ street }}", "a.b~c_d-e": "A" * 256}},
    {"tags": {}},
]


@pytest.mark.parametrize("fields", ACCEPTED)
def test_what_is_accepted(check: Check, fields: dict[str, Any]) -> None:
    """Channels in any case, Liquid before it is rendered, limits inclusive, twins allowed."""
    assert sent(check(**fields)).notes == ()


# -- many faults -----------------------------------------------------------------------------------


def test_faults_stand_in_the_order_of_the_document(gate: Gate, terms: Terms) -> None:
    """Keys as they were sent, what is missing where its owner ends, and each place once."""
    document = {
        "tags": [],
        "to": [{"channel": "FAX", "address": "x"}, {"address": "x"}],
        "from": {"channel": "FAX", "address": NUMBER},
    }
    assert faults(finish(examine(document, gate, terms))) == [
        (20001, "$.tags"),
        (20001, "$.to[0].channel"),
        (21614, "$.to[0].address"),
        (21614, "$.to[1].address"),
        (20001, "$.to[1].channel"),
        (20001, "$.from.channel"),
        (20001, "$.content"),
    ]


def test_a_hundred_faults_are_told(check: Check) -> None:
    """The first ones of the document, whatever else is wrong behind them."""
    told = faults(check(to=[{"address": "x", "channel": "y"}] * 5_000, content={}))
    assert len(told) == MOST
    assert told[0] == (21614, "$.to[0].address")
    assert told[-1] == (20001, "$.to[49].channel")


def test_faults_in_front_push_others_out(gate: Gate, terms: Terms) -> None:
    """A fault that stands before the recipients is told, however many recipients are wrong."""
    document = {"content": {}, "to": [{"address": "x", "channel": "PHONE"}] * 5_000}
    told = faults(finish(examine(document, gate, terms)))
    assert told[0] == (21619, "$.content")
    assert told[-1] == (21614, "$.to[98].address")


@pytest.mark.parametrize("place", [0, 49, 50, 999, 1_000, 9_999])
def test_one_bad_recipient_is_found_wherever_it_is(check: Check, place: int) -> None:
    """Its number is that of the whole request, and the whole request is refused."""
    to: list[dict[str, str]] = [PHONE] * 10_000
    to[place] = PHONE | {"address": "+15555551234"}
    assert faults(check(to=to)) == [(21614, f"$.to[{place}].address")]


def test_messages_say_what_is_wrong(check: Check) -> None:
    """The sentence of the code, with the field where the code is the general one."""
    verdict = check(
        to=[PHONE | {"address": "x"}],
        from_={"address": NUMBER, "channel": "FAX"},
        schedule={"sendAt": "soon"},
    )
    assert isinstance(verdict, Refusal)
    assert [fault.message for fault in verdict.faults] == [
        "The address specified in the request is not a valid phone number.",
        "Invalid parameter: channel must be one of SMS, RCS, WHATSAPP.",
        "Scheduling does not support this timestamp (sendAt must be an ISO 8601 date-time)",
    ]


# -- notes -----------------------------------------------------------------------------------------


def test_unknown_fields_are_ignored_and_noted(check: Check) -> None:
    """With the known name that was probably meant; ten thousand times the same is one note."""
    to = [PHONE | {"variabels": {"a": "b"}}] * 2_000
    assert sent(check(Tags={}, content={"text": "a", "zzz": 1}, to=to)).notes == (
        "`$.content.zzz` is not a field of this call and was ignored",
        "`$.Tags` is not a field of this call and was ignored: did you mean `tags`?",
        "`$.to[].variabels` is not a field of this call and was ignored: did you mean `variables`?",
    )


def test_notes_are_few(check: Check) -> None:
    """Twenty are spelled out, the rest counted; a refusal has them too."""
    fields = {f"field{number}": 1 for number in range(30)}
    notes = sent(check(**fields)).notes
    assert len(notes) == 21
    assert notes[-1] == "and 10 more"
    refusal = check(**fields, content={})
    assert isinstance(refusal, Refusal)
    assert refusal.notes == notes


def test_notes_are_bounded(check: Check) -> None:
    """Beyond a thousand nobody counts; and lists are looked at no further than they may be long."""
    fields = {f"field{number}": 1 for number in range(5_000)}
    assert sent(check(**fields)).notes[-1] == "and many more"
    content = {"modules": [{"sms": {"text": "a"}}] * 4 + [{"sms": {"text": "a", "zzz": 1}}]}
    refusal = check(content=content)
    assert isinstance(refusal, Refusal)
    assert refusal.notes == ()


def test_unknown_fields_of_connected_addresses_are_noted(check: Check) -> None:
    """One level further down as well."""
    [note] = sent(check(to=[{"addresses": [PHONE | {"Channel": "PHONE"}]}])).notes
    assert note.startswith("`$.to[].addresses[].Channel` is not")


@pytest.mark.parametrize("fields", [{"tags": {"a": 1}}, {"to": [PHONE | {"variables": {"a": 1}}]}])
def test_deep_values_are_refused_like_others(check: Check, fields: dict[str, Any]) -> None:
    """Deeper than the engine that runs schemas can go, where a text should be."""
    deep: list[Any] = []
    for _ in range(900):
        deep = [deep]
    places = faults(check(**fields))
    for owner in (fields.get("tags"), fields.get("to", [{}])[0].get("variables")):
        if owner is not None:
            owner["a"] = deep
    assert faults(check(**fields)) == places


@pytest.mark.parametrize("depth", [100, 900])
def test_deep_documents_are_no_trouble(check: Check, depth: int) -> None:
    """What is unknown may be as deep as a parser lets it be; it is left out of what is kept."""
    deep: list[Any] = []
    for _ in range(depth):
        deep = [deep]
    rcs = {"text": "a", "x": deep}
    send = sent(check(content={"modules": [{"rcs": rcs}]}, y=deep, to=[PHONE | {"z": deep}]))
    assert send.content.modules[0].rich == b'{"text":"a"}'


# -- what is left of a request that is refused -----------------------------------------------------


def rest(verdict: Verdict) -> Send:
    """What nothing is wrong with."""
    assert isinstance(verdict, Refusal)
    return verdict.rest


def test_the_rest_is_all_but_the_bad_parts(check: Check) -> None:
    """So that more can be found wrong with it at once."""
    fields: dict[str, Any] = {
        "from_": {"address": NUMBER, "channel": "SMS"},
        "content": {"text": "Ahoy"},
        "schedule": {"sendAt": "2026-12-02T00:00:00Z"},
        "tags": {"a": "b"},
    }
    good = sent(check(**fields))
    left = rest(check(**fields | {"tags": {"a b": ""}}))
    assert left == replace(good, tags=())
    left = rest(check(**fields | {"from_": {}, "content": {"text": ""}}))
    assert left == replace(good, sender=None, content=Content())
    left = rest(check(**fields | {"schedule": {"sendAt": "never"}}))
    assert left == replace(good, schedule=None)
    assert rest(check(to=[], **fields)) == replace(good, blocks=(), count=0)


def test_the_rest_has_the_good_recipients(check: Check) -> None:
    """In blocks that say which places of the request they hold."""
    to = [PHONE | {"address": f"+1415555{number:04}"} for number in range(3_000)]
    for bad in (0, 5, 6, 1_500, 2_999):
        to[bad] = {"address": "nobody", "channel": "PHONE"}
    left = rest(check(to=to))
    assert [(block.start, len(block.to)) for block in left.blocks] == [
        *((1, 4), (7, 993), (1_000, 500), (1_501, 499), (2_000, 999)),
    ]
    assert left.count == 2_995
    for block in left.blocks:
        assert list(block.to) == [one["address"] for one in to[block.start :][: len(block.to)]]


def test_nothing_is_left_of_what_is_bad_enough(check: Check) -> None:
    """A hundred faults fill the answer; nobody looks for more."""
    assert rest(check(to=[5] * MOST)) == Send(Content(), (), 0)


# -- the steps -------------------------------------------------------------------------------------


def test_others_get_a_turn(gate: Gate, terms: Terms) -> None:
    """The work pauses after the head and after each thousand recipients."""
    document = {"to": [PHONE] * 10_000, "content": {"text": "Ahoy"}}
    assert len(list(examine(document, gate, terms))) == 11
    scheduled = document | {"schedule": {"sendAt": "2026-12-02T09:00:00"}}
    assert len(list(examine(scheduled, gate, terms))) == 21


def test_no_step_is_long(gate: Gate, terms: Terms) -> None:
    """20 ms of the process's time at most, for ten thousand recipients with variables."""
    recipient = PHONE | {"variables": {f"name{number}": "a value" for number in range(5)}}
    document = {"to": [recipient] * 10_000, "content": {"text": "Ahoy"}}
    finish(examine(document, gate, terms))
    longest = min(_longest(document, gate, terms) for _ in range(5))
    assert longest < 0.020


def _longest(document: object, gate: Gate, terms: Terms) -> float:
    marks = [time.process_time()]
    marks += [time.process_time() for _ in examine(document, gate, terms)]
    return max(after - before for before, after in pairwise(marks))


SOME: Final = 100_000
POOL: Final = {"senderPoolId": f"comms_senderpool_{ID}"}
EVENT: Final = {"action": {"createCalendarEventAction": {"startTime": "x", "endTime": "y"}}}
CAROUSEL: Final = {
    "richCard": {"carouselCard": {"cardContents": [{"suggestions": [EVENT] * 100}] * 1_000}}
}


@pytest.mark.parametrize(
    "fields",
    [
        {"tags": {f"a b{number}": "" for number in range(SOME)}},
        {"schedule": {"sendAt": ["x"] * SOME}},
        {"schedule": {"sendAt": ["2026-12-02T00:00:00Z"] * SOME}},
        {"content": {"media": [{"url": "x"}] * SOME}},
        {"content": {"modules": [{"sms": {}, "rcs": 1}] * SOME}},
        {"to": [PHONE | {"variables": {f"a{number}": 1 for number in range(SOME)}}]},
        {"to": [{"addresses": [{}] * SOME}]},
        {"to": [{}] * SOME},
        {f"field{number}": 1 for number in range(SOME)} | {"content": {}},
        {"to": [PHONE | {"variables": {f"a{n}": "b" for n in range(SOME)} | {"z": 1, "y": 1}}]},
        {"to": [PHONE | {f"f{n}_{each}": 1 for each in range(10)} for n in range(9_999)] + [5]},
        {"content": {"modules": [{"sms": {"text": "a"}}] * SOME}},
        {"content": {"modules": [{"rcs": {"text": "a", "suggestions": [{"reply": {}}] * SOME}}]}},
        {"content": {"modules": [{"rcs": CAROUSEL}]}},
        {"from_": POOL | {"channels": {"filterIn": ["x"] * SOME, "priority": [{}] * SOME}}},
        {"tags": {"a": "x y" * SOME}},
        {"to": [{"address": "+" + "1" * 50 * SOME, "channel": "P" * 50 * SOME}]},
    ],
)
def test_hostile_sizes_are_refused_soon(check: Check, fields: dict[str, Any]) -> None:
    """A hundred thousand faults of a kind take about as long as reading them, not its square."""
    started = time.process_time()
    refusal = check(**fields)
    assert time.process_time() - started < 2
    assert isinstance(refusal, Refusal)
    assert len(refusal.faults) <= MOST


# -- anything at all -------------------------------------------------------------------------------

WORDS: Final = st.sampled_from(
    [
        *("to", "from", "content", "schedule", "tags", "address", "addresses", "channel"),
        *("variables", "memoryStoreId", "profileId", "cohortId", "senderId", "senderPoolId"),
        *("channels", "filterIn", "priority", "text", "media", "url", "contentId", "modules"),
        *("sms", "rcs", "whatsapp", "richCard", "standaloneCard", "carouselCard", "cardContent"),
        *("cardContents", "suggestions", "action", "createCalendarEventAction", "startTime"),
        *("endTime", "sendAt", "PHONE", "SMS", NUMBER, "2026-12-02T00:00:00"),
    ]
)
SCALARS: Final = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5), WORDS,
)  # fmt: skip
ANYTHING: Final = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=25,
)


@given(document=ANYTHING | st.dictionaries(WORDS, ANYTHING, max_size=6))
def test_any_json_has_faults_or_a_reading(document: object, gate: Gate, terms: Terms) -> None:
    """Never an exception, never a fault without a place that the document has or lacks."""
    verdict = finish(examine(document, gate, terms))
    if isinstance(verdict, Refusal):
        assert 0 < len(verdict.faults) <= MOST
        contexts = [fault.context for fault in verdict.faults]
        assert len(set(contexts)) == len(contexts)
        assert all(context == "null" or context.startswith("$.") for context in contexts)
    else:
        assert verdict.count == sum(len(block.to) for block in verdict.blocks) > 0


@given(content=ANYTHING, sender=ANYTHING, schedule=ANYTHING, tags=ANYTHING)
def test_no_part_can_break_it(
    content: object, sender: object, schedule: object, tags: object, check: Check
) -> None:
    """Also where everything else is right."""
    for fields in ({"content": content}, {"from_": sender}, {"schedule": schedule}, {"tags": tags}):
        assert isinstance(check(**fields), Send | Refusal)
