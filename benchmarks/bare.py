"""The reference: the least an aiohttp server must do to look like Twilio's Messages resource.

uvloop and orjson, Basic auth, Twilio's response headers, a parsed form, a dict, JSON. No
validation, no journal, no lifecycle, no sandboxes.

    python -m benchmarks.bare            serves on a free port and prints it
"""

import asyncio
import random
import time
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import orjson
import uvloop
from aiohttp import web
from multidict import CIMultiDict

from benchmarks.wire import ACCOUNT_SID, AUTHORIZATION, MESSAGES

HEADERS: Final = CIMultiDict(
    {
        "Content-Type": "application/json",
        "Twilio-Concurrent-Requests": "1",
        "Twilio-Request-Id": "",
        "Twilio-Request-Duration": "",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, If-Match, "
        "If-Modified-Since, If-None-Match, If-Unmodified-Since, Idempotency-Key",
        "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
        "Access-Control-Expose-Headers": "ETag",
        "Access-Control-Allow-Credentials": "true",
        "X-Powered-By": "AT-5000",
        "X-Shenanigans": "none",
        "X-Home-Region": "us1",
        "X-API-Domain": "api.twilio.com",
        "Strict-Transport-Security": "max-age=31536000",
        "Server": "twilio-mockserver/0.0.0",
    }
)

KEPT: Final = web.AppKey("kept", dict[str, dict[str, Any]])
BUSY: Final = web.AppKey("busy", list[int])
"""How many requests are under way, in a list of one."""


def create_app() -> web.Application:
    """The application, with nothing kept."""
    app = web.Application()
    app[KEPT] = {}
    app[BUSY] = [0]
    app.add_routes(
        [
            web.post(MESSAGES, create),
            web.get(MESSAGES, list_messages),
            web.get(MESSAGES.removesuffix(".json") + "/{sid}.json", fetch),
        ]
    )
    return app


async def create(request: web.Request) -> web.Response:
    """Keep a message and answer it, queued."""
    started = enter(request)
    form = await request.post()
    identity = random.randbytes(16).hex()
    message = rendered("SM" + identity, form["To"], form["From"], form["Body"])
    request.app[KEPT][message["sid"]] = message
    return reply(request, message, 201, identity, started)


async def fetch(request: web.Request) -> web.Response:
    """Answer one message."""
    started = enter(request)
    message = request.app[KEPT].get(request.match_info["sid"])
    if message is None:
        raise web.HTTPNotFound
    return reply(request, message, 200, random.randbytes(16).hex(), started)


async def list_messages(request: web.Request) -> web.Response:
    """Answer the first page, newest first."""
    started = enter(request)
    size = int(request.query.get("PageSize", "50"))
    page = list(islice(reversed(request.app[KEPT].values()), size))
    first = f"{MESSAGES}?PageSize={size}&Page=0"
    envelope = {
        "end": len(page) - 1,
        "first_page_uri": first,
        "next_page_uri": f"{MESSAGES}?PageSize={size}&Page=1&PageToken=PA{page[-1]['sid']}",
        "page": 0,
        "page_size": size,
        "previous_page_uri": None,
        "messages": page,
        "start": 0,
        "uri": first,
    }
    return reply(request, envelope, 200, random.randbytes(16).hex(), started)


def enter(request: web.Request) -> float:
    """Check the credentials, count the request, and start its stopwatch."""
    if request.headers.get("Authorization") != AUTHORIZATION:
        raise web.HTTPUnauthorized
    request.app[BUSY][0] += 1
    return time.perf_counter()


def reply(
    request: web.Request, body: dict[str, Any], status: int, identity: str, started: float
) -> web.Response:
    """JSON under Twilio's headers."""
    busy = request.app[BUSY]
    headers = HEADERS.copy()
    headers["Twilio-Concurrent-Requests"] = str(busy[0])
    headers["Twilio-Request-Id"] = "RQ" + identity
    headers["Twilio-Request-Duration"] = f"{time.perf_counter() - started:.3f}"
    busy[0] -= 1
    return web.Response(body=orjson.dumps(body), status=status, headers=headers)


def rendered(sid: str, to: object, from_: object, body: object) -> dict[str, Any]:
    """A queued message, field for field as Twilio writes it."""
    now = rfc2822(int(time.time()))
    uri = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{sid}"
    return {
        "body": body,
        "num_segments": "1",
        "direction": "outbound-api",
        "from": from_,
        "date_updated": now,
        "price": None,
        "error_message": None,
        "uri": uri + ".json",
        "account_sid": ACCOUNT_SID,
        "num_media": "0",
        "to": to,
        "date_created": now,
        "status": "queued",
        "sid": sid,
        "date_sent": None,
        "messaging_service_sid": None,
        "error_code": None,
        "price_unit": "USD",
        "api_version": "2010-04-01",
        "subresource_uris": {"media": uri + "/Media.json"},
    }


@lru_cache(maxsize=2)
def rfc2822(second: int) -> str:
    """The time as Twilio writes it."""
    return time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(second))


async def serve() -> None:
    """Serve on a free port until killed."""
    runner = web.AppRunner(create_app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://localhost:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve())
