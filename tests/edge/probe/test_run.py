"""How a run goes, and how it ends before its time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN
from mockserver.edge.probe.exchange import Heard, Order, Shot
from mockserver.edge.probe.run import Run
from mockserver.edge.probe.table import PROBES
from mockserver.edge.probing import Prober, order

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """`await serve(handler)`: its address."""
    servers: list[TestServer] = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_route("*", "/hook", handler)
        server = TestServer(app)
        servers.append(server)
        await server.start_server()
        return f"http://127.0.0.1:{server.port}/hook"

    yield start
    for server in servers:
        await server.close()


def by_id(report: dict[str, Any], probe: str) -> dict[str, Any]:
    """The first finding of a probe."""
    found: dict[str, Any] = next(each for each in report["findings"] if each["id"] == probe)
    return found


async def report_of(
    asked: Order, prober: Prober | None = None, wait: Awaitable[object] | None = None
) -> dict[str, Any]:
    """The report of a whole run; with `wait`, of one that is cancelled when that is over."""
    async with (prober or Prober()).run(asked) as run:
        task = asyncio.create_task(run.run())
        if wait is not None:
            await wait
            task.cancel()
        await asyncio.gather(task, return_exceptions=wait is not None)
        return run.report()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:9/hook", "127.0.0.1:9: the connection was refused"),
        ("http://169.254.169.254/hook", "169.254.169.254 is never called"),
        ("http://203.0.113.9/hook", "203.0.113.9 is neither loopback nor private"),
        ("http://no host/", "A URL holds no spaces"),
        ("ftp://127.0.0.1/", "A callback URL begins with http://"),
    ],
)
async def test_what_cannot_be_called_is_one_finding(url: str, said: str) -> None:
    """Nothing else is tried: refused connections, and what the policy for webhooks forbids."""
    report = await report_of(Order(url, DEFAULT_TOKEN, DEFAULT_SID))
    [finding] = report["findings"]
    assert (finding["id"], finding["outcome"]) == ("reachable", "failed")
    assert finding["said"].startswith(said)
    assert not report["ok"]


async def test_a_run_that_is_broken_off_tells_what_it_found(serve: Serve) -> None:
    """It is not complete, and so not ok; nothing is left under way."""
    reached, before = asyncio.Event(), asyncio.all_tasks()

    async def hang_at_forgeries(request: web.Request) -> web.Response:
        if "X-Twilio-Signature" not in request.headers:
            reached.set()
            await asyncio.Event().wait()
        return web.Response(status=204)

    url = await serve(hang_at_forgeries)
    report = await report_of(Order(url, DEFAULT_TOKEN, DEFAULT_SID), wait=reached.wait())
    assert not report["complete"]
    assert not report["ok"]
    assert by_id(report, "valid-signature")["outcome"] == "passed"
    assert all(each["id"] != "concurrent" for each in report["findings"])
    assert not {task for task in asyncio.all_tasks() - before if "run" in str(task.get_coro())}


async def test_one_kind_of_webhook_is_probed_alone(serve: Serve) -> None:
    """With a kind there are no probes of the other."""

    async def only_statuses(request: web.Request) -> web.Response:
        assert "MessageStatus" in await request.post()
        return web.Response(status=204)

    asked = {"url": await serve(only_statuses), "kind": "status"}
    report = await report_of(order({"account_sid": DEFAULT_SID, "auth_token": "x", **asked}))
    assert {each["kind"] for each in report["findings"]} == {"status"}
    assert by_id(report, "documented-statuses")["outcome"] == "passed"


async def test_the_kind_that_an_application_does_not_serve_is_said(serve: Serve) -> None:
    """Of that kind only the plain request fails; the remark names the flag."""

    async def only_texts(request: web.Request) -> web.Response:
        form = await request.post()
        return web.Response(status=204, text="") if "Body" in form else web.Response(status=400)

    asked = Order(await serve(only_texts), DEFAULT_TOKEN, DEFAULT_SID)
    report = await report_of(asked)
    failed = [
        each["id"]
        for each in report["findings"]
        if each["kind"] == "status" and each["outcome"] == "failed"
    ]
    assert failed == ["valid-signature"]
    assert any("--kind inbound" in remark for remark in report["remarks"])


class Counting:
    """A `Wire` whose application answers 204, and that counts how many ask at once."""

    def __init__(self, seconds: float) -> None:
        """`seconds` is what it says that an answer takes."""
        self.seconds, self.now, self.most, self.asked = seconds, 0, 0, 0

    async def send(self, shot: Shot) -> Heard:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.to_thread(hash, shot.url)
        self.now -= 1
        return Heard(204, seconds=self.seconds)

    async def abandon(self, shot: Shot, after: float) -> None:
        await self.send(shot)


@pytest.mark.parametrize(("seconds", "most"), [(0.01, 1), (0.06, 8)])
async def test_slow_applications_are_probed_side_by_side(seconds: float, most: int) -> None:
    """Up to eight at a time; those that answer at once, one at a time."""
    wire, probes = Counting(seconds), [probe for probe in PROBES if not probe.last]
    run = Run(Order("http://127.0.0.1/", DEFAULT_TOKEN, DEFAULT_SID), wire, probes)
    await run.run()
    assert wire.most == most


class Dying(Counting):
    """One that answers twenty requests."""

    async def send(self, shot: Shot) -> Heard:
        heard = await super().send(shot)
        self.asked += 1
        return heard if self.asked <= 20 else Heard(0, problem="it hung up")


async def test_an_application_that_dies_is_not_asked_for_long() -> None:
    """After three requests without an answer the rest is skipped."""
    wire = Dying(seconds=0.01)
    run = Run(Order("http://127.0.0.1/", DEFAULT_TOKEN, DEFAULT_SID), wire)
    await run.run()
    assert "does not answer any more" in by_id(run.report(), "concurrent")["said"]
    assert wire.asked < 30


async def test_tls_that_cannot_be_set_up_is_one_finding(serve: Serve) -> None:
    """Here because nobody speaks it at that port."""

    async def hook(request: web.Request) -> web.Response:
        return web.Response(status=204)

    url = (await serve(hook)).replace("http://", "https://")
    report = await report_of(Order(url, DEFAULT_TOKEN, DEFAULT_SID))
    [finding] = report["findings"]
    assert (finding["id"], finding["outcome"]) == ("reachable", "failed")
    assert "TLS" in finding["said"]


async def test_the_public_address_is_signed_where_a_map_leads_elsewhere(serve: Serve) -> None:
    """`--webhook-map`: the application sees its public host and validates its public URL."""
    hosts: set[str] = set()

    async def hook(request: web.Request) -> web.Response:
        hosts.add(request.host)
        return web.Response(status=204)

    url = await serve(hook)
    base = url.removesuffix("/hook")
    prober = Prober(webhook_map=[("https://app.example.com", base)])
    asked = Order("https://app.example.com/hook", DEFAULT_TOKEN, DEFAULT_SID)
    report = await report_of(asked, prober)
    assert by_id(report, "valid-signature")["outcome"] == "passed"
    assert hosts == {"app.example.com"}


async def test_a_status_answered_with_replies_and_a_text_in_plain_are_notes(serve: Serve) -> None:
    """Nobody sends the first; the handset gets the second, which is seldom meant."""

    async def hook(request: web.Request) -> web.Response:
        form = await request.post()
        if "MessageStatus" in form:
            twiml = "<Response><Message>Hi</Message></Response>"
            return web.Response(text=twiml, content_type="text/xml")
        return web.Response(text="received")

    report = await report_of(Order(await serve(hook), DEFAULT_TOKEN, DEFAULT_SID))
    assert by_id(report, "status-answer")["outcome"] == "note"
    plain = by_id(report, "plain-text")
    assert (plain["outcome"], plain["said"]) == ("note", "the handset gets the text 'received'")
    assert by_id(report, "help-reply")["outcome"] == "note"


async def test_two_different_replies_to_one_text_are_a_note(serve: Serve) -> None:
    """They show that the text was acted upon twice."""
    count = iter(range(1_000))

    async def hook(request: web.Request) -> web.Response:
        text = f"<Response><Message>Order {next(count)}</Message></Response>"
        return web.Response(text=text, content_type="text/xml")

    asked = Order(await serve(hook), DEFAULT_TOKEN, DEFAULT_SID, ("inbound",))
    report = await report_of(asked)
    assert by_id(report, "duplicate-delivery")["outcome"] == "note"


async def test_no_two_probes_share_a_message(serve: Serve) -> None:
    """Their order of arrival is no matter, and runs do not share messages either."""
    seen: list[tuple[str, str]] = []

    async def hook(request: web.Request) -> web.Response:
        form = await request.post()
        if "MessageSid" in form:
            token = request.headers["I-Twilio-Idempotency-Token"]
            seen.append((str(form["MessageSid"]), token))
        return web.Response(status=204)

    asked = Order(await serve(hook), DEFAULT_TOKEN, DEFAULT_SID, ("status",))
    await report_of(asked)
    first = set(seen)
    again = len(seen) - len(first)
    assert again == 1  # the duplicate delivery
    await report_of(asked)
    assert {sid for sid, _ in first} & {sid for sid, _ in seen[len(first) + again :]} == set()


async def test_a_login_in_the_address_is_used_and_not_told(serve: Serve) -> None:
    """As Twilio does: it is sent as Basic credentials, and no part of what is signed."""
    seen: set[str] = set()

    async def hook(request: web.Request) -> web.Response:
        seen.add(request.headers["Authorization"])
        return web.Response(status=204)

    url = (await serve(hook)).replace("http://", "http://me:secret@")
    report = await report_of(Order(url, DEFAULT_TOKEN, DEFAULT_SID, ("status",)))
    assert seen == {"Basic bWU6c2VjcmV0"}
    assert "secret" not in str(report)
