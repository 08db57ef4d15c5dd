"""Everything under `/_mock`: the table of its routes, and the way of a call through them."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from mockserver.domain.matching import near
from mockserver.edge.control import (
    audiences,
    authority,
    clock,
    cloud_events,
    content,
    events,
    inbound,
    journals,
    messages,
    notifications,
    openapi,
    operations,
    opt_outs,
    probe,
    push_deliveries,
    rules,
    sandboxes,
    snapshots,
    verifying,
    webhook_map,
)
from mockserver.edge.control.ask import (
    Answer,
    Ask,
    Probe,
    Roots,
    Route,
    Written,
    encoded,
    read_document,
    read_query,
)
from mockserver.edge.control.refusals import WORLDLY, Refusal, translated
from mockserver.edge.http.routing import Found, Router
from mockserver.world.clock import stopwatch
from mockserver.world.sandbox import Sandbox
from mockserver.world.sandboxes import Sandboxes
from mockserver.world.scenarios import Library

ROOT: Final = "/_mock"
OF_SANDBOX: Final = "/sandboxes/{sandbox}"


async def describe(_: Ask) -> Answer:
    """The OpenAPI document of all this."""
    return Answer(200, openapi.document(SERVED))


ROUTES: Final = (
    *messages.ROUTES,
    *verifying.ROUTES,
    *operations.ROUTES,
    *notifications.ROUTES,
    *push_deliveries.ROUTES,
    *cloud_events.ROUTES,
    *sandboxes.ROUTES,
    *snapshots.ROUTES,
    *journals.ROUTES,
    *rules.ROUTES,
    *inbound.ROUTES,
    *probe.ROUTES,
    *webhook_map.ROUTES,
    *opt_outs.ROUTES,
    *content.ROUTES,
    *audiences.ROUTES,
    *clock.ROUTES,
    *events.ROUTES,
    *authority.ROUTES,
    Route("GET", "/openapi.json", describe, "This description.", shared=True),
)
"""The table; paths below `/_mock`."""


def _served() -> Iterator[Route]:
    """Each route at its path, and a sandbox's once more below the sandbox."""
    for route in ROUTES:
        yield replace(route, path=f"{ROOT}{route.path}")
        if not route.shared:
            yield replace(route, path=f"{ROOT}{OF_SANDBOX}{route.path}")


SERVED: Final = tuple(_served())


class Control:
    """Answers everything under `/_mock`."""

    def __init__(
        self,
        sandboxes: Sandboxes,
        library: Library,
        started: float,
        probe: Probe,
        roots: Roots,
    ) -> None:
        """`started` is the server's, on the stopwatch."""
        self._probe, self._roots = probe, roots
        self._sandboxes, self._library = sandboxes, library
        self._router = Router(SERVED, suffix="")
        self._started = started
        self._chores: set[asyncio.Task[None]] = set()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        try:
            answer = await self._answer(request)
        except Refusal as refusal:
            return _refused(refusal)
        except WORLDLY as problem:
            return _refused(translated(problem))
        return answer if isinstance(answer, web.StreamResponse) else _written(answer)

    async def _answer(self, request: web.BaseRequest) -> Answer | web.StreamResponse:
        target = request.raw_path
        if not target.startswith("/"):  # a whole URL, as a proxy is asked
            target = "/" + target.partition("://")[2].partition("/")[2]
        path, _, query = target.partition("?")
        found = self._found(path)
        if request.method == "OPTIONS":
            return Written(204, headers={"Allow": found.allow}).response()
        route = found.route(request.method)
        if route is None:
            allow = f"{request.method} is not for {path}; use {found.allow}"
            raise Refusal("method_not_allowed", allow, headers={"Allow": found.allow})
        ask = Ask(
            request=request,
            sandboxes=self._sandboxes,
            library=self._library,
            sandbox=self._sandbox(found.params),
            params=found.params,
            query=read_query(query, route.query),
            body=await read_document(request, route),
            uptime=stopwatch() - self._started,
            later=self._later,
            probe=self._probe,
            roots=self._roots,
        )
        answer = await route.handler(ask)
        if (ledger := ask.sandbox.ledger) is not None and isinstance(answer, Answer):
            await ledger.settled()
        return answer

    def _found(self, path: str) -> Found[Route]:
        found = self._router.find(path.rstrip("/"))
        if found is None:
            hint = _nearest(path)
            meant = f"; did you mean {hint}?" if hint else ""
            text = f"there is no {path}{meant} All there is: {ROOT}/openapi.json"
            raise Refusal("unknown_path", text, {"hint": hint})
        return found

    def _sandbox(self, params: dict[str, str]) -> Sandbox:
        if "sandbox" not in params:
            return self._sandboxes.default
        return sandboxes.living(self._sandboxes, params["sandbox"])

    def _later(self, chore: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)


def _nearest(path: str) -> str:
    """The path that was probably meant, with its placeholders."""
    known = dict.fromkeys(route.path for route in SERVED)
    return near(path, known)


def _refused(refusal: Refusal) -> web.Response:
    return Written(refusal.status, encoded(refusal.document), refusal.headers).response()


def _written(answer: Answer) -> web.Response:
    if answer.status == 204:
        return Written(204).response()
    body = answer.body if answer.body is not None else encoded(answer.document)
    return Written(answer.status, body).response()
