"""`POST /Messages` with whatever is JSON."""

from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.edge.comms.conftest import Comms

FIRST = "+14155550101"
NUMBER = "+14155552671"
ID = "01h9krwprkeee8fzqspvwy6nq8"
SMS: Final = {"address": FIRST, "channel": "SMS"}
TEMPLATE = "HX" + "a" * 32


# -- anything at all -------------------------------------------------------------------------------

WORDS: Final = st.sampled_from(
    [
        *("to", "from", "content", "schedule", "tags", "address", "addresses", "channel"),
        *("variables", "memoryStoreId", "profileId", "cohortId", "senderId", "senderPoolId"),
        *("channels", "filterIn", "priority", "text", "media", "url", "contentId", "modules"),
        *("sms", "rcs", "whatsapp", "richCard", "suggestions", "sendAt", "PHONE", "SMS", NUMBER),
        *("2026-12-02T00:00:00", "{{ a }}", "{% for", TEMPLATE, f"mem_store_{ID}"),
    ]
)
ANYTHING: Final = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False),
        st.text(max_size=5), WORDS,
    ),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip

TEXTS: Final = st.lists(
    st.sampled_from(
        ["Hi ", "{{ a }}", "{{ a | default: 'b' }}", "{% if a %}", "{% endif %}", "{{"]
    ),
    max_size=5,
).map("".join)
PEOPLE: Final = st.lists(
    st.builds(
        lambda address, channel, variables: {
            "address": address, "channel": channel, "variables": variables,
        },
        st.sampled_from([NUMBER, FIRST, "+1", "whatsapp:+14155552671"]),
        st.sampled_from(["PHONE", "whatsapp", "SMS"]),
        st.dictionaries(st.sampled_from("ab"), st.sampled_from(["", "x y", "z" * 900])),
    ),
    max_size=4,
)  # fmt: skip
NEARLY: Final = st.fixed_dictionaries(
    {"to": PEOPLE, "content": st.fixed_dictionaries({"text": TEXTS}) | ANYTHING},
    optional={
        "from": st.sampled_from([SMS, {"address": "a{b}", "channel": "RCS"}]) | ANYTHING,
        "tags": st.dictionaries(st.text(max_size=2), TEXTS) | ANYTHING,
        "schedule": ANYTHING,
    },
)


async def test_anything_at_all(comms: "Comms") -> None:
    """Any JSON is accepted, or refused with faults that say where; never a 500, never half."""
    asked: list[Any] = []

    @settings(max_examples=150, database=None, suppress_health_check=list(HealthCheck))
    @given(ANYTHING, NEARLY)
    def gather(wild: Any, nearly: Any) -> None:
        asked.extend((wild, nearly, comms.sending(from_=nearly.get("from", SMS), content=wild)))

    gather()
    for each in asked:
        before = len(comms.caller.sandbox.tables.operations)
        answer = await comms.post("/Messages", each)
        assert answer.status in (202, 400), (each, answer.body)
        assert len(comms.caller.sandbox.tables.operations) == before + (answer.status == 202)
        if answer.status == 400:
            contexts = [context for _, context in comms.faults(answer)]
            assert len(set(contexts)) == len(contexts) <= 100
            assert all(one == "null" or one.startswith("$.") for one in contexts)
    await comms.later(10)
    made = comms.caller.sandbox.tables.operations.values()
    assert all(each.status in ("COMPLETED", "SCHEDULED") for each in made)
