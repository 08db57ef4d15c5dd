"""`…/OutgoingCallerIds` over HTTP, and what a verified number is good for."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.domain.caller_ids import CallerId
from mockserver.domain.numbers import Number

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve, Webhook

CALLERS = f"/2010-04-01/Accounts/{DEFAULT_SID}/OutgoingCallerIds"
NUMBER, URL = "+14158675309", "https://example.com/status"
TRIAL = Account(DEFAULT_SID, "0" * 28 + "2010", type="Trial")


async def validate(api: "Caller", **form: str) -> Any:
    answer = await api.post({"PhoneNumber": NUMBER, **form}, f"{CALLERS}.json")
    assert answer.status == 200, answer.body
    return answer.json


async def listed(api: "Caller", **filters: str) -> list[Any]:
    page = (await api.get(f"{CALLERS}.json", **filters)).json
    found: list[Any] = page["outgoing_caller_ids"]
    return found


async def test_a_validation(api: "Caller") -> None:
    """A call with its code; the caller id is there on the instant clock at once."""
    request = await validate(api, FriendlyName="Jenny")
    assert list(request) == [
        *("account_sid", "call_sid", "friendly_name", "phone_number", "validation_code")
    ]
    assert (request["friendly_name"], request["phone_number"]) == ("Jenny", NUMBER)
    [caller_id] = await listed(api)
    assert (await api.get(caller_id["uri"])).json == caller_id
    assert (caller_id["friendly_name"], caller_id["phone_number"]) == ("Jenny", NUMBER)


async def test_before_it_is_answered(serve: "Serve") -> None:
    """Nothing is there: neither in the list nor by its SID."""
    api = await serve(clock="manual")
    await validate(api)
    [pending] = api.sandbox.tables.verified_callers.values()
    assert await listed(api) == []
    assert (await api.get(f"{CALLERS}/{pending.sid}.json")).code == 20404
    await api.sandbox.engine.advance(pending.created_at)
    assert len(await listed(api)) == 1


async def test_a_trial_account_may_write_to_it_then(serve: "Serve") -> None:
    """And no longer once it is deleted."""
    api = await serve(account=(TRIAL,), clock="manual")
    assert (await api.create(To=NUMBER)).code == 21219
    await validate(api)
    assert (await api.create(To=NUMBER)).code == 21219
    await api.sandbox.engine.advance(api.sandbox.clock.now() + 2_000_000)
    assert (await api.create(To=NUMBER)).status == 201
    [caller_id] = await listed(api)
    assert (await api.call("DELETE", caller_id["uri"])).status == 204
    assert (await api.create(To=NUMBER)).code == 21219


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_who_is_told(api: "Caller", webhook: "Webhook", method: str) -> None:
    """The status callback, after the answer; it is in the journal of callbacks."""
    request = await validate(api, StatusCallback=webhook.url, StatusCallbackMethod=method)
    await api.settled()
    [entry] = api.callbacks
    told = dict(entry.params)
    assert (told["VerificationStatus"], told["CallSid"]) == ("success", request["call_sid"])
    assert (entry.method, entry.response_status, entry.kind) == (method, 204, "status")
    shown = await api.call("GET", "/_mock/callbacks", headers={"Host": "localhost"})
    assert json.loads(shown.body)["total"] == 1


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"PhoneNumber": ""}, 21401),
        ({"PhoneNumber": "nonsense"}, 21401),
        ({"PhoneNumber": "12345"}, 21401),
        ({"CallDelay": "61"}, 21454),
        ({"CallDelay": "soon"}, 21454),
        ({"StatusCallback": "nowhere"}, 21456),
        ({"StatusCallbackMethod": "PUT"}, 21403),
        ({"FriendlyName": "x" * 65}, 20002),
        ({"PhoneNumber": "+14155550100"}, 21450),
        ({"PhoneNumber": "+14155550101"}, 21453),
        ({"PhoneNumber": "+14155550102"}, 21449),
    ],
)
async def test_refusals(api: "Caller", form: dict[str, str], code: int) -> None:
    """Each with its code, 400."""
    tables, other = api.sandbox.tables, "AC" + "9" * 32
    tables.verified_callers |= {
        number: CallerId(f"PN{place:032x}", owner, number)
        for place, (number, owner) in enumerate(
            (("+14155550100", DEFAULT_SID), ("+14155550101", other))
        )
    }
    tables.numbers["+14155550102"] = Number("+14155550102", DEFAULT_SID)
    answer = await api.post({"PhoneNumber": NUMBER, **form}, f"{CALLERS}.json")
    assert (answer.status, answer.code) == (400, code)


async def test_filters_and_names(api: "Caller") -> None:
    """By number and by name, which may be changed."""
    await validate(api)
    await validate(api, PhoneNumber="+14158675310", FriendlyName="Jenny")
    assert len(await listed(api)) == 2
    [jenny] = await listed(api, FriendlyName="Jenny")
    assert [jenny] == await listed(api, PhoneNumber="(415) 867-5310")
    assert await listed(api, PhoneNumber="+14158675311") == []
    named = await api.post({"FriendlyName": "Tommy"}, jenny["uri"])
    assert (named.status, named.json["friendly_name"]) == (200, "Tommy")
    assert (await api.post({"FriendlyName": "x" * 65}, jenny["uri"])).code == 20002


async def test_verified_callers_of_the_seed(api: "Caller") -> None:
    """Are in the list, as old as the sandbox."""
    seed = b'{"verified_callers": ["+14155552671"]}'
    kind: dict[str, str | None] = {"Host": "localhost", "Content-Type": "application/json"}
    assert (await api.call("POST", "/_mock/seed", seed, kind)).status < 300
    [caller_id] = await listed(api)
    assert caller_id["phone_number"] == "+14155552671"
    assert caller_id["date_created"] == caller_id["date_updated"] != ""


async def test_others_do_not_see_it(serve: "Serve") -> None:
    """Neither in their lists nor by its SID."""
    other = Account("AC" + "5" * 32, "s" * 32)
    api = await serve(account=(Account(DEFAULT_SID, "0" * 28 + "2010"), other))
    await validate(api)
    [caller_id] = await listed(api)
    api.auth = f"{other.sid}:{other.auth_token}"
    theirs = CALLERS.replace(DEFAULT_SID, other.sid)
    assert (await api.get(f"{theirs}.json")).json["outgoing_caller_ids"] == []
    assert (await api.get(f"{theirs}/{caller_id['sid']}.json")).code == 20404
