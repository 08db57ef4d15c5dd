"""The commands of a second Auth Token: make it, put it in the first one's place, drop it."""

from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.world.dice import fresh_entropy
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit


async def create(sandbox: Sandbox, account: Account) -> Account:
    """From now on both tokens authenticate."""
    token, now = fresh_entropy().hex(), sandbox.clock.now()
    return await _change(sandbox, replace(account, secondary_token=token, secondary_at=now))


async def promote(sandbox: Sandbox, account: Account) -> Account:
    """The second token alone authenticates, and signs webhooks."""
    token, former = account.secondary_token, account.auth_token
    promoted = replace(account, auth_token=token, former_token=former)
    return await _change(sandbox, replace(promoted, secondary_token="", secondary_at=0))


async def delete(sandbox: Sandbox, account: Account) -> Account:
    """Only the first token authenticates."""
    return await _change(sandbox, replace(account, secondary_token="", secondary_at=0))


async def _change(sandbox: Sandbox, account: Account) -> Account:
    unit = Unit()
    account = sandbox.accounts.change(account, unit)
    await sandbox.engine.commit(unit)
    return account
