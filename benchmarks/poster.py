"""The reference for callbacks: sign a form and post it, 32 at a time, with aiohttp's client.

python -m benchmarks.poster URL COUNT        prints the seconds it took
"""

import asyncio
import base64
import hashlib
import hmac
import sys
import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

import aiohttp
import uvloop

from benchmarks.wire import ACCOUNT_SID, AUTH_TOKEN

CONCURRENCY: Final = 32
HEADERS: Final = {
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "TwilioProxy/1.1",
    "Accept": "*/*",
    "I-Twilio-Idempotency-Token": "2f1c1d3e-8a55-4c33-9c3b-0f6c1d3e8a55",
    "X-Home-Region": "us1",
}


async def post_all(url: str, count: int) -> float:
    """Seconds that `count` signed callbacks take."""
    numbers = iter(range(count))
    connector = aiohttp.TCPConnector(limit=CONCURRENCY)
    async with aiohttp.ClientSession(connector=connector) as session:
        await post_some(session, url, iter(range(CONCURRENCY)))
        started = time.perf_counter()
        await asyncio.gather(*(post_some(session, url, numbers) for _ in range(CONCURRENCY)))
        return time.perf_counter() - started


async def post_some(session: aiohttp.ClientSession, url: str, numbers: Iterator[int]) -> None:
    """Post one after the other until the common supply is empty."""
    for number in numbers:
        form = delivered(number)
        headers = HEADERS | {"X-Twilio-Signature": signature(url, form)}
        async with session.post(url, data=urlencode(form), headers=headers) as answer:
            await answer.read()


def delivered(number: int) -> dict[str, str]:
    """A status callback's parameters."""
    sid = f"SM{number:032x}"
    return {
        "RawDlrDoneDate": "2612010000",
        "SmsSid": sid,
        "SmsStatus": "delivered",
        "MessageStatus": "delivered",
        "To": f"+1415555{number % 10_000:04d}",
        "MessageSid": sid,
        "AccountSid": ACCOUNT_SID,
        "From": "+15017122661",
        "ApiVersion": "2010-04-01",
    }


def signature(url: str, form: dict[str, str]) -> str:
    """`X-Twilio-Signature` by the published rule."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.digest(AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1)
    return base64.b64encode(digest).decode()


if __name__ == "__main__":
    print(uvloop.run(post_all(sys.argv[1], int(sys.argv[2]))))
