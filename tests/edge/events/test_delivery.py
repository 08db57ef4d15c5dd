"""Events on their way to webhooks, over sockets."""

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from mockserver.domain.events.schemas import document

if TYPE_CHECKING:
    from tests.edge.events.conftest import MakeReceiver, MakeStreams, Receiver, Streams

STATUS = "com.twilio.messaging.message"


# -- one message -----------------------------------------------------------------------------------


async def test_a_message_on_its_way(streams: "Streams", receiver: "Receiver") -> None:
    """Its statuses are posted in the order in which it came to them, at most 200 ms later."""
    await streams.follow(receiver.url)
    sid = await streams.send(Body="Hello")
    assert receiver.posts == []
    await streams.pass_time(10)
    assert receiver.kinds == [["sent"], ["delivered"]]
    sent, delivered = receiver.events
    assert sent["data"]["messageSid"] == delivered["data"]["messageSid"] == sid
    assert delivered == {
        "specversion": "1.0",
        "type": f"{STATUS}.delivered",
        "source": f"/2010-04-01/Accounts/{streams.caller.account}/Messages/{sid}.json",
        "id": delivered["id"],
        "dataschema": "https://events-schemas.twilio.com/Messaging.MessageStatus/7",
        "datacontenttype": "application/json",
        "time": "2026-12-01T00:00:00.500Z",
        "data": delivered["data"],
    }
    Draft202012Validator(document("Messaging.MessageStatus", 7)).validate(delivered["data"])


async def test_what_is_posted(streams: "Streams", receiver: "Receiver") -> None:
    """JSON, signed over the address with the digest of the body in it."""
    await streams.follow(f"{receiver.url}?a=b")
    await streams.send()
    await streams.pass_time(1)
    for post in receiver.posts:
        assert post.method == "POST"
        assert post.headers["Content-Type"] == "application/json"
        assert post.headers["User-Agent"] == "TwilioProxy/1.1"
        assert post.is_genuine()
        assert not post.is_genuine("another token")
        assert "?a=b&bodySHA256=" in post.url
        assert "I-Twilio-Idempotency-Token" not in post.headers


async def test_the_journal_has_it(streams: "Streams", receiver: "Receiver") -> None:
    """Of the kind `event`, with the message, the body, and what was answered."""
    await streams.follow(receiver.url, "delivered")
    sid = await streams.send()
    await streams.pass_time(1)
    [entry], [post] = streams.posts, receiver.posts
    assert (entry.kind, entry.message_sid, entry.attempt) == ("event", sid, 1)
    assert (entry.url, entry.method, entry.body) == (post.url, "POST", post.body)
    assert (entry.response_status, entry.error, entry.params) == (204, "", [])
    assert entry.signature == post.headers["X-Twilio-Signature"]
    assert entry.due == entry.at == streams.caller.sandbox.clock.now() - 300_000


async def test_a_sink_of_single_events(streams: "Streams", receiver: "Receiver") -> None:
    """Gets each at once, as a bare object."""
    await streams.follow(receiver.url, batched=False)
    await streams.send()
    await streams.pass_time(1)
    assert receiver.kinds == [["sent"], ["delivered"]]
    assert [isinstance(json.loads(post.body), dict) for post in receiver.posts] == [True, True]
    start = streams.caller.sandbox.clock.now() - 1_000_000
    assert [entry.due - start for entry in streams.posts] == [200_000, 500_000]


async def test_single_events_as_arrays(make_streams: "MakeStreams", receiver: "Receiver") -> None:
    """Where an option asks for that: one is in each."""
    streams = await make_streams()
    scenario = {"name": "x", "options": {"events_always_array": True}}
    await streams.control("PUT", "/scenario", {"scenario": scenario})
    await streams.follow(receiver.url, batched=False)
    await streams.send()
    await streams.pass_time(1)
    assert [len(json.loads(post.body)) for post in receiver.posts] == [1, 1]


