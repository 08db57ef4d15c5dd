"""A send request written again is the request that it was."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.domain.bulk.examine import examine, finish
from mockserver.domain.bulk.gate import Gate
from mockserver.domain.bulk.records import Content, Module, RecipientBlock, Send, Terms
from mockserver.domain.bulk.rewriting import document

ID = "01h9krwprkeee8fzqspvwy6nq8"

NUMBER = st.integers(2_000_000, 2_999_999).map(lambda each: f"+1415{each}")
CHANNEL = st.sampled_from(["PHONE", "WHATSAPP", "phone"])
ADDRESS = st.fixed_dictionaries({"address": NUMBER, "channel": CHANNEL})
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=9)
VARIABLES = {"variables": st.dictionaries(TEXT, TEXT, max_size=3)}
RECIPIENT = st.one_of(
    st.fixed_dictionaries({"address": NUMBER, "channel": CHANNEL}, optional=VARIABLES),
    st.fixed_dictionaries(
        {"addresses": st.lists(ADDRESS, min_size=1, max_size=3)}, optional=VARIABLES
    ),
    st.fixed_dictionaries(
        {"memoryStoreId": st.just(f"mem_store_{ID}"), "profileId": st.just(f"mem_profile_{ID}")},
        optional=VARIABLES,
    ),
    st.fixed_dictionaries({"cohortId": st.just(f"cmp_cohort_{ID}")}, optional=VARIABLES),
)
MEDIA = {"media": [{"url": "https://example.com/a.png"}]}
CONTENT = st.sampled_from(
    [
        {"text": "Ahoy"},
        {"text": "Hi {{ n | default: 'you' }}", **MEDIA},
        MEDIA,
        {"contentId": "HX" + "a" * 32},
        {"modules": [{"sms": {"text": "a"}}, {"rcs": {"text": "b"}}]},
        {"modules": [{"whatsapp": {"text": "a", **MEDIA}}]},
    ]
)
CONTROLS: dict[str, Any] = {
    "filterIn": ["RCS", "SMS"],
    "priority": [{"channel": "SMS", "priority": 7}, {"channel": "RCS", "priority": 2}],
}
SENDER = st.sampled_from(
    [
        {"address": "+15005550006", "channel": "SMS"},
        {"address": "+15005550006", "channel": "whatsapp"},
        {"senderId": f"comms_sender_{ID}"},
        {"senderPoolId": f"comms_senderpool_{ID}"},
        {"senderPoolId": f"comms_senderpool_{ID}", "channels": CONTROLS},
        {"senderPoolId": f"comms_senderpool_{ID}", "channels": {"filterIn": ["SMS"]}},
    ]
)
REQUEST = st.fixed_dictionaries(
    {"to": st.lists(RECIPIENT, min_size=1, max_size=6), "content": CONTENT},
    optional={"from": SENDER, "tags": st.just({"a": "b", "c": "{{ n }}"})},
)


@settings(max_examples=60)
@given(REQUEST)
def test_it_reads_as_it_was(gate: Gate, terms: Terms, asked: Any) -> None:
    """Whatever there is in it, and whoever it is to."""
    send = finish(examine(asked, gate, terms))
    assert isinstance(send, Send)
    assert finish(examine(document(send), gate, terms)) == send


def test_many_blocks(gate: Gate, terms: Terms) -> None:
    """Are written one after another."""
    to = [{"address": f"+1415{each}", "channel": "PHONE"} for each in range(2_000_000, 2_002_500)]
    send = finish(examine({"to": to, "content": {"text": "Ahoy"}}, gate, terms))
    assert isinstance(send, Send)
    assert len(send.blocks) == 3
    assert document(send)["to"] == to


def block(**changes: Any) -> RecipientBlock:
    return replace(RecipientBlock(0, ("+14155550100",), b"\0", b"", ()), **changes)


@pytest.mark.parametrize(
    "bad",
    [
        block(kinds=b""),
        block(kinds=b"\0\0"),
        block(kinds=b"\5"),
        block(variables=b"["),
        block(variables=b"[]"),
        block(variables=b"[1]"),
        block(variables=b'[{"a":1}]'),
        block(kinds=b"\2"),
        block(kinds=b"\2", to=("0+14155550100  1",)),
    ],
)
def test_columns_that_no_request_made(bad: RecipientBlock) -> None:
    """Are refused."""
    with pytest.raises(ValueError, match=r"."):
        document(Send(Content("Ahoy"), (bad,), 1))


def test_a_card_that_cannot_be_read() -> None:
    """So is it."""
    content = Content(modules=(Module("RCS", rich=b"{"),))
    with pytest.raises(ValueError, match=r"."):
        document(Send(content, (block(),), 1))
