"""Media of messages: when it is fetched, what waits for it, and what becomes of the message."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from mockserver.domain.faults import After, DeliveryRule, Given, GivenService, Scenario, When
from mockserver.domain.media import LARGE, SMALL, Media
from mockserver.domain.message import Message
from mockserver.domain.numbers import Service
from mockserver.domain.rates import Rates
from mockserver.world import copying
from mockserver.world.clock import Mode
from mockserver.world.driver import Bounds
from mockserver.world.media import Attachment
from mockserver.world.outside import NotIdle
from mockserver.world.ports import Fetched, Limits, Outlying, Routes, Unreachable
from mockserver.world.sandboxes import Order
from mockserver.world.snapshot import BadSnapshot, parse
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

HOOK = "http://127.0.0.1:9/status"
SERVICE = "MG" + "a" * 32
CAT, DOG = "http://127.0.0.1:9/cat.png", "http://127.0.0.1:9/dog.png"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
CLOCKS = pytest.mark.parametrize("clock", ["instant", "manual", "scaled:50"])


@dataclass
class Host:
    """Where media lies: gives `files`, each once its gate is open."""

    files: dict[str, Fetched | Exception] = field(default_factory=dict)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    """URLs, and how many bytes of them were wanted."""

    async def fetch(self, url: str, limits: Limits, most: int, routes: Routes = ()) -> Fetched:
        assert limits == Limits()
        self.asked.append((url, most))
        gate = self.gates.get(url)
        await (gate.wait() if gate is not None else asyncio.sleep(0))
        found = self.files.get(url, Fetched(200, "image/png", "", PNG))
        if isinstance(found, Exception):
            raise found
        return found

    async def visited(self, world: "World") -> None:
        """Until somebody has asked."""
        async with asyncio.timeout(20):
            while not self.asked:
                await world.turns()

    def slow(self, url: str = CAT) -> asyncio.Event:
        self.gates[url] = asyncio.Event()
        return self.gates[url]


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def make(make_world: "MakeWorld", host: Host) -> "Callable[..., World]":
    """A world that fetches from `host`."""
    return lambda clock="instant", **more: make_world(clock, fetcher=host, **more)


async def done(world: "World") -> None:
    """Until nothing is under way any more."""
    async with asyncio.timeout(20):
        while not world.idle():
            world.sandbox.engine.catch_up()
            await asyncio.sleep(0)


def media(world: "World", message: Message) -> list[Media]:
    return world.sandbox.tables.media.of(message.sid)


def life(world: "World", message: Message) -> list[str]:
    return [status for status, _ in world.timeline(message)]


# -- when it is fetched ----------------------------------------------------------------------------


@pytest.mark.parametrize("clock", ["instant", "manual"])
async def test_a_picture_on_its_way(make: Any, host: Host, clock: str) -> None:
    """It is fetched and kept; times and callbacks are those of a text."""
    world = make(clock)
    message = await world.create(MediaUrl=CAT, StatusCallback=HOOK)
    await world.advance(60)
    assert world.timeline(message) == [
        ("queued", 0),
        ("sending", 0.1),
        ("sent", 0.2),
        ("delivered", 0.5),
    ]
    assert world.app.statuses == ["sent", "delivered"]
    [picture] = media(world, message)
    assert (picture.content_type, picture.size, picture.url) == ("image/png", len(PNG), CAT)
    assert picture.created_at == message.created_at + 100_000
    assert world.sandbox.tables.media.content(picture) == PNG


async def test_on_a_clock_that_runs(make: Any, host: Host) -> None:
    """Nothing happens before the file is there; then what was due, at the time it then is."""
    world, gate = make("scaled:100000"), host.slow()
    message = await world.create(MediaUrl=CAT, StatusCallback=HOOK)
    await host.visited(world)
    while world.now < message.created_at + 3_000_000_000:
        await world.turns()
    assert (life(world, message), world.app.posted) == (["queued"], [])
    opened = world.now
    gate.set()
    await done(world)
    steps = world.delivery(message).timeline
    assert steps[::3] == ("queued", "sending", "sent", "delivered")
    assert opened <= steps[4] <= steps[7] <= steps[10]
    assert opened <= media(world, message)[0].created_at <= steps[4]
    assert world.app.statuses == ["sent", "delivered"]


async def test_later_steps_keep_their_times_on_a_clock_that_runs(make: Any, host: Host) -> None:
    """Where these are not past when the file comes."""
    world, gate = make("real"), host.slow()
    slow = After(sent=0, final=300_000)
    world.sandbox.rules.add(DeliveryRule("slow", When(), "delivered", 0, slow))
    message = await world.create(MediaUrl=CAT)
    await host.visited(world)
    gate.set()
    await done(world)
    assert life(world, message) == ["queued", "sending", "sent", "delivered"]
    assert world.timeline(message)[-1] == ("delivered", 0.3)


async def test_nothing_is_fetched_before_the_answer(make: Any, host: Host) -> None:
    """However far the clock has come."""
    world = make("instant")
    message = await world.create(MediaUrl=CAT, StatusCallback=HOOK, answered=False)
    await world.turns(20)
    assert (host.asked, life(world, message)) == ([], ["queued"])
    assert not world.idle()
    world.sandbox.outbox.release(message.sid)
    await done(world)
    assert (len(host.asked), world.status(message)) == (1, "delivered")


async def test_it_is_fetched_when_the_message_goes_out(make: Any, host: Host) -> None:
    """Not while it is queued, and not for one that never goes out."""
    world = make("manual")
    message = await world.create(MediaUrl=CAT)
    await world.advance(0.09)
    assert host.asked == []
    await world.advance(0.01)
    assert (len(host.asked), world.status(message)) == (1, "sending")
    world.sandbox.rules.add(DeliveryRule("bad", When(), "failed", 30001))
    await world.create(MediaUrl=DOG)
    await world.advance(60)
    assert [url for url, _ in host.asked] == [CAT]


async def test_a_scheduled_message(make: Any, host: Host) -> None:
    """Its media is fetched when its time has come; a canceled one's never."""
    world = make("instant")
    messages = [await world.create(world.scheduled(900), MediaUrl=url) for url in (CAT, DOG)]
    await world.update(messages[1], Status="canceled")
    await world.advance(890)
    assert host.asked == []
    await world.advance(60)
    assert [url for url, _ in host.asked] == [CAT]
    assert life(world, messages[0])[:2] == ["scheduled", "queued"]
    assert world.status(messages[0]) == "delivered"


