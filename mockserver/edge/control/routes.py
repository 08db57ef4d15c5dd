"""The control API's table of routes."""

import orjson
from aiohttp import web

from mockserver import __version__
from mockserver.world.clock import stopwatch
from mockserver.world.sandboxes import Sandboxes
from mockserver.world.scenarios import Library


class Control:
    """Answers everything under `/_mock`."""

    def __init__(self, sandboxes: Sandboxes, library: Library) -> None:
        self._sandboxes, self._library = sandboxes, library
        self._started = stopwatch()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        document = {
            "status": "ok",
            "version": __version__,
            "uptime_s": round(stopwatch() - self._started, 3),
            "sandboxes": len(self._sandboxes),
        }
        return web.Response(body=orjson.dumps(document), content_type="application/json")
