"""The commands of the Accounts resource: make a subaccount, rename, suspend, close; lists; balance.

SIDs and tokens come from no seed: they route.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from mockserver.domain.accounts import (
    OPENING_BALANCE,
    SUBACCOUNTS,
    Account,
    status_refusal,
    subaccount_name,
)
from mockserver.domain.errors import TwilioError, problem
from mockserver.domain.paging import PageAsk
from mockserver.domain.sids import mint
from mockserver.world.dice import fresh_entropy
from mockserver.world.numbers import Numbers
from mockserver.world.registry import Registry
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Tables, Unit
from mockserver.world.usage import bills, family, ordinary


def children(tables: Tables, parent_sid: str) -> list[Account]:
    """The subaccounts of an account, oldest first, closed ones too."""
    return [each for each in tables.accounts.values() if each.owner_account_sid == parent_sid]


def page(
    sandbox: Sandbox, account: Account, ask: PageAsk, filters: Mapping[str, str]
) -> tuple[list[Account], bool]:
    """The account itself and its subaccounts, newest first; and whether more are behind the page.

    Raise `TwilioError` 21481.
    """
    name, status = filters.get("FriendlyName"), filters.get("Status")

    def fits(each: Account) -> bool:
        return name in (None, each.name) and status in (None, each.status)

    if account.owner_account_sid:
        return ([account] if fits(account) and not ask.token else []), False
    tables = sandbox.tables
    family = {account.sid: account, **tables.accounts}  # it may not have come into being
    return Registry(tables, "accounts", family).page(account, ask, fits)


async def create(sandbox: Sandbox, parent: Account, name: str) -> Account:
    """Make a subaccount; raise `TwilioError` 21101, 21480, or `ServerFull`."""
    if parent.owner_account_sid:
        raise TwilioError(problem(21101))
    siblings = children(sandbox.tables, parent.sid)
    if sum(each.status != "closed" for each in siblings) >= SUBACCOUNTS[parent.type]:
        raise TwilioError(problem(21480))
    accounts, unit, now = sandbox.accounts, Unit(), sandbox.clock.now()
    sid = mint("AC", fresh_entropy())
    accounts.claim(sid)
    parent = accounts.come_into_being(parent, unit)
    account = Account(
        sid,
        fresh_entropy().hex(),
        type=parent.type,
        friendly_name=name or subaccount_name(now),
        owner_account_sid=parent.sid,
        created_at=now,
    )
    accounts.set_up(account, unit)
    await sandbox.engine.commit(unit)
    return account


async def update(sandbox: Sandbox, account: Account, form: Mapping[str, Any]) -> Account:
    """Set `FriendlyName`, `Status`; raise the `TwilioError` that refuses it.

    What a suspended account has under way fails when it would be sent. One that is closed loses
    its numbers.
    """
    sandbox.engine.catch_up()
    status, name = form.get("Status", account.status), form.get("FriendlyName")
    if "Status" in form:
        parent = sandbox.accounts.find(account.owner_account_sid)
        if refusal := status_refusal(account, parent, status):
            raise TwilioError(refusal)
    unit = Unit()
    if status == "closed":
        Numbers(sandbox).release_all(account, unit)
    changed = replace(account, friendly_name=name or account.friendly_name, status=status)
    account = sandbox.accounts.change(changed, unit)
    await sandbox.engine.commit(unit)
    return account


async def balance(tables: Tables, account: Account) -> int:
    """Hundred-thousandths of a dollar: what there was, less what it and its subaccounts sent.

    Added up when asked. A message that was deleted costs nothing any more.
    """
    payers, messages = family(tables, account), tables.messages
    left = OPENING_BALANCE[account.type]
    async for message in ordinary(messages):
        if message.account_sid in payers:
            delivery = messages.find_delivery(message.sid)
            left += _parts(delivery.price) if delivery else 0
    async for bill in bills(messages, payers):
        left += _parts(bill.price)
    return left


def _parts(price: str) -> int:
    """Hundred-thousandths of a dollar in a message's price; 0 for none."""
    return int(price.replace(".", "")) if price else 0