async def test_a_sink_that_is_asked(streams: "Streams", receiver: "Receiver") -> None:
    """By GET, the events are in the body all the same."""
    await streams.follow(receiver.url, method="GET")
    await streams.send()
    await streams.pass_time(1)
    assert [post.method for post in receiver.posts] == ["GET", "GET"]
    assert receiver.kinds == [["sent"], ["delivered"]]
    assert all(post.is_genuine() for post in receiver.posts)


async def test_a_password_in_the_address(streams: "Streams", receiver: "Receiver") -> None:
    """Is sent at once, and is neither signed nor told."""
    await streams.follow(receiver.url.replace("://", "://me:secret@") + "#rc=5", "sent")
    await streams.send()
    await streams.pass_time(1)
    [post] = receiver.posts
    assert post.headers["Authorization"] == "Basic bWU6c2VjcmV0"
    assert post.is_genuine()
    [shown] = (await streams.control("GET", "/callbacks?kind=event"))["callbacks"]
    assert "secret" not in json.dumps(shown)
    assert json.loads(shown["body"]) == post.events


# -- who gets what ---------------------------------------------------------------------------------


async def test_several_sinks(streams: "Streams", make_receiver: "MakeReceiver") -> None:
    """Each gets what it is subscribed to, in the version it asked for, under the same id."""
    old, new = await make_receiver(), await make_receiver()
    await streams.follow(old.url, "delivered", version=4)
    await streams.follow(new.url, "sent", "delivered")
    await streams.send()
    await streams.pass_time(1)
    assert (old.kinds, new.kinds) == ([["delivered"]], [["sent"], ["delivered"]])
    [fourth], [_, seventh] = old.events, new.events
    assert fourth["id"] == seventh["id"]
    assert fourth["dataschema"].endswith("Messaging.MessageStatus/4")
    assert seventh["data"].keys() - fourth["data"].keys() == {
        *("rawDlrDoneDate", "numberOfSegments", "dateUpdated")
    }
    Draft202012Validator(document("Messaging.MessageStatus", 4)).validate(fourth["data"])


async def test_nobody_elses_events(streams: "Streams", receiver: "Receiver") -> None:
    """An account hears of its own messages alone."""
    await streams.follow(receiver.url)
    other = "AC" + "e" * 32
    caller = streams.caller
    caller.account, caller.auth, before = other, f"{other}:token", (caller.account, caller.auth)
    await streams.send()
    caller.account, caller.auth = before
    await streams.pass_time(1)
    assert receiver.posts == []
    assert await streams.send()
    await streams.pass_time(1)
    assert receiver.kinds == [["sent"], ["delivered"]]


async def test_what_is_not_subscribed_any_more(streams: "Streams", receiver: "Receiver") -> None:
    """A type that was taken away, or added; a subscription that is gone."""
    await streams.follow(receiver.url, "sent")
    [subscription] = (await streams.caller.get("/v1/Subscriptions")).json["subscriptions"]
    root = f"/v1/Subscriptions/{subscription['sid']}"
    subscribed = f"{root}/SubscribedEvents"
    await streams.caller.made({"Type": f"{STATUS}.delivered"}, subscribed)
    assert (await streams.delete(f"{subscribed}/{STATUS}.sent")).status == 204
    await streams.send()
    await streams.pass_time(1)
    assert receiver.kinds == [["delivered"]]
    assert (await streams.delete(root)).status == 204
    await streams.send()
    await streams.pass_time(1)
    assert receiver.kinds == [["delivered"]]


async def test_queued_messages(streams: "Streams", receiver: "Receiver") -> None:
    """Make no event, though one can subscribe to it, unless an option asks for it."""
    await streams.follow(receiver.url, "queued")
    await streams.send()
    await streams.pass_time(1)
    assert receiver.posts == []
    scenario = {"name": "x", "options": {"queued_events": True}}
    await streams.control("PUT", "/scenario", {"scenario": scenario})
    await streams.send()
    await streams.pass_time(1)
    assert receiver.kinds == [["queued"]]


# -- many ------------------------------------------------------------------------------------------


