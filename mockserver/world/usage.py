"""Counting what an account has used: one pass over the messages, when somebody asks.

A message that was deleted is not counted any more, unlike at Twilio: the tables are what is there.
"""

import asyncio
from collections.abc import AsyncIterator, Set
from itertools import islice
from typing import Final

from mockserver.domain.accounts import Account
from mockserver.domain.message import Message
from mockserver.domain.usage import Tally
from mockserver.world.shelves import Bill
from mockserver.world.tables import MessageTable, Tables

SLICE: Final = 1_000
"""Messages counted before other work gets its turn: one to three milliseconds."""


def family(tables: Tables, account: Account) -> frozenset[str]:
    """SIDs of an account and of its subaccounts."""
    children = (x.sid for x in tables.accounts.values() if x.owner_account_sid == account.sid)
    return frozenset((account.sid, *children))


async def tally(messages: MessageTable, account_sids: Set[str]) -> Tally:
    """What these accounts have used; test credentials use nothing."""
    found = Tally()
    async for message in ordinary(messages):
        if message.account_sid not in account_sids or message.test:
            continue
        delivery = messages.find_delivery(message.sid)
        if delivery is not None and delivery.sent_at:
            found.add(message, delivery.sent_at, delivery.price)
    async for bill in bills(messages, account_sids):
        found.count(bill.sent_at, bill.channel, bill.from_, bill.price)
    return found


async def ordinary(messages: MessageTable) -> AsyncIterator[Message]:
    """Those on no shelf, giving way now and then."""
    rows = map(messages.places.row, range(len(messages.places)))
    while part := tuple(islice(rows, SLICE)):
        for row in part:
            if isinstance(row, Message):
                yield row
        await asyncio.sleep(0)


async def bills(messages: MessageTable, account_sids: Set[str]) -> AsyncIterator[Bill]:
    """Of what these accounts have on shelves, likewise."""
    for shelf in messages.shelves.of(account_sids):
        found = shelf.bills()
        while part := tuple(islice(found, SLICE)):
            for bill in part:
                yield bill
            await asyncio.sleep(0)
