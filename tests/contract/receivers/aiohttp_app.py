"""A small aiohttp application that believes only what Twilio signed.

TWILIO_AUTH_TOKEN=… python aiohttp_app.py ANSWERS.json

It prints its port, keeps what it gets until somebody asks (DELETE /kept), and ends with its
standard input.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web
from twilio.request_validator import RequestValidator

ANSWERS: dict[str, tuple[int, str]] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
VALIDATOR = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
KEPT = web.AppKey("KEPT", list[dict[str, Any]])

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def url_of(request: web.Request) -> str:
    """As it was asked for: `request.url` is normalised."""
    scheme = request.headers.get("X-Forwarded-Proto", request.scheme)
    return f"{scheme}://{request.host}{request.raw_path}"


@web.middleware
async def keep(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    if request.path != "/kept":
        form = await request.post()
        names = {**request.query, **form}
        values = {name: [*request.query.getall(name, ()), *_all(form, name)] for name in names}
        told = {"method": request.method, "path": request.path, "params": values}
        request.app[KEPT].append({**told, "status": response.status})
    return response


def _all(form: Any, name: str) -> list[str]:
    return list(form.getall(name, ()))


async def webhook(request: web.Request) -> web.Response:
    signature = request.headers.get("X-Twilio-Signature", "")
    json_body = request.content_type == "application/json"
    body: str | Mapping[str, Any] = await (request.text() if json_body else request.post())
    if not VALIDATOR.validate(url_of(request), body, signature):
        return web.Response(status=403)
    status, text = ANSWERS.get(request.path, (204, ""))
    return web.Response(status=status, text=text, content_type="text/xml")


async def show(request: web.Request) -> web.Response:
    shown = web.json_response(request.app[KEPT])
    request.app[KEPT].clear()
    return shown


async def main() -> None:
    app = web.Application(middlewares=[keep])
    app[KEPT] = []
    app.add_routes([web.delete("/kept", show)])
    app.add_routes([web.get("/{path:.*}", webhook), web.post("/{path:.*}", webhook)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