@CLOCKS
async def test_a_service_without_senders(make: Any, host: Host, clock: str) -> None:
    """The message fails in its queue: nothing is fetched."""
    world = make(clock)
    world.sandbox.tables.services[SERVICE] = Service(SERVICE, world.sandbox.accounts.first_sid)
    message = await world.create(From="-", MessagingServiceSid=SERVICE, MediaUrl=CAT)
    await done(world) if clock != "manual" else await world.advance(60)
    assert life(world, message) == ["accepted", "failed"]
    assert host.asked == []


@CLOCKS
async def test_pictures_of_a_service_that_wait_in_a_lane(make: Any, host: Host, clock: str) -> None:
    """They are fetched when their turn comes, one a second, and go out."""
    given = Given(services=(GivenService(SERVICE, senders=("+14155550123",)),))
    scenario = Scenario("x", given=given, rates=Rates(enabled=True))
    world = make(clock, order=Order(scenario=scenario, clock=clock, seed=7))
    form = {"From": "-", "MessagingServiceSid": SERVICE, "MediaUrl": CAT}
    messages = [await world.create(form, Body=str(n)) for n in range(3)]
    await done(world) if clock != "manual" else await world.advance(60)
    assert [world.status(each) for each in messages] == ["delivered"] * 3
    assert len(host.asked) == 3
    if world.sandbox.clock.mode.frozen:  # on others a fetch takes its time
        out = [dict(world.timeline(each))["sending"] + each.created_at / 1e6 for each in messages]
        assert [round(later - one, 3) >= 1 for one, later in pairwise(out)] == [True, True]


