"""One port, one application: which Twilio host a request is for, and its way through.

request ─▶ product and route ─▶ auth (finds the sandbox) ─▶ faults ─▶ handler ─▶ reply
                                                journal ◀── headers ◀──────────────┘
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from aiohttp import web

from mockserver.domain.errors import (
    AUTHENTICATE,
    ENTITY_TOO_LARGE,
    INTERNAL_ERROR,
    MALFORMED,
    NOT_FOUND,
    NOT_KEPT,
    TEST_CREDENTIALS,
    TwilioError,
)
from mockserver.domain.sids import is_sid
from mockserver.edge.http.auth import Admission, admit, admit_anyone, expectation
from mockserver.edge.http.call import XML, Call, Reply, Route
from mockserver.edge.http.forms import BODY_LIMIT
from mockserver.edge.http.guard import Guard
from mockserver.edge.http.hosts import destination, is_twilios, names, product_of
from mockserver.edge.http.product import Loader, Product
from mockserver.edge.http.recorder import record
from mockserver.edge.http.reply import Written, head_of
from mockserver.edge.http.visit import Visit
from mockserver.world.clock import stopwatch
from mockserver.world.sandboxes import Sandboxes, TooManyAccounts
from mockserver.world.store import NotKept
from mockserver.world.subjects import CallSubject

if TYPE_CHECKING:
    from mockserver.world.gates import Mishap

CONTROL: Final = "/_mock"

_ACCOUNT_OF: Final = re.compile(r"/2010-04-01/Accounts/([^/.]+)/").match

log: Final = logging.getLogger("mockserver")

Control = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


Shut = Callable[[float], None]


def _stays_open(_: float) -> None:
    """Nothing that listens can be shut."""


Others = Callable[[web.BaseRequest, str], Awaitable[web.StreamResponse | None]]
"""Answers a request for a host and port that are neither Twilio's nor the mock's, else `None`."""


class Front:
    """Every request of every host."""

    def __init__(
        self,
        sandboxes: Sandboxes,
        products: Iterable[Product],
        later: Mapping[str, Loader],
        control: Control,
        *,
        others: Others | None = None,
        check_responses: bool = False,
        shut: Shut = _stays_open,
        guard: Guard | None = None,
    ) -> None:
        """`later` are products that are loaded when they are first asked for, by name.

        `others` is asked about requests that name a whole URL, as a proxy's do.
        `shut` refuses connections for so many seconds of wall time.
        """
        self._shut, self._guard = shut, guard or Guard()
        self._sandboxes, self._control = sandboxes, control
        self._products = {product.name: product for product in products}
        self._later = later
        self._check_responses, self._others = check_responses, others
        self._under_way: dict[str, int] = {}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request, whatever it is."""
        path, _, query = request.raw_path.partition("?")
        host = request.headers.get("Host", "")
        if not path.startswith("/"):
            whole = path[:8].lower().startswith(("http://", "https://"))
            host, path = _absolute(path, host)
            if whole and self._others is not None:
                answer = await self._others(request, host)
                if answer is not None:
                    return answer
        if path.startswith(CONTROL) and path[6:7] in ("", "/") and not _at_twilio(request, host):
            refused = self._guard.control(request, host)  # older aiohttp: a response may be falsy
            return await self._control(request) if refused is None else refused
        if (refused := self._guard.api(request, host)) is not None:
            return refused
        where = destination(host, path)
        visit = Visit(self._sandboxes, request, host, path, query, where, stopwatch())
        try:
            reply = await self._answer(visit)
            if visit.newcomer or not reply.kept:
                await visit.settled()
        except TwilioError as error:
            reply = visit.refused(error)
        except NotKept as lost:
            visit.warnings.append(str(lost))
            reply = visit.refused(TwilioError(NOT_KEPT, why=str(lost)))
        except Exception:
            log.exception("%s %s broke the mock: please report this", request.method, path)
            reply = visit.refused(TwilioError(INTERNAL_ERROR))
        return await self._finish(visit, reply)

    async def _answer(self, visit: Visit) -> Reply:
        name = visit.where.product
        if name in self._later and name not in self._products:
            await self._load(name)
        try:
            route = self._route(visit)
        except TwilioError:
            await _read(visit)  # for the journal
            raise
        whose = visit.params.get("AccountSid") or visit.header or ""
        visit.concurrent = self._under_way.get(whose, 0) + 1
        self._under_way[whose] = visit.concurrent
        try:
            await _read(visit)
            return Reply(204) if route is None else await self._handle(visit, route)
        finally:
            self._left(whose)

    def _route(self, visit: Visit) -> Route | None:
        """The operation; `None` for OPTIONS. Raise 20404 or 20004."""
        product = self._products.get(visit.where.product)
        found = product.router.find(visit.where.path) if product is not None else None
        visit.product = product
        if product is None or found is None:
            raise self._unserved(visit)
        visit.params, visit.found = found.params, found
        method = visit.request.method
        if method == "OPTIONS":
            return None
        route = found.route(method)
        if route is None:
            raise TwilioError(product.not_allowed(visit.where.path))
        visit.operation = product.called(route)
        return route

    async def _load(self, name: str) -> None:
        """Load a product beside the event loop: that takes a tenth of a second."""
        loop = asyncio.get_running_loop()
        self._products[name] = await loop.run_in_executor(None, self._later[name])

    def _unserved(self, visit: Visit) -> TwilioError:
        """Twilio's own 404, and a plain word in log and journal."""
        method, where = visit.request.method, visit.where
        account = _ACCOUNT_OF(where.path)
        if where.product == "api" and account and not is_sid(account[1], "AC"):
            said = f"{account[1]!r} in {where.path} is no Account SID: AC and 32 hexadecimal digits"
        elif where.product:
            visit.served = False
            said = (
                f"your program called {method} {where.domain}{where.path}, "
                "which this mock does not serve"
            )
        else:
            said = (
                f"{method} {visit.path} names no Twilio product: send the Host header of one "
                "(api.twilio.com), or begin the path with /2010-04-01/ or a product's short name"
            )
        visit.warnings.append(said)
        log.warning("%s", said)
        problem = NOT_FOUND if visit.product is None else visit.product.unserved(where.path)
        return TwilioError(problem, path=visit.resource)

    def _admit(self, visit: Visit, route: Route) -> Admission:
        account_sid = visit.params.get("AccountSid")
        if not (route.public or _comes_in_anyway(visit)):
            admission = admit(self._sandboxes, visit.header, account_sid, route.access)
        elif (anyone := admit_anyone(self._sandboxes, account_sid or "")) is not None:
            admission = anyone
        else:
            raise TwilioError(NOT_FOUND, path=visit.resource)
        visit.sandbox, visit.account_sid = admission.sandbox, admission.account.sid
        return admission

    async def _handle(self, visit: Visit, route: Route) -> Reply:
        admission = self._admit(visit, route)
        if admission.account.test and not (route.test_credentials or route.public):
            raise TwilioError(TEST_CREDENTIALS)
        call = self._call(visit, admission)
        rules = admission.sandbox.rules
        if rules.faults and (mishap := rules.fault(_subject(visit, call, admission))):
            reply = await _befall(visit, call, mishap, self._shut)
            if reply is not None:
                return reply
        reply = await route.handler(call)
        if self._check_responses:
            _check(visit, route, reply)
        admission = visit.authorized or admission
        if admission.newcomer and reply.status < 300:
            visit.warnings.append(self._settle(admission))
            visit.newcomer = admission.user
        return reply

    def _settle(self, admission: Admission) -> str:
        try:
            return admission.settle(self._sandboxes)
        except TooManyAccounts as full:
            return f"{admission.user} was not kept: {full}"

    def _call(self, visit: Visit, admission: Admission) -> Call:
        headers = visit.request.headers
        return Call(
            visit.request.method,
            visit.path,
            visit.query,
            headers.get("Content-Type", ""),
            headers.get("Content-Encoding", "").lower(),
            visit.body,
            admission.sandbox,
            admission.account,
            visit.params,
            visit,
            visit.warnings,
        )

    def _left(self, whose: str) -> None:
        if self._under_way[whose] == 1:
            del self._under_way[whose]
        else:
            self._under_way[whose] -= 1

    async def _finish(self, visit: Visit, reply: Reply) -> web.StreamResponse:
        """Dress the reply, write it into the journal, and see it written."""
        sandbox = visit.sandbox or visit.guess()
        if reply.body and visit.wants_xml and not visit.as_told:
            _to_xml(reply, visit.element)
        if visit.spoiled is not None:
            visit.spoiled.dress(reply)
        if not visit.operation and visit.found is not None:
            reply.headers = (*reply.headers, ("Allow", visit.found.allow))
        entry_id = sandbox.journal.next_request()
        if visit.newcomer:
            sandbox.accounts.note_fixed(visit.newcomer, entry_id)
        elif reply.status == AUTHENTICATE.status:
            visit.warnings += expectation(self._sandboxes, visit.header)
        entropy = reply.entropy or sandbox.dice.of("request", entry_id).hex()
        duration = stopwatch() - visit.started
        request_id = f"RQ{entropy}"
        request = visit.request
        keep_alive = request.keep_alive and request.method != "CONNECT"
        record(sandbox, entry_id, visit, reply, request_id, duration)
        head = head_of(
            reply,
            visit.where.domain,
            request_id,
            visit.concurrent,
            duration,
            keep_alive=keep_alive,
        )
        body = b"" if request.method == "HEAD" else reply.body
        if visit.spoiled is None:
            answer = Written(head, body, status=reply.status, keep_alive=keep_alive)
        else:
            answer = visit.spoiled.written(head, body, reply.status, keep_alive)
        if reply.release in sandbox.outbox.held:
            try:
                await answer.prepare(request)
            finally:
                sandbox.outbox.release(reply.release)
        return answer