async def test_batches_of_a_hundred(streams: "Streams", receiver: "Receiver") -> None:
    """Leave as soon as they are full, and what is left over after its time."""
    await streams.follow(receiver.url, "sent")
    sids = [await streams.send(To=f"+1415555{n:04}") for n in range(250)]
    await streams.pass_time(1)
    assert [len(post.events) for post in receiver.posts] == [100, 100, 50]
    assert [event["data"]["messageSid"] for event in receiver.events] == sids
    assert all(post.is_genuine() for post in receiver.posts)
    start = streams.caller.sandbox.clock.now() - 1_000_000
    assert [entry.due - start for entry in streams.posts] == [200_000, 200_000, 400_000]
    assert {entry.message_sid for entry in streams.posts} == {""}


# -- failing sinks ---------------------------------------------------------------------------------


async def test_a_sink_that_fails_once(streams: "Streams", receiver: "Receiver") -> None:
    """Gets the same again about a second later, and the others do not wait for it."""
    await streams.follow(receiver.url, batched=False)
    receiver.answers = [500]
    await streams.send()
    await streams.pass_time(3)
    assert receiver.kinds == [["sent"], ["delivered"], ["sent"]]
    first, _, second = receiver.posts
    assert (first.body, first.url) == (second.body, second.url)
    assert [(each.attempt, each.response_status) for each in streams.posts] == [
        *((1, 500), (1, 204), (2, 204))
    ]
    tries = [entry for entry in streams.posts if b"message.sent" in entry.body]
    assert 800_000 <= tries[1].due - tries[0].due <= 1_200_000
    assert len({entry.idempotency_token for entry in tries}) == 1
    assert streams.alerts == [93101]


@pytest.mark.parametrize("status", [400, 404, 410])
async def test_what_a_sink_refuses(streams: "Streams", receiver: "Receiver", status: int) -> None:
    """Is not tried again."""
    sid = await streams.follow(receiver.url, "sent")
    receiver.usual = status
    await streams.send()
    await streams.pass_time(5 * 3600)
    assert len(receiver.posts) == 1
    [alert] = streams.caller.sandbox.journal.alerts
    assert (alert.code, alert.resource_sid) == (93101, sid)
    assert alert.exchange is not None
    assert alert.exchange.status == status


async def test_a_dead_sink(streams: "Streams", receiver: "Receiver") -> None:
    """Is tried for four hours, ever more seldom; the Debugger is told every twenty minutes."""
    await streams.follow("http://127.0.0.1:1/events", "sent")
    await streams.send()
    await streams.pass_time(5 * 3600)
    tries = streams.posts
    assert [each.attempt for each in tries] == [*range(1, len(tries) + 1)]
    assert 30 <= len(tries) <= 40
    ages = [each.due - tries[0].due for each in tries]
    assert 4 * 3600 - 720 < ages[-1] / 1_000_000 <= 4 * 3600
    assert all("refused" in each.error for each in tries)
    assert 9 <= streams.alerts.count(93101) <= 13
    await streams.pass_time(5 * 3600)
    assert len(streams.posts) == len(tries)


async def test_a_sink_that_is_gone(streams: "Streams", receiver: "Receiver") -> None:
    """Nothing is tried again."""
    sid = await streams.follow(receiver.url, "sent")
    receiver.usual = 503
    await streams.send()
    await streams.pass_time(1)
    [subscription] = (await streams.caller.get("/v1/Subscriptions")).json["subscriptions"]
    await streams.delete(f"/v1/Subscriptions/{subscription['sid']}")
    assert (await streams.delete(f"/v1/Sinks/{sid}")).status == 204
    await streams.pass_time(3600)
    assert len(receiver.posts) == 1


async def test_an_address_that_is_not_allowed(streams: "Streams") -> None:
    """Nobody is asked, and not again either; the journal says what to do."""
    await streams.follow("http://93.184.216.34/events", "sent")
    await streams.send()
    await streams.pass_time(3600)
    [entry] = streams.posts
    assert "--webhook-allow" in entry.error
    assert entry.error_code == 93101