@CLOCKS
async def test_channels_without_sending(make: Any, host: Host, clock: str) -> None:
    """They wait before `sent`."""
    world, gate = make(clock), host.slow()
    form = {"To": "whatsapp:+14155552671", "From": "whatsapp:+15017122661"}
    message = await world.create(form, MediaUrl=CAT)
    advancing = asyncio.create_task(world.advance(60))
    await host.visited(world)
    assert life(world, message) == ["queued"]
    gate.set()
    await advancing
    await done(world)
    assert life(world, message) == ["queued", "sent", "delivered"]


async def test_the_order_of_media(make: Any, host: Host) -> None:
    """That of the URLs; each may have what the ones before it left."""
    world = make()
    host.files[DOG] = Fetched(200, "image/gif", 'inline; filename="dog.gif"', b"GIF89a" + bytes(9))
    pairs = [("To", "+14155552671"), ("From", "+15017122661")]
    reading = world_schema().read([*pairs, ("MediaUrl", DOG), ("MediaUrl", CAT)])
    sandbox = world.sandbox
    message, _ = await sandbox.messages.create(sandbox.accounts.first, reading)
    sandbox.outbox.release(message.sid)
    await done(world)
    assert [each.url for each in media(world, message)] == [DOG, CAT]
    assert [each.filename for each in media(world, message)] == ["dog.gif", "cat.png"]
    assert host.asked == [(DOG, SMALL), (CAT, SMALL - 15)]


def world_schema() -> Any:
    from mockserver.world.schemas import request_schemas

    return request_schemas("api/2010-04-01", ("CreateMessage",))["CreateMessage"]


# -- waiting ---------------------------------------------------------------------------------------


async def test_a_slow_host_keeps_no_other_message_waiting(make: Any, host: Host) -> None:
    """Texts, and pictures from elsewhere."""
    world, gate = make(), host.slow()
    waiting = await world.create(MediaUrl=CAT)
    others = [await world.create(Body="Two"), await world.create(Body="Three", MediaUrl=DOG)]
    await world.turns(20)
    world.sandbox.engine.catch_up()
    assert [world.status(each) for each in (waiting, *others)] == [
        "queued",
        "delivered",
        "delivered",
    ]
    assert not world.idle()
    gate.set()
    await done(world)
    assert world.status(waiting) == "delivered"


@pytest.mark.parametrize("fails", [False, True])
async def test_the_instant_clock_does_not_wait(make: Any, host: Host, fails: bool) -> None:
    """What is made meanwhile has the times that it would have without media."""

    async def times(url: str | None, *, slow: bool) -> list[int]:
        host.gates.clear()
        gate = host.slow() if slow else None
        host.files = {CAT: Fetched(404)} if fails else {}
        world = make("instant", seed=3)
        start, made = world.now, []
        for number in range(3):
            made.append(await world.create(Body=str(number), **({"MediaUrl": url} if url else {})))
            if not slow:
                await done(world)
        if gate is not None:
            gate.set()
        await done(world)
        made.append(await world.create())
        assert {world.status(each) for each in made[:3]} == {
            "failed" if fails and url else "delivered"
        }
        return [each.created_at - start for each in made]

    plain = await times(None, slow=False)
    assert await times(CAT, slow=True) == plain
    assert await times(CAT, slow=False) == plain


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("slow", [False, True])
async def test_an_advance_ends_at_the_same_time(
    make: Any, host: Host, fails: bool, slow: bool
) -> None:
    """Until idle on the instant clock: where the plan would have led, whatever the fetch did."""
    world = make("instant")
    gate = host.slow() if slow else None
    host.files = {CAT: Fetched(404)} if fails else {}
    message = await world.create(MediaUrl=CAT)
    advancing = asyncio.create_task(world.sandbox.engine.advance(None))
    await world.turns(50)
    assert not (slow and advancing.done())
    if gate is not None:
        gate.set()
    await advancing
    assert world.now == message.created_at + 500_000
    assert world.timeline(message)[1] == ("failed" if fails else "sending", 0.1)
    assert world.idle()