def _check(visit: Visit, route: Route, reply: Reply) -> None:
    """Say where an answer breaks its schema."""
    from mockserver.edge.http.checking import breaches  # seldom wanted

    if broken := breaches(route.schema, reply):
        visit.warnings += broken
        log.error("%s", "; ".join(broken))


def _at_twilio(request: web.BaseRequest, host: str) -> bool:
    """Whether a request is made as if to Twilio: in a tunnel that leads there, or by its Host."""
    if getattr(request.protocol, "inside", ""):
        return True
    return bool(product_of(host)) or is_twilios(host.rpartition(":")[0] or host)


def _to_xml(reply: Reply, element: str) -> None:
    from mockserver.edge.http.xml import to_xml  # few ask for it, and not at start

    reply.body, reply.content_type = to_xml(reply.body, element), XML


def _absolute(target: str, host: str) -> tuple[str, str]:
    """Host and path of a request line that holds a whole URL, as a proxy's does."""
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return host, f"/{target}"
    authority, _, path = rest.partition("/")
    return authority, f"/{path}"


async def _read(visit: Visit) -> None:
    """Take the body in; raise 20413, or 20001 when it breaks off."""
    request = visit.request
    if not request.body_exists:
        return
    if (request.content_length or 0) > BODY_LIMIT:
        raise TwilioError(ENTITY_TOO_LARGE)
    if "Expect" in request.headers and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    content = request.content
    try:
        # most have all come in with their head: less than what would have to be waited for
        visit.body = content.read_nowait() if content.is_eof() else await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise TwilioError(ENTITY_TOO_LARGE) from None
    except (web.RequestPayloadError, ConnectionError):
        raise TwilioError(MALFORMED, said="the body broke off") from None


