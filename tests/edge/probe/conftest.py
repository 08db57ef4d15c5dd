"""A correct application, and the probes' report about one that is like it but for a defect."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Final

import jsonschema
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from multidict import MultiDict, MultiMapping
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN
from mockserver.edge.probe.exchange import BOTH, Kind, Order
from mockserver.edge.probing import Prober
from mockserver.world.scenarios.checking import schema

Form = MultiMapping[str]

STOP: Final = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}


class Receiver:
    """What a correct application does."""

    fails: ClassVar[set[str]] = set()
    timeout: ClassVar[float] = 15.0
    kinds: ClassVar[tuple[Kind, ...]] = BOTH
    methods: ClassVar[tuple[str, ...]] = ("POST",)

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.lock, self.over = asyncio.Lock(), asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        form = await self.form(request)
        if not self.genuine(request, form):
            return web.Response(status=403)
        return self.respond(form)

    def respond(self, form: Form) -> web.StreamResponse:
        if "MessageStatus" in form:
            return self.status(form)
        return self.text(form) if "MessageSid" in form else web.Response(status=400)

    async def form(self, request: web.Request) -> Form:
        found: MultiDict[str] = MultiDict()
        for name, value in (await request.post()).items():
            found.add(name, str(value))
        return found

    def genuine(self, request: web.Request, form: Form) -> bool:
        given = self.header(request)
        return bool(RequestValidator(DEFAULT_TOKEN).validate(self.url(request), form, given))

    def header(self, request: web.Request) -> str:
        return request.headers.get("X-Twilio-Signature", "")

    def url(self, request: web.Request) -> str:
        return f"{request.scheme}://{request.host}{request.raw_path}"

    def opts_out(self, form: Form) -> bool:
        return form["Body"].strip().upper() in STOP

    @staticmethod
    def twiml(text: str) -> web.Response:
        return web.Response(text=text, content_type="text/xml")

    def status(self, form: Form) -> web.StreamResponse:
        return web.Response(status=204)

    def text(self, form: Form) -> web.StreamResponse:
        reply = MessagingResponse()
        if not self.opts_out(form):
            reply.message(f"You wrote {form['Body'][:1000]}")
        return self.twiml(str(reply))


@asynccontextmanager
async def serving(receiver: Receiver) -> AsyncIterator[str]:
    """The receiver's address."""
    app = web.Application()
    for method in receiver.methods:
        app.router.add_route(method, "/hooks/sms", receiver.answer)
        if method == "GET":
            app.router.add_route("HEAD", "/hooks/sms", receiver.answer)
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}/hooks/sms"
        receiver.over.set()


Report = dict[str, Any]
Probed = Callable[[type], Awaitable[Report]]


@pytest.fixture
def probed() -> Probed:
    """`await probed(Defect)`: the report about a receiver with the defect mixed in; it fits."""
    return _probed


async def _probed(defect: type) -> Report:
    receiver: Receiver = type(defect.__name__, (defect, Receiver), {})()
    async with serving(receiver) as url:
        order = Order(url, DEFAULT_TOKEN, DEFAULT_SID, receiver.kinds, receiver.timeout)
        async with Prober().run(order) as run:
            await run.run()
            report: Report = run.report()
    jsonschema.validate(report, schema("control/ProbeReport"))
    return report
