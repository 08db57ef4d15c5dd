"""`/v1/SafeList/Numbers`: added, found, removed."""

from typing import TYPE_CHECKING

import pytest

from mockserver.world import copying
from mockserver.world.sandboxes import Order

if TYPE_CHECKING:
    from tests.edge.conftest import Caller

PATH, NUMBER = "/v1/SafeList/Numbers", "+14155552671"


async def test_a_number(accounts: "Caller") -> None:
    """There once it is added, gone once it is removed."""
    made = await accounts.post({"PhoneNumber": NUMBER}, PATH)
    assert (made.status, made.json["phone_number"]) == (201, NUMBER)
    assert list(made.json) == ["sid", "phone_number"]
    assert (await accounts.post({"PhoneNumber": NUMBER}, PATH)).json == made.json
    assert (await accounts.get(PATH, PhoneNumber=NUMBER)).json == made.json
    gone = await accounts.call("DELETE", f"{PATH}?PhoneNumber=%2B14155552671")
    assert (gone.status, gone.body) == (204, b"")
    for method in ("GET", "DELETE"):
        answer = await accounts.call(method, f"{PATH}?PhoneNumber=%2B14155552671")
        assert (answer.status, answer.code) == (404, 20404)
        assert answer.json["message"] == "The requested resource /SafeList/Numbers was not found"


@pytest.mark.parametrize("number", ["", "nonsense", "4155552671", "+0155552671", "+1" * 20])
async def test_no_numbers(accounts: "Caller", number: str) -> None:
    """20422, and the text names the parameter."""
    answers = [
        await accounts.post({"PhoneNumber": number}, PATH),
        await accounts.get(PATH, PhoneNumber=number),
        await accounts.call("DELETE", PATH),
    ]
    for answer in answers:
        assert (answer.status, answer.code) == (400, 20422)
        assert answer.json["message"] == "Invalid Parameter: PhoneNumber"


async def test_a_prefix(accounts: "Caller") -> None:
    """That of a thousand numbers is one too."""
    assert (await accounts.post({"PhoneNumber": "+14155552"}, PATH)).status == 201


async def test_snapshots_have_it(accounts: "Caller") -> None:
    """Under the account's new name."""
    await accounts.post({"PhoneNumber": NUMBER}, PATH)
    sandboxes = accounts.server.sandboxes
    fork = copying.fork(sandboxes, sandboxes.default, Order())
    [number] = fork.tables.safe_list.values()
    assert (number.account_sid, number.phone_number) == (fork.accounts.first_sid, NUMBER)
    assert list(fork.tables.safe_list) == [f"{fork.accounts.first_sid} {NUMBER}"]
