"""Another scenario comes into force while messages are sent: each sees one of them whole."""

import asyncio
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.errors import TwilioError
from mockserver.world.scenarios import from_document
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import InWorld, World

SCENARIOS = {
    "strict": from_document(
        {"name": "strict", "senders": "strict", "delivery": [{"error_code": 30005}]}
    ),
    "lost": from_document({"name": "lost", "delivery": [{"id": "lost", "error_code": 30003}]}),
    "failed": from_document(
        {
            "name": "failed",
            "options": {"sending_callbacks": True},
            "rates": {"enabled": True},
            "delivery": [{"id": "lost", "error_code": 30001}],
        }
    ),
}
"""Under the first nothing is made; the others end messages in their own way."""


@settings(max_examples=30)
@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from([*SCENARIOS])), max_size=8),
)
def test_each_message_sees_one_scenario(
    in_world: "InWorld[None]", waits: list[int], switches: list[tuple[int, str]]
) -> None:
    """No message was let in by one and ended by another that would have refused it."""

    async def act(world: "World") -> None:
        sandbox = world.sandbox
        sandbox.regime.put(SCENARIOS["lost"], Unit())
        refused: list[int] = []

        async def send(wait: int) -> None:
            await world.turns(wait)
            try:
                await world.create()
            except TwilioError:
                refused.append(wait)

        async def switch() -> None:
            for wait, name in switches:
                await world.turns(wait)
                sandbox.regime.put(SCENARIOS[name], Unit())
                counted = sandbox.rules.counters.get("lost.matched", 0)
                assert (sandbox.rules.scenario.name, counted) == (name, 0)
                assert sandbox.engine.held_back is (name == "failed")
                assert ("sending" in sandbox.engine.announced) is (name == "failed")

        await asyncio.gather(switch(), *map(send, waits))
        await world.advance(36_000)
        ends = {world.delivery(each).error_code for each in world}
        assert ends <= {30001, 30003}
        assert len([*world]) + len(refused) == len(waits)

    in_world("manual", act)
