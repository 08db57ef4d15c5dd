"""What holds of every ready-made scenario."""

import re
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from mockserver import MockTwilio
from mockserver.world.scenarios import Library, from_document
from mockserver.world.schema_files import folder

if TYPE_CHECKING:
    from tests.contract.scenarios.conftest import Program

HERE: Final = Path(__file__).parent
READY_MADE: Final = Library([folder("scenarios")])
FROM: Final = "+15017122661"
QUICK: Final = {
    "slow-api": {"median": "1ms", "p99": "2ms"},
    "black-friday": {"median": "1ms", "p99": "2ms"},
}
"""Parameters of those that take wall time."""


def test_each_has_a_test_of_its_own() -> None:
    """By its name, in this folder."""
    texts = [path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py")]
    tested = set(re.findall(r"^def test_([a-z_]+)\(", "\n".join(texts), re.MULTILINE))
    assert {name.replace("-", "_") for name in READY_MADE.names()} <= tested


def test_each_tells_itself_in_one_sentence() -> None:
    """Which ends with a full stop, and has none before."""
    for name, summary in READY_MADE.summaries():
        assert re.fullmatch(r"[A-Z][^.]*(\.[a-z0-9][^.]*)*\.", summary), name


@pytest.mark.parametrize("name", READY_MADE.names())
def test_a_document_of_it_is_it(name: str) -> None:
    """What the control API shows of it can be put in force again."""
    scenario = READY_MADE.get(name)
    assert from_document(scenario.document()) == scenario


def day(name: str, program: "Program", seed: int) -> bytes:
    """The canonical journal of half an hour in which somebody sends, five people thrice."""
    parameters = QUICK.get(name, {})
    with MockTwilio(scenario=name, parameters=parameters, clock="manual", seed=seed) as twilio:
        twilio.given(numbers=[{"phone_number": FROM, "sms_url": f"{program.url}/sms"}])
        client = twilio.client()
        for n in range(15):
            to, callback = f"+1415555{2000 + n % 5}", f"{program.url}/status"
            with suppress(TwilioRestException, requests.ConnectionError):
                client.messages.create(
                    to=to, from_=FROM, body=f"Order {n}", status_callback=callback
                )
            twilio.clock.advance(seconds=120)
        where = f"{twilio.base_url}/_mock/sandboxes/{twilio.sandbox_id}/journal?canonical=1"
        with urllib.request.urlopen(where) as answer:
            return bytes(answer.read())


@pytest.mark.parametrize("name", READY_MADE.names())
def test_with_one_seed_it_is_the_same_story(name: str, program: "Program") -> None:
    """Byte for byte, in two runs."""
    assert day(name, program, 7) == day(name, program, 7)


DICED: Final = (
    *("callback-storm", "lost-callbacks", "duplicate-callbacks"),
    *("opt-out-wave", "exactly-once-trap"),
)
"""Those in which chance has a part in a day like this."""


@pytest.mark.parametrize("name", DICED)
def test_with_another_seed_it_is_another_one(name: str, program: "Program") -> None:
    """Where chance has a part: fates differ, and not only SIDs."""

    def anonymous(journal: bytes) -> str:
        return re.sub(r"\b(SM|MM)[0-9a-f]{32}\b|[0-9a-f]{8}-[0-9a-f-]{27}", "", journal.decode())

    assert anonymous(day(name, program, 7)) != anonymous(day(name, program, 8))
