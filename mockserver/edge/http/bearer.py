"""Who shows an access token of OAuth (`Authorization: Bearer …`), and whether it still counts."""

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
    found = _client(sandboxes, claims.client_id) if claims is not None else None
    if claims is None or found is None or not is_signed(token, found[1].secret):
        raise Refused(NOT_OURS)
    sandbox, client = found
    if sandbox.clock.now() >= claims.until:
        raise Refused(f"the access token ended at {iso(claims.until)}; get another")
    return sandbox, client


def _client(sandboxes: Sandboxes, client_id: str) -> tuple[Sandbox, ApiKey] | None:
    """One that came with a request, or the one that every account has from the start."""
    if (sandbox := sandboxes.of_account(client_id)) is not None:
        key = sandbox.accounts.key(client_id)
        return None if key is None else (sandbox, key)
    sid = f"AC{client_id[2:]}"
    sandbox = sandboxes.of_account(sid)
    account = sandbox.accounts.find(sid) if sandbox is not None else None
    if sandbox is None or account is None:
        return None
    return sandbox, ApiKey(client_id, account.auth_token, sid)