async def test_the_manual_clock_waits_before_its_next_tick(make: Any, host: Host) -> None:
    """Time stands still while something is fetched; then the others' steps happen."""
    world, gate = make("manual"), host.slow()
    message = await world.create(MediaUrl=CAT)
    other = await world.create(Body="Two")
    advancing = asyncio.create_task(world.advance(60))
    await world.turns(50)
    assert not advancing.done()
    assert world.now == message.created_at + 100_000
    assert [world.status(each) for each in (message, other)] == ["queued", "sending"]
    gate.set()
    await advancing
    assert [world.status(each) for each in (message, other)] == ["delivered", "delivered"]


async def test_an_advance_that_waits_too_long(make: Any, host: Host) -> None:
    """Says what keeps it: media that does not come."""
    world = make("manual", bounds=Bounds(seconds=0.05))
    host.slow()
    await world.create(MediaUrl=CAT)
    with pytest.raises(NotIdle, match="media of 1 messages"):
        await world.advance(60)


async def test_a_clock_that_is_switched_meanwhile(make: Any, host: Host) -> None:
    """The mode counts that it is in when the file comes."""
    world, gate = make("instant"), host.slow()
    message = await world.create(MediaUrl=CAT)
    await world.turns(10)
    world.sandbox.engine.switch(Mode.parse("real"))
    gate.set()
    await done(world)
    start = message.created_at + 500_000
    assert all(at >= start for at in world.delivery(message).timeline[4::3])
    assert life(world, message) == ["queued", "sending", "sent", "delivered"]


# -- what overtakes it -----------------------------------------------------------------------------


async def force(world: "World", message: Message, status: str) -> None:
    await world.sandbox.messages.force(message, status, 0)


@pytest.mark.parametrize("status", ["sending", "sent", "delivered", "undelivered", "failed"])
@pytest.mark.parametrize("fails", [False, True])
async def test_a_forced_status_wins(make: Any, host: Host, status: str, fails: bool) -> None:
    """The message goes on from there at once; the file is kept when it comes."""
    world, gate = make("instant"), host.slow()
    host.files = {CAT: Fetched(404)} if fails else {}
    message = await world.create(MediaUrl=CAT, StatusCallback=HOOK)
    await world.turns(10)
    await force(world, message, status)
    world.sandbox.engine.catch_up()
    forced = world.delivery(message)
    assert status in forced.timeline
    gate.set()
    await done(world)
    assert world.delivery(message) == forced
    assert len(media(world, message)) == (0 if fails else 1)
    assert [alert.code for alert in world.sandbox.journal.alerts] == ([11200] if fails else [])


async def test_a_message_that_is_forced_out_gets_its_media(make: Any, host: Host) -> None:
    """It does not wait for it."""
    world = make("manual")
    message = await world.create(MediaUrl=CAT)
    await force(world, message, "delivered")
    assert (world.status(message), host.asked) == ("delivered", [])
    await world.advance(0)
    assert len(media(world, message)) == 1
    await world.advance(60)
    assert (len(host.asked), world.status(message)) == (1, "delivered")


async def test_a_message_that_is_forced_to_fail_gets_none(make: Any, host: Host) -> None:
    """It never goes out."""
    world = make("manual")
    message = await world.create(MediaUrl=CAT)
    await force(world, message, "failed")
    await world.advance(60)
    assert host.asked == []


async def test_a_message_that_is_forgotten(make: Any, host: Host) -> None:
    """What is fetched for it is given up, and nothing comes of it."""
    world, gate = make("instant"), host.slow()
    message = await world.create(MediaUrl=CAT)
    await world.turns(10)
    await force(world, message, "delivered")
    world.sandbox.messages.table.delete(message.sid, Unit())
    world.sandbox.engine.forget(message.sid)
    await done(world)
    gate.set()
    await world.turns(10)
    assert media(world, message) == []


