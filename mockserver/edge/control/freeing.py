"""Frees what a sandbox leaves behind, so that nobody waits for it."""

import asyncio
from typing import Final

from mockserver.world.tables import Tables

FREED_AT_ONCE: Final = 2_000
"""Records of a reset sandbox that are freed before other work gets its turn: under 1 ms."""

PAUSE: Final = 0.05
"""Seconds between two looks at whether a snapshot is still made of them."""


async def free(tables: Tables) -> None:
    """Free old tables a slice at a time, once nobody reads them any more."""
    left = True
    while left:
        left = tables.shed(FREED_AT_ONCE)
        await asyncio.sleep(PAUSE if tables.messages.moments.stills else 0)