async def test_where_the_webhook_map_leads(
    make_streams: "MakeStreams", receiver: "Receiver"
) -> None:
    """An address out there is called here, and signed as it is written."""
    streams = await make_streams(webhook_map=[("https://app.example", receiver.base)])
    await streams.follow("https://app.example/events", "sent")
    await streams.send()
    await streams.pass_time(1)
    [post] = receiver.posts
    assert post.headers["Host"] == "app.example"
    assert [entry.url.partition("?")[0] for entry in streams.posts] == [
        "https://app.example/events"
    ]


# -- the instant clock -----------------------------------------------------------------------------


async def test_the_instant_clock(make_streams: "MakeStreams", receiver: "Receiver") -> None:
    """Everything comes by itself, and time does not move for batches that are not full."""
    streams = await make_streams(clock="instant")
    await streams.follow(receiver.url)
    await streams.send()
    await streams.settled()
    assert receiver.kinds == [["sent"], ["delivered"]]
    clock = streams.caller.sandbox.clock
    delivered = streams.posts[1]
    assert delivered.due - clock.now() == 200_000
    assert clock.pending == 0


async def test_a_failing_sink_on_the_instant_clock(
    make_streams: "MakeStreams", receiver: "Receiver"
) -> None:
    """It is tried again at once, a few times, in order; time does not move for it."""
    streams = await make_streams(clock="instant")
    await streams.follow(receiver.url)
    receiver.answers = [500, 503, 429]
    await streams.send()
    await streams.settled()
    assert receiver.kinds == [["sent"], ["sent"], ["sent"], ["sent"], ["delivered"]]
    dues = [entry.due for entry in streams.posts[:4]]
    assert dues == sorted(set(dues))
    assert streams.caller.sandbox.engine.idle


async def test_a_dead_sink_on_the_instant_clock(make_streams: "MakeStreams") -> None:
    """After a few tries it waits for time to be advanced, and keeps nobody waiting."""
    streams = await make_streams(clock="instant")
    await streams.follow("http://127.0.0.1:1/events", "sent")
    await streams.send()
    await streams.settled()
    assert len(streams.posts) == 6
    sandbox = streams.caller.sandbox
    assert sandbox.engine.idle
    assert sandbox.clock.pending == 1
    await streams.pass_time(5 * 3600)
    assert 30 <= len(streams.posts) <= 40
    assert sandbox.clock.pending == 0


# -- by hand ---------------------------------------------------------------------------------------


async def test_it_can_be_posted_again(streams: "Streams", receiver: "Receiver") -> None:
    """Just as it was, once: it is not tried again if that fails."""
    await streams.follow(receiver.url, "sent")
    await streams.send()
    await streams.pass_time(1)
    [entry] = streams.posts
    receiver.answers = [500]
    again = await streams.control("POST", f"/callbacks/{entry.id}/resend", {})
    assert (again["attempt"], again["response_status"]) == (2, 500)
    await streams.pass_time(3600)
    first, second = receiver.posts
    assert (first.url, first.body, first.headers) == (second.url, second.body, second.headers)


async def test_a_fork_has_the_subscriptions(
    make_streams: "MakeStreams", receiver: "Receiver"
) -> None:
    """It gets events of its own; what was on its way is not taken along."""
    streams = await make_streams()
    await streams.follow(receiver.url, "sent")
    receiver.usual = 500
    await streams.send()
    await streams.pass_time(1)
    made = await streams.control("POST", "/sandboxes", {"from": "default"})
    receiver.usual, seen = 204, len(receiver.posts)
    caller = streams.caller
    caller.account, caller.auth = made["account_sid"], f"{made['account_sid']}:{made['auth_token']}"
    await streams.pass_time(3600)
    assert len(receiver.posts) == seen
    sid = await streams.send()
    await streams.pass_time(1)
    assert receiver.events[-1]["data"]["messageSid"] == sid
    assert receiver.posts[-1].is_genuine(made["auth_token"])
