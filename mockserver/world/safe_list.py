"""The commands of an account's safe list: numbers that no fraud guard holds up; here none does."""

from mockserver.domain.accounts import Account, SafeNumber
from mockserver.domain.sids import mint
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit


def find(sandbox: Sandbox, account: Account, phone_number: str) -> SafeNumber | None:
    """The entry of a number, or of the prefix of a thousand numbers, as it was added."""
    return sandbox.tables.safe_list.get(_key(account, phone_number))


async def add(sandbox: Sandbox, account: Account, phone_number: str) -> SafeNumber:
    """Put a number on the list; one that is there stays as it is."""
    if (found := find(sandbox, account, phone_number)) is not None:
        return found
    unit, tables = Unit(), sandbox.tables
    account = sandbox.accounts.come_into_being(account, unit)
    place = list(tables.accounts).index(account.sid)  # the SID itself comes from no seed
    sid = mint("GN", sandbox.dice.of("safe_list", f"{place} {phone_number}"))
    number, key = SafeNumber(sid, account.sid, phone_number), _key(account, phone_number)
    tables.safe_list[key] = number
    unit.put("safe_list", key, number)
    await sandbox.engine.commit(unit)
    return number


async def remove(sandbox: Sandbox, number: SafeNumber) -> None:
    """Take a number off the list."""
    unit, key = Unit(), f"{number.account_sid} {number.phone_number}"
    del sandbox.tables.safe_list[key]
    unit.put("safe_list", key, None)
    await sandbox.engine.commit(unit)


def _key(account: Account, phone_number: str) -> str:
    return f"{account.sid} {phone_number}"
