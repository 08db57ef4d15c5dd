"""Counting what an account has used: one pass over the messages, when somebody asks.

A message that was deleted is not counted any more, unlike at Twilio: the tables are what is there.
"""

import asyncio
from itertools import islice
from typing import Final

from mockserver.domain.accounts import Account
from mockserver.domain.usage import Tally
from mockserver.world.tables import MessageTable, Tables

SLICE: Final = 2_000
"""Messages counted before other work gets its turn: about two milliseconds."""


def family(tables: Tables, account: Account) -> frozenset[str]:
    """SIDs of an account and of its subaccounts."""
    children = (x.sid for x in tables.accounts.values() if x.owner_account_sid == account.sid)
    return frozenset((account.sid, *children))


async def tally(messages: MessageTable, account_sids: frozenset[str]) -> Tally:
    """What these accounts have used; test credentials use nothing."""
    found, left = Tally(), messages.oldest_first()
    while part := tuple(islice(left, SLICE)):
        for message in part:
            if message.account_sid not in account_sids or message.test:
                continue
            delivery = messages.find_delivery(message.sid)
            if delivery is not None and delivery.sent_at:
                found.add(message, delivery.sent_at, delivery.price)
        await asyncio.sleep(0)
    return found