def _comes_in_anyway(visit: Visit) -> bool:
    """Whether a request without credentials, in header and body, is let in nevertheless."""
    product = visit.product
    if product is None or product.login is None or visit.header is not None:
        return False
    visit.login = product.login(visit.body, visit.request.headers)
    return not (visit.login or visit.sandboxes.defaults.strict_accounts)


def _parameters(visit: Visit, call: Call) -> dict[str, str]:
    from mockserver.edge.http.parameters import parameters  # few servers have rules that ask

    return parameters(call, json=visit.product is not None and visit.product.json)


async def _befall(visit: Visit, call: Call, mishap: "Mishap", shut: Shut) -> Reply | None:
    """What the fault answers; `None` where the call goes on."""
    from mockserver.edge.misbehaving import befall  # few servers have such rules

    return await befall(visit, mishap, lambda: _parameters(visit, call), shut)


def _subject(visit: Visit, call: Call, admission: Admission) -> CallSubject:
    """With what faults that catch some calls alone want to know beyond what rules may ask for."""
    hosts, paths = names(visit.host, visit.path, visit.where)
    facts = {
        "operation": visit.operation,
        "method": visit.request.method,
        "host": hosts,
        "path": paths,
        "account_sid": visit.account_sid,
        "user": admission.user,
        "concurrent": visit.concurrent,
        "named": tuple(sid for name, sid in visit.params.items() if name != "AccountSid"),
    }
    return CallSubject(facts, lambda: _parameters(visit, call))
