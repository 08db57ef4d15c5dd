"""Who asks while something else is done, and how long that takes."""

import asyncio
import time
from collections.abc import Callable

from benchmarks.servers import Server
from benchmarks.wire import Caller, Spoiled, authorization


async def meanwhile(
    server: Server, caller: Caller, path: str, work: Callable[[], object]
) -> list[float]:
    """Seconds that each of some requests took, one after the other, while `work` was done."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    request = (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {authorization(caller.account_sid, caller.auth_token)}\r\n\r\n"
    ).encode()
    waits, busy = [], asyncio.create_task(asyncio.to_thread(work))
    while not busy.done():
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        waits.append(time.perf_counter() - started)
        if b" 200 " not in head[:13]:
            raise Spoiled(f"GET {path} answered {head!r}")
    writer.close()
    await busy
    return waits
