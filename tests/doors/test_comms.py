"""`twilio.comms` and what a test asks of the Communications API's operations."""

import inspect
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from mockserver import AsyncMockTwilio, MockTwilio
from mockserver.handle import CommsResponse
from mockserver.handles.comms import AsyncComms, Comms, Headers, operation_id
from mockserver.handles.records import Stats

ADA, BOB = "+15558675310", "+14155552671"
OPERATION = "comms_operation_01h9krwprkeee8fzqspvwy6nq8"
TOMORROW = {"sendAt": ["2026-12-02T00:00:00Z"]}


def document(*to: str, **fields: Any) -> dict[str, Any]:
    """A send to these numbers."""
    people = [{"address": each, "channel": "PHONE"} for each in to or (ADA,)]
    sender = {"address": "+15005550006", "channel": "SMS"}
    return {"from": sender, "to": people, "content": {"text": "Your order is ready"}, **fields}


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    """A fresh sandbox, at a time that is known."""
    with MockTwilio(seed=7) as twilio:
        yield twilio


@pytest.fixture
async def async_twilio() -> AsyncIterator[AsyncMockTwilio]:
    """The twin."""
    async with AsyncMockTwilio(seed=7) as twilio:
        yield twilio


# -- calling it --


def test_a_send_is_accepted(twilio: MockTwilio) -> None:
    """As the sandbox's account; status, headers, text and document of the answer are there."""
    answer = twilio.comms.post("/Messages", json=document())
    assert answer.status == 202
    assert answer.headers["OPERATIONID"] == answer.json()["operationId"] == answer.operation_id
    assert json.loads(answer.text) == answer.json()
    assert repr(answer).startswith("CommsResponse(status=202")
    [call] = twilio.requests(operation="comms.v1.SendMessages")
    assert call.account_sid == twilio.account_sid


@pytest.mark.parametrize("path", ["/Senders", "Senders", "/v1/Senders", "/preview/Senders"])
def test_paths_are_below_the_version(path: str, twilio: MockTwilio) -> None:
    """Which may be said, or another one."""
    assert twilio.comms.get(path).json()["senders"] == []


def test_a_location_is_followed(twilio: MockTwilio) -> None:
    """As it was given, whole; also one of Twilio's own host."""
    accepted = twilio.comms.post("/Messages", json=document())
    location = accepted.json()["operationLocation"]
    assert location.startswith(twilio.base_url)
    found = twilio.comms.get(location).json()
    assert found["id"] == accepted.operation_id
    real = f"https://comms.twilio.com/v1/Messages/Operations/{accepted.operation_id}"
    assert twilio.comms.get(real).json()["id"] == found["id"]


def test_queries(twilio: MockTwilio) -> None:
    """Parameters are escaped, repeated where there are several, and go behind those of the path."""
    accepted = twilio.comms.post("/Messages", json=document(ADA, BOB))
    page = twilio.comms.get("/Messages", {"operationId": accepted.operation_id, "pageSize": 1})
    assert len(page.json()["messages"]) == 1
    more = {"pageToken": page.json()["pagination"]["next"]}
    rest = twilio.comms.get("/Messages?pageSize=5", more).json()
    assert len(rest["messages"]) == 1


def test_every_method(twilio: MockTwilio) -> None:
    """A pool is made, renamed and deleted."""
    comms = twilio.comms
    assert comms.post("/SenderPools", json={"name": "Campaign"}).status == 202
    [pool] = comms.get("/SenderPools").json()["senderPools"]
    assert comms.patch(f"/SenderPools/{pool['id']}", json={"name": "Other"}).status == 202
    assert comms.get(f"/SenderPools/{pool['id']}").json()["name"] == "Other"
    assert comms.delete(f"/SenderPools/{pool['id']}").status == 202
    assert comms.request("HEAD", f"/SenderPools/{pool['id']}").status == 404


