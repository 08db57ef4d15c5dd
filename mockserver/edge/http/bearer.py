"""Who shows an access token of OAuth (`Authorization: Bearer …`), and whether it still counts."""

from collections.abc import Iterator
from typing import Final

from mockserver.domain.access_tokens import claims_of, is_signed
from mockserver.domain.accounts import ApiKey
from mockserver.world.clock import iso
from mockserver.world.sandbox import Sandbox
from mockserver.world.sandboxes import Sandboxes

NOT_OURS: Final = "the access token is none that this server gave out, or its client is gone"


class Refused(Exception):
    """The token does not count; the text says why, for the journal."""


def holder_of(sandboxes: Sandboxes, token: str) -> tuple[Sandbox, ApiKey]:
    """The client that a token was given to, in its sandbox; raise `Refused`."""
    claims = claims_of(token)
    clients = () if claims is None else _clients(sandboxes, claims.client_id)
    found = next((each for each in clients if is_signed(token, each[1].secret)), None)
    if claims is None or found is None:
        raise Refused(NOT_OURS)
    sandbox, client = found
    if sandbox.clock.now() >= claims.until:
        raise Refused(f"the access token ended at {iso(claims.until)}; get another")
    return sandbox, client


def _clients(sandboxes: Sandboxes, client_id: str) -> Iterator[tuple[Sandbox, ApiKey]]:
    """One that came with a request, or else that of an account: for each Auth Token it has."""
    if (sandbox := sandboxes.of_account(client_id)) is not None:
        if (key := sandbox.accounts.key(client_id)) is not None:
            yield sandbox, key
        return
    sid = f"AC{client_id[2:]}"
    sandbox = sandboxes.of_account(sid)
    account = sandbox.accounts.find(sid) if sandbox is not None else None
    if sandbox is not None and account is not None:
        for secret in filter(None, (account.auth_token, account.secondary_token)):
            yield sandbox, ApiKey(client_id, secret, sid)