async def test_a_message_that_is_gone_when_its_media_comes(make: Any, host: Host) -> None:
    """Nothing is kept of it."""
    world, gate = make("instant"), host.slow()
    message = await world.create(MediaUrl=CAT)
    await world.turns(10)
    world.sandbox.messages.table.delete(message.sid, Unit())
    gate.set()
    await done(world)
    assert len(world.sandbox.tables.media) == 0


@CLOCKS
async def test_a_reset_gives_up_what_is_fetched(make: Any, host: Host, clock: str) -> None:
    """Nothing of it comes into the sandbox that begins anew."""
    world, gate = make(clock), host.slow()
    await world.create(MediaUrl=CAT)
    task = asyncio.create_task(world.advance(60))
    await host.visited(world)
    world.sandbox.reset()
    gate.set()
    with suppress(NotIdle):
        await task
    await world.turns(10)
    assert world.idle()
    assert (len(world.sandbox.tables.media), list(world)) == (0, [])


# -- what can be wrong with it ---------------------------------------------------------------------

HTML = b"<!doctype html><title>Not here</title>"
FAILURES: dict[str, tuple[Fetched | Exception, int, str]] = {
    "nobody": (Unreachable("127.0.0.1:9: the connection was refused", code=11202), 11200, "refus"),
    "refused": (Unreachable("link-local", phase="refused"), 11200, "link-local"),
    "404": (Fetched(404, "text/html", "", HTML), 11200, "HTTP 404"),
    "500": (Fetched(500), 11200, "HTTP 500"),
    "empty": (Fetched(200, "image/png"), 11200, "empty"),
    "no content": (Fetched(204), 11200, "empty"),
    "too large": (Fetched(200, "image/png", "", PNG, over=True), 11751, f"{SMALL} bytes"),
    "no type": (Fetched(200, "", "", PNG), 12300, "without a Content-Type"),
    "not accepted": (Fetched(200, "application/zip", "", b"PK\3\4"), 12300, "not among the types"),
    "mismatch": (Fetched(200, "image/png", "", HTML), 12300, "declared image/png, is text/html"),
}


@CLOCKS
@pytest.mark.parametrize("case", FAILURES)
async def test_a_file_that_ends_its_message(make: Any, host: Host, clock: str, case: str) -> None:
    """`failed`, with a code; the alert has the URL without its login, and says what is wrong."""
    host.files["http://ann:secret@127.0.0.1:9/cat.png"], code, said = FAILURES[case]
    world = make(clock)
    message = await world.create(
        MediaUrl="http://ann:secret@127.0.0.1:9/cat.png", StatusCallback=HOOK
    )
    await world.advance(60)
    await done(world)
    assert life(world, message) == ["queued", "failed"]
    assert (world.delivery(message).error_code, world.delivery(message).steps) == (code, ())
    if clock != "scaled:50":
        assert world.timeline(message)[-1] == ("failed", 0.1)
    assert [dict(parcel.params)["ErrorCode"] for parcel in world.app.posted] == [str(code)]
    assert media(world, message) == []
    [alert] = world.sandbox.journal.alerts
    assert (alert.code, alert.resource_sid, alert.url) == (code, message.sid, CAT)
    assert alert.at >= message.created_at + 100_000
    assert said in alert.text
    assert "secret" not in alert.text


@pytest.mark.parametrize(
    ("channel", "case", "code"),
    [
        ("whatsapp:", "404", 63019),
        ("whatsapp:", "nobody", 63019),
        ("whatsapp:", "empty", 63019),
        ("whatsapp:", "too large", 11751),
        ("whatsapp:", "mismatch", 12300),
        ("messenger:", "404", 11200),
    ],
)
async def test_channels_have_their_own_limits_and_codes(
    make: Any, host: Host, channel: str, case: str, code: int
) -> None:
    """16 MB, and 63019 for media that WhatsApp cannot have."""
    host.files[CAT] = FAILURES[case][0]
    world = make()
    numbers = ("+14155552671", "+15017122661") if channel == "whatsapp:" else ("1234", "5678")
    to, sender = (f"{channel}{number}" for number in numbers)
    message = await world.create(To=to, From=sender, MediaUrl=CAT)
    await done(world)
    assert (world.status(message), world.delivery(message).error_code) == ("failed", code)
    assert host.asked == [(CAT, LARGE)]