def test_a_refusal_is_an_answer(twilio: MockTwilio) -> None:
    """Nothing is raised: what the API refuses is for the test to look at."""
    answer = twilio.comms.post("/Messages", json={"to": []})
    assert answer.status == 400
    assert {each["context"] for each in answer.json()["errors"]} == {"$.to", "$.content"}
    with pytest.raises(ValueError, match=r"names no operation: 400 .*\$\.content"):
        answer.operation_id  # noqa: B018 - it is the property that raises
    twilio.fail_next("comms.v1.SendMessages", code=20429)
    assert twilio.comms.post("/Messages", json=document()).status == 429


def test_other_bodies_and_headers(twilio: MockTwilio) -> None:
    """For tests of what is no JSON, or of other credentials."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert twilio.comms.post("/Messages", content=b"To=1", headers=form).status == 400
    nobody = {"Authorization": "Basic bm9ib2R5"}
    assert twilio.comms.get("/Senders", headers=nobody).status == 401


def test_headers_have_no_case() -> None:
    """They are a mapping, in order, the last one of a name."""
    headers = Headers([("Operation-Id", "1"), ("b", "2")])
    assert (headers["operation-id"], list(headers), len(headers)) == ("1", ["Operation-Id", "b"], 2)
    assert "OPERATION-ID" in headers
    assert headers.get("c") is None
    assert repr(headers) == "Headers({'Operation-Id': '1', 'b': '2'})"


# -- which operation --


class Answer:
    """An answer of some HTTP client."""

    def __init__(self, headers: dict[str, str], body: str = "") -> None:
        self.headers, self._body = headers, body
        self.status_code, self.text = 202, body

    def json(self) -> Any:
        return json.loads(self._body)


@pytest.mark.parametrize(
    "accepted",
    [
        OPERATION,
        f"http://localhost:2010/comms/v1/Messages/Operations/{OPERATION}",
        {"operationId": OPERATION},
        {"id": OPERATION},
        Answer({"operationId": OPERATION}),
        Answer({"Operation-ID": OPERATION}),
        Answer({}, json.dumps({"operationId": OPERATION})),
    ],
)
def test_an_operation_is_named_in_many_ways(accepted: Any) -> None:
    """By itself, its location, its document, or what any client was answered."""
    assert operation_id(accepted) == OPERATION


@pytest.mark.parametrize(
    "accepted", ["", "comms_message_1", {}, Answer({}), Answer({}, "[]"), Answer({}, "{}")]
)
def test_what_names_no_operation(accepted: Any) -> None:
    """Is refused, shown as it is."""
    with pytest.raises(ValueError, match="names no operation"):
        operation_id(accepted)


# -- what comes of it --


def test_an_operation_is_waited_for(twilio: MockTwilio) -> None:
    """Its receipts are in; counts by name and as a mapping; times know their zone."""
    twilio.deliver(to=BOB, outcome="undelivered", error_code=30003)
    operation = twilio.wait_for_operation(twilio.comms.post("/Messages", json=document(ADA, BOB)))
    assert (operation.status, operation.under_way) == ("COMPLETED", False)
    assert operation.stats.delivered == operation.stats["undelivered"] == 1
    assert operation.stats == {**dict.fromkeys(operation.stats, 0), **_nonzero(operation.stats)}
    assert operation.created_at is not None
    assert operation.created_at.isoformat() == "2026-12-01T00:00:00+00:00"
    assert operation.scheduled_for is None
    assert str(operation).endswith(" COMPLETED, 2 recipients: 1 delivered, 1 undelivered")
    assert twilio.operations(status="COMPLETED") == [operation]


def test_an_operation_in_words(twilio: MockTwilio) -> None:
    """Of one recipient, and of nobody."""
    cohort = "cmp_cohort_" + "0" * 26
    twilio.given(cohorts=[{"id": cohort, "members": []}])
    nobody = document(to=[{"cohortId": cohort}])
    for sent, said in (document(), "1 recipient: 1 delivered"), (nobody, "0 recipients"):
        operation = twilio.wait_for_operation(twilio.comms.post("/Messages", json=sent))
        assert str(operation) == f"{operation.id} COMPLETED, {said}"


def _nonzero(stats: Stats) -> dict[str, int]:
    return {name: number for name, number in stats.items() if number}


def test_counts_that_there_are_not() -> None:
    """A slip is an error, as with any record."""
    with pytest.raises(AttributeError, match="there is no deliverd among delivered"):
        Stats(delivered=1).deliverd  # noqa: B018 - it is the attribute that raises


def test_its_messages_are_asserted(twilio: MockTwilio) -> None:
    """Like any others, attempt by attempt."""
    accepted = twilio.comms.post("/Messages", json=document(ADA, BOB))
    operation = accepted.operation_id
    twilio.wait_for_operation(operation)
    assert [each.to for each in twilio.messages(operation_id=operation)] == [ADA, BOB]
    twilio.assert_sent(operation_id=operation, status="delivered", times=2)
    twilio.assert_sent(operation_id=operation, to=BOB, body="order", origin="comms", times=1)
    twilio.assert_not_sent(operation_id=OPERATION)
    message = twilio.wait_for_message(operation_id=operation, to=ADA)
    assert message.operation_id == operation
    with pytest.raises(AssertionError, match="expected '\\+14155550000', was '\\+15558675310'"):
        twilio.assert_sent(operation_id=operation, to="+14155550000")


def test_events_are_looked_at(twilio: MockTwilio) -> None:
    """As Event Streams delivers them, by type."""
    accepted = twilio.comms.post("/Messages", json=document(ADA, BOB))
    twilio.wait_for_operation(accepted)
    events = twilio.cloud_events(type="message.delivered", operation_id=accepted.operation_id)
    assert [each.data["to"]["address"] for each in events] == [ADA, BOB]
    assert {each.type for each in events} == {"com.twilio.comms-api.message.delivered"}
    assert events[0].time is not None
    assert events[0].time.isoformat() == "2026-12-01T00:00:00.500000+00:00"
    assert str(events[0]).startswith("com.twilio.comms-api.message.delivered /v1/Messages/comms_")
    assert events[0].raw["specversion"] == "1.0"


def test_a_wait_in_vain_says_what_is_missing() -> None:
    """Where the operation stands, what the clock waits for, what its messages are."""
    with MockTwilio(clock="manual", seed=7) as twilio:
        accepted = twilio.comms.post("/Messages", json=document(ADA, BOB))
        twilio.clock.advance(0)
        with pytest.raises(AssertionError) as late:
            twilio.wait_for_operation(accepted, timeout=0.01)
        said = str(late.value)
        assert f"operation {accepted.operation_id} was not COMPLETED within 0.01 s" in said
        assert "it is PROCESSING: 2 recipients: 2 queued" in said
        assert "the next event is due at 2026-12-01T00:00:00.100000Z" in said
        assert "its messages (2):" in said
        twilio.clock.advance(0.3)
        assert twilio.wait_for_operation(accepted).stats.sent == 2


def test_a_wait_in_vain_names_what_was_refused(twilio: MockTwilio) -> None:
    """Each fault with its place; its code, where it is not that of the call."""
    accepted = twilio.comms.post("/Messages", json=document(schedule=TOMORROW))
    twilio.comms.post("/Messages", json=document("Ada", content={"text": 1}))
    twilio.fail_next("comms.v1.ListSenders", code=20500)
    twilio.comms.get("/Senders")
    with pytest.raises(AssertionError) as late:
        twilio.wait_for_operation(accepted, timeout=0)
    said = str(late.value)
    [first, *_] = (line for line in said.splitlines() if "400 error" in line)
    assert "$.to[0].address: The address specified" in first
    assert "; $.content.text: Invalid parameter: text must be a string" in first
    assert said.endswith(" 500 error 20500 by fault faults-1: Internal Server Error")


def test_a_wait_for_what_will_never_be(twilio: MockTwilio) -> None:
    """Is over at once: for what was cancelled, for what nobody knows, for what was refused."""
    accepted = twilio.comms.post("/Messages", json=document(schedule=TOMORROW))
    path = f"/Messages/Operations/{accepted.operation_id}/Cancel"
    assert twilio.comms.post(path).status == 202
    with pytest.raises(AssertionError, match="will never be COMPLETED: it is CANCELED"):
        twilio.wait_for_operation(accepted, timeout=60)
    with pytest.raises(AssertionError, match="there is no operation comms_operation_"):
        twilio.wait_for_operation(OPERATION, timeout=60)
    with pytest.raises(AssertionError, match=r"names no operation: 400 .*\$\.content"):
        twilio.wait_for_operation(twilio.comms.post("/Messages", json={"to": []}), timeout=60)


def test_appointments_wait_for_advance(twilio: MockTwilio) -> None:
    """Also on the instant clock."""
    accepted = twilio.comms.post("/Messages", json=document(schedule=TOMORROW))
    operation = twilio.wait_for_operation(accepted, "SCHEDULED")
    assert operation.scheduled_for is not None
    assert operation.scheduled_for.isoformat() == "2026-12-02T00:00:00+00:00"
    twilio.clock.advance(86_400)
    assert twilio.wait_for_operation(accepted).stats.delivered == 1


def test_a_client_of_ones_own_is_as_good(twilio: MockTwilio) -> None:
    """What it was answered names the operation, too."""
    request = urllib.request.Request(
        f"{twilio.base_url}/comms/v1/Messages",
        json.dumps(document()).encode(),
        {"Content-Type": "application/json"},
    )
    opener = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    opener.add_password(None, twilio.base_url, twilio.account_sid, twilio.auth_token)
    basic = urllib.request.HTTPBasicAuthHandler(opener)
    with urllib.request.build_opener(basic).open(request, timeout=20) as answer:
        assert twilio.wait_for_operation(dict(answer.headers.items()) | json.load(answer))


# -- the twin --


def test_the_twins_of_comms_offer_the_same() -> None:
    """Same names, same parameters or fewer that are named."""
    for name, _ in inspect.getmembers(Comms, inspect.isfunction):
        if not name.startswith("_"):
            assert inspect.iscoroutinefunction(getattr(AsyncComms, name))


async def test_the_twin_does_it_all(async_twilio: AsyncMockTwilio) -> None:
    """Every call is a coroutine."""
    comms = async_twilio.comms
    accepted = await comms.post("/Messages", json=document(ADA, BOB))
    assert isinstance(accepted, CommsResponse)
    operation = await async_twilio.wait_for_operation(accepted)
    assert operation.stats.delivered == 2
    assert await async_twilio.operations() == [operation]
    assert len(await async_twilio.cloud_events(type="message.sent")) == 2
    assert (await comms.get("/Messages", {"pageSize": 1})).status == 200
    made = await comms.post("/SenderPools", json={"name": "x"})
    assert made.status == 202
    [pool] = (await comms.get("/SenderPools")).json()["senderPools"]
    assert (await comms.patch(f"/SenderPools/{pool['id']}", json={"name": "y"})).status == 202
    assert (await comms.delete(f"/SenderPools/{pool['id']}")).status == 202
    assert (await comms.request("HEAD", "/Senders")).status == 200


# -- a failing test's report --


def test_a_failing_test_tells_of_operations(pytester: pytest.Pytester) -> None:
    """With their counts, where there are any."""
    pytester.makepyfile(
        f"""
        def test_fails(twilio_mock):
            accepted = twilio_mock.comms.post("/Messages", json={document(ADA, BOB)!r})
            twilio_mock.wait_for_operation(accepted)
            assert not accepted

        def test_fails_without(twilio_mock):
            assert not twilio_mock
        """
    )
    ran = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    ran.assert_outcomes(failed=2)
    said = ran.stdout.str()
    assert said.count("operations (1):") == 1
    assert "COMPLETED, 2 recipients: 2 delivered" in said