async def test_one_bad_file_is_enough(make: Any, host: Host) -> None:
    """Those after it are not even asked for; of those before it nothing is kept."""
    host.files[DOG] = Fetched(404)
    world = make()
    pairs = [("To", "+14155552671"), ("From", "+15017122661")]
    urls = [("MediaUrl", url) for url in (CAT, DOG, CAT)]
    sandbox = world.sandbox
    message, _ = await sandbox.messages.create(
        sandbox.accounts.first, world_schema().read([*pairs, *urls])
    )
    sandbox.outbox.release(message.sid)
    await done(world)
    assert (world.status(message), media(world, message)) == ("failed", [])
    assert [url for url, _ in host.asked] == [CAT, DOG]


async def test_a_defect_of_ours_ends_the_message_too(
    make: Any, host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told as one, and the message does not wait for ever."""
    host.files[CAT] = KeyError("oops")
    world = make()
    message = await world.create(MediaUrl=CAT)
    await done(world)
    assert (world.status(message), world.delivery(message).error_code) == ("failed", 11200)
    assert "please report" in caplog.text
    [alert] = world.sandbox.journal.alerts
    assert "the mock itself failed here" in alert.text


# -- files on the internet -------------------------------------------------------------------------

AFAR = "https://images.example.com/a/cat.gif?x=1"


async def test_a_file_on_the_internet(
    make: Any, host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    """It is not fetched, the message goes out with a stand-in, and that is said, once a host."""
    host.files[AFAR] = Outlying("is neither loopback nor private", "images.example.com")
    world = make()
    with caplog.at_level(logging.WARNING, "mockserver"):
        messages = [await world.create(Body=str(number), MediaUrl=AFAR) for number in range(3)]
        await done(world)
    assert {world.status(each) for each in messages} == {"delivered"}
    [picture] = media(world, messages[0])
    assert (picture.content_type, picture.size, picture.digest) == ("image/gif", 0, "")
    assert (picture.filename, picture.fetched) == ("cat.gif", False)
    assert "`--webhook-allow images.example.com`" in picture.note
    assert [record.message for record in caplog.records] == [f"media: {picture.note}"]
    assert not world.sandbox.journal.alerts


async def test_a_world_without_a_network(make_world: "MakeWorld") -> None:
    """Everything is a stand-in."""
    world = make_world()
    message = await world.create(MediaUrl=CAT)
    await done(world)
    assert (world.status(message), media(world, message)[0].fetched) == ("delivered", False)


# -- repeatable ------------------------------------------------------------------------------------


async def test_sids_come_from_the_seed(make: Any, host: Host) -> None:
    """By message and place."""

    async def sids(seed: int) -> list[str]:
        world = make(seed=seed)
        await world.create(MediaUrl=CAT)
        await world.create(Body="Two", MediaUrl=DOG)
        await done(world)
        return [each.sid for each in world.sandbox.tables.media]

    first = await sids(7)
    assert await sids(7) == first
    assert len({*first, *await sids(8)}) == 4


async def test_given_media(make: Any) -> None:
    """What a handset sends is kept in the same way, in place of what was there."""
    world = make()
    message = await world.create()
    porter, unit = world.sandbox.porter, Unit()
    for body in (b"one", b"two"):
        given = (Attachment("http://a/", "image/png", body), Attachment("http://b/", "image/gif"))
        made = porter.attach(message, given, 5, unit)
    assert media(world, message) == made
    assert [(each.content_type, each.size, each.created_at) for each in made] == [
        ("image/png", 3, 5),
        ("image/gif", 0, 5),
    ]
    assert list(world.sandbox.tables.media.contents.values()) == [b"two"]


# -- out and in ------------------------------------------------------------------------------------


async def test_a_snapshot_has_media_and_contents(make: Any, host: Host) -> None:
    """What is put in again is what was taken out."""
    world = make()
    message = await world.create(MediaUrl=CAT)
    await done(world)
    kept = msgspec.json.decode(msgspec.json.encode(world.sandbox.snapshot()))
    other = make()
    other.sandbox.restore(parse(kept), Scenario(""))
    [picture] = media(other, message)
    assert (picture.account_sid, picture.sid) == (
        other.sandbox.accounts.first_sid,
        media(world, message)[0].sid,
    )
    assert other.sandbox.tables.media.content(picture) == PNG
    assert msgspec.json.decode(msgspec.json.encode(other.sandbox.snapshot())) == kept


async def test_a_fork_has_them_too(make: Any) -> None:
    """And what is deleted here stays there."""
    from mockserver.world.sandboxes import Order

    world = make()
    message = await world.create(MediaUrl=CAT)
    await done(world)
    fork = copying.fork(world.sandboxes, world.sandbox, Order())
    world.sandbox.tables.media.drop(message.sid, Unit())
    [picture] = fork.tables.media.of(message.sid)
    assert fork.tables.media.content(picture) == PNG
    assert picture.account_sid == fork.accounts.first_sid


@CLOCKS
async def test_a_message_that_waits_is_fetched_for_anew(make: Any, host: Host, clock: str) -> None:
    """After a restore, as its steps are booked anew."""
    world, gate = make("instant"), host.slow()
    message = await world.create(MediaUrl=CAT)
    await world.turns(10)
    taken = world.sandbox.snapshot()
    other = make(clock)
    gate.set()
    other.sandbox.restore(taken, Scenario(""))
    await other.advance(60)
    await done(other)
    assert life(other, message) == ["queued", "sending", "sent", "delivered"]
    assert [url for url, _ in host.asked] == [CAT, CAT]
    assert len(media(other, message)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"sid": "MM" + "a" * 32},
        {"message_sid": "ME" + "a" * 32},
        {"account_sid": "AC#2"},
        {"created_at": -1},
        {"updated_at": 1 << 62},
        {"content_type": "image/png\r\nX: 1"},
        {"filename": "ü"},
    ],
)
async def test_what_is_no_snapshot(make: Any, change: dict[str, object]) -> None:
    """Media must be such as the mock makes."""
    world = make()
    await world.create(MediaUrl=CAT)
    await done(world)
    kept = msgspec.json.decode(msgspec.json.encode(world.sandbox.snapshot()))
    kept["media"][0] |= change
    with pytest.raises(BadSnapshot, match=r"media\[0\]"):
        parse(kept)


# -- links -----------------------------------------------------------------------------------------


async def test_links_are_good_for_a_while(make: Any) -> None:
    """For this name, this long, on the sandbox's clock; another sandbox's are not."""
    world = make("manual")
    message = await world.create(MediaUrl=CAT)
    await world.advance(1)
    porter, now = world.sandbox.porter, world.now
    [picture] = media(world, message)
    path, _, query = porter.link(picture, now).partition("?")
    name = path.rpartition("/")[2]
    asked = dict(each.split("=") for each in query.split("&"))
    assert list(asked) == ["Expires", "Signature", "Key-Pair-Id"]
    assert porter.named(name) == picture
    assert porter.genuine(name, asked, now)
    good_until = int(asked["Expires"]) * 1_000_000
    assert porter.genuine(name, asked, good_until - 1)
    assert not porter.genuine(name, asked, good_until)
    for change in ({"Expires": str(good_until)}, {"Signature": ""}, {"Signature": "ü"}):
        assert not porter.genuine(name, {**asked, **change}, now)
    assert not porter.genuine(name[::-1], asked, now)
    assert not porter.genuine(name, {}, now)
    assert not make(seed=8).sandbox.porter.genuine(name, asked, now)
